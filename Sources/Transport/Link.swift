import NIOCore

/// The state of one attempt in the transport; everything here happens on the event loop.
///
/// It ensures that an attempt ends once, and that nothing is reported afterwards.
final class Link {
    private let attempt: Attempt
    private let sink: any ConnectionSink
    private(set) var isOver = false
    var channel: (any Channel)?
    var session: SessionHandler?

    init(attempt: Attempt, sink: any ConnectionSink) {
        self.attempt = attempt
        self.sink = sink
    }

    var sinkHasRoom: Bool { sink.hasRoom }

    func report(_ event: ConnectionEvent) {
        if !isOver { sink.deliver(attempt, event) }
    }

    func end(_ end: ConnectionEnd) {
        report(.ended(end))
        isOver = true
    }

    func abandon() {
        isOver = true
        channel?.close(promise: nil)
    }
}
