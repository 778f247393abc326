/// Parses notices in which the classic dialect reports errors.
enum ClassicNotice {
    /// Whether the notice says that a message was not, or may not have been, passed on. No user can forge it: names
    /// have no spaces, and notices about users continue with ` joined` or ` left`.
    static func isRefusal(_ notice: String) -> Bool {
        ["message too long", "not sent:", "not confirmed:", "too many messages"].contains { notice.hasPrefix($0) }
    }

    /// Reads `too many messages: …, try again in 3 s`.
    static func pause(askedBy notice: String) -> Duration? {
        guard notice.hasPrefix("too many messages") else { return nil }
        return number(after: "try again in ", in: notice).map { min(.seconds($0), Timing.pause) }
    }

    /// Reads `too many messages: at most 100 in 10 s; …`.
    /// - Returns: the interval between messages that keeps to that limit.
    static func pace(statedBy notice: String) -> Duration? {
        guard notice.hasPrefix("too many messages"), let messages = number(after: ": at most ", in: notice),
            let seconds = number(after: " in ", in: notice), messages > 0
        else { return nil }
        return Pacing.interval(for: messages, in: seconds)
    }

    private static func number(after words: String, in notice: String) -> Int? {
        guard let found = notice.firstRange(of: words) else { return nil }
        return Int(notice[found.upperBound...].prefix { $0.isASCII && $0.isNumber }.prefix(9))
    }
}
