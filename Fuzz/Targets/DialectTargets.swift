@testable import Wire

// What a frame says is the same after it was written and read again.

extension FuzzTarget {
    /// Frames of the classic dialect, in both directions.
    static let classic = FuzzTarget("classic", maximumBytes: 4096) { input in
        if let command = try? ClassicCommand(json: input) {
            try requireSame(try ClassicCommand(json: command.json), command, "a command that was written and read")
        }
        if let event = try? ClassicEvent(json: input) {
            try requireSame(try ClassicEvent(json: event.json), event, "an event that was written and read")
        }
    }

    /// Requests of `chat.v2`.
    static let request = FuzzTarget("request", maximumBytes: 4096) { input in
        guard let request = try? V2Request(json: input) else { return }
        try requireSame(try V2Request(json: request.json), request, "a request that was written and read")
        let length = request.ref?.unicodeScalars.count ?? 0
        try require(length <= V2Request.maximumReferenceLength, "a reference that is too long")
    }

    /// Events of `chat.v2`, as a client reads them.
    static let event = FuzzTarget("event", maximumBytes: 4096) { input in
        guard let frame = try? V2Frame(json: input) else { return }
        try requireSame(try V2Frame(json: frame.json), frame, "an event that was written and read")
    }
}
