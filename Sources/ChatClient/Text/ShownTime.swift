/// Times as line mode shows them.
enum ShownTime {
    /// `yyyy-MM-dd HH:mm:ss` for RFC 3339 in UTC; other texts unchanged.
    static func text(_ timestamp: String) -> String {
        let parts = timestamp.split(separator: "T", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0].utf8.count == 10, timestamp.hasSuffix("Z"), parts[1].utf8.count >= 9 else {
            return timestamp
        }
        return "\(parts[0]) \(parts[1].prefix(8))"
    }
}
