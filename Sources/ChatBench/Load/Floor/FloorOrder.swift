import Foundation

/// The order for the floor's other side. A line of JSON on its standard input.
struct FloorOrder: Codable, Equatable, Sendable {
    /// Room `n` has the sockets from `n × members` on.
    var rooms: Int
    var membersPerRoom: Int
    /// Messages per second; 0: as fast as possible.
    var rate: Double
    /// Frames that are joined into one write per socket.
    var framesPerWrite: Int
    /// A server's frame, with its header.
    var frame: Data
    /// The position of the message's number in it, eight bytes.
    var numberAt: Int
    /// The position of a decimal `seq`, or an empty range: `seq` must grow as on a server.
    var sequence: Range<Int>
    /// In the time of `MonotonicClock`.
    var start: Int64
    var measureFrom: Int64
    var end: Int64
}

/// The cost. A line of JSON on its standard output.
struct FloorCost: Codable, Equatable, Sendable {
    /// Within the measured span.
    var frames: Int
    var writes: Int
    /// Processor time in seconds.
    var user: Double
    var kernel: Double
    var seconds: Double
    /// All frames that were sent.
    var messages: Int
}
