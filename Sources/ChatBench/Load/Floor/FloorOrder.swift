import Foundation

/// What the floor's other side is to send. A line of JSON on its standard input.
struct FloorOrder: Codable, Equatable, Sendable {
    /// Room `n` has the sockets `n × members` and following.
    var rooms: Int
    var membersPerRoom: Int
    /// Messages per second; 0: as fast as it can.
    var rate: Double
    /// Joined into one write per socket.
    var framesPerWrite: Int
    /// A server's frame, header and all.
    var frame: Data
    /// Where in it the number of the message is put, eight bytes.
    var numberAt: Int
    /// Where a decimal `seq` is, or an empty range: it has to grow as a server's does.
    var sequence: Range<Int>
    /// Of `MonotonicClock`.
    var start: Int64
    var measureFrom: Int64
    var end: Int64
}

/// What it cost. A line of JSON on its standard output.
struct FloorCost: Codable, Equatable, Sendable {
    /// Within the measured span.
    var frames: Int
    var writes: Int
    /// Seconds of the processor.
    var user: Double
    var kernel: Double
    var seconds: Double
    /// All that were sent.
    var messages: Int
}
