#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The `Retry-After` header, RFC 9110 §10.2.3: a number of seconds, which chat servers send, or a date, which some
/// proxies send.
enum RetryAfter {
    /// Longer delays are cut to this.
    static let longest = Duration.seconds(86_400)

    /// - Returns: from zero to ``longest``; `nil` if the header has neither form.
    static func delay(_ value: String, now: time_t = time(nil)) -> Duration? {
        let isNumber = !value.isEmpty && value.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        if isNumber { return Int(value).map { min(.seconds($0), longest) } ?? longest }
        return date(value).map { min(max(.zero, .seconds($0 - now)), longest) }
    }

    /// Reads `Sun, 06 Nov 1994 08:49:37 GMT`, the only form that senders may still use (§5.6.7).
    private static func date(_ value: String) -> time_t? {
        let words = value.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int32(words[1]), (1...31).contains(day),
            let month = months.firstIndex(of: words[2]), let year = Int32(words[3]), (1970...9999).contains(year)
        else { return nil }
        let clock = words[4].split(separator: ":").compactMap { Int32($0) }
        guard clock.count == 3, (0...23).contains(clock[0]), (0...59).contains(clock[1]), (0...60).contains(clock[2])
        else { return nil }
        var parts = tm()
        parts.tm_year = year - 1900
        parts.tm_mon = Int32(month)
        parts.tm_mday = day
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (clock[0], clock[1], clock[2])
        return timegm(&parts)
    }

    private static let months: [Substring] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
}
