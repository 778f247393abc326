import Wire

/// Frames that are larger than the server takes. It closes the connection with 1009 for each, whatever is in it, so that such
/// a line would never get through, and nothing behind it.
extension ClientState {
    /// What is wrong with a line that is not even to be sent; `nil` where nothing is known to be.
    func tooLong(_ item: Outgoing, as request: V2Request) -> String? {
        if let content = item.request.content, v2.limits.messageBytes > 0 {
            let excess = content.utf8.count - v2.limits.messageBytes
            if excess > 0 { return "too long by \(excess) bytes; the server takes \(v2.limits.messageBytes)" }
        }
        // Most lines are so short that nobody has to look at how they are written.
        let limit = v2.frameLimit
        guard 6 * item.line.utf8.count + FrameLimit.envelopeBytes > limit else { return nil }
        let size = request.json.count
        return size > limit ? "too long as it is written in a frame: \(size) bytes; the server takes \(limit)" : nil
    }

    /// The connection was closed with 1009. Which frame was too large the server does not say; none can have been if the
    /// largest was not.
    mutating func failTooLarge() -> [ClientEffect] {
        let sizes = outbox.inFlight.map { number, item in (number: number, bytes: frame(for: item, number).count) }
        guard let largest = sizes.max(by: { $0.bytes < $1.bytes }), largest.bytes > largestPassedOn else {
            return dialect == .classic ? failPassedOn() : []
        }
        guard let item = outbox.settle(largest.number) else { return [] }
        if dialect == .v2 { v2.refusedFrameBytes = largest.bytes }
        let effects = fail(item, because: "too long for the server as it is written in a frame: \(largest.bytes) bytes")
        return item.request.isMove && dialect == .v2 ? effects + failStranded(in: rooms.confirmed) : effects
    }

    /// A line of the classic dialect is settled when the system has it, and so was the one that the server did not take.
    private mutating func failPassedOn() -> [ClientEffect] {
        guard largestPassedOn > 0 else { return [] }
        if !configuration.isInteractive { hasDropped = true }
        return [.show(.status("a line was too long for the server, which did not pass it on"))]
    }

    private func frame(for item: Outgoing, _ number: Int) -> [UInt8] {
        switch dialect {
        case .classic: item.request.classic?.json ?? []
        case .v2: V2Request(command(for: item), ref: String(number)).json
        }
    }

    /// A line of the classic dialect went out.
    mutating func passedOn(_ item: Outgoing) {
        largestPassedOn = max(largestPassedOn, item.request.classic?.json.count ?? 0)
    }
}
