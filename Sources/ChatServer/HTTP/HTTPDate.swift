import Domain

/// The date format of HTTP (RFC 9110 §5.6.7), as in `Sun, 06 Nov 1994 08:49:37 GMT`.
enum HTTPDate {
    private static let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    static func text(_ moment: Timestamp) -> String {
        let day = Int((Double(moment.millisecondsSince1970) / 86_400_000).rounded(.down))
        let words = moment.classicText.split(separator: " ")  // 1994-11-06 08:49:37
        let date = words.first?.split(separator: "-") ?? []
        guard words.count == 2, date.count == 3, let month = Int(date[1]), months.indices.contains(month - 1) else {
            return "Thu, 01 Jan 1970 00:00:00 GMT"
        }
        let dayOfWeek = days[((day % 7) + 7) % 7]
        return "\(dayOfWeek), \(date[2]) \(months[month - 1]) \(date[0]) \(words[1]) GMT"
    }
}
