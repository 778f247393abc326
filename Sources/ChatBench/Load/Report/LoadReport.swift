/// What a run was, and what came of it: for `--json` as it stands, for people through `LoadTable`.
struct LoadReport: Codable, Equatable, Sendable {
    struct Plan: Codable, Equatable, Sendable {
        var addresses: [String]
        var dialect: String
        var rooms: Int
        var membersPerRoom: Int
        var sendersPerRoom: Int
        var connections: Int
        var idleRooms: Int
        /// Messages per second.
        var rate: Double
        var warmupSeconds: Double
        var seconds: Double
        var contentBytes: Int
        /// Of a delivery on the wire, as seen; nil where none came.
        var frameBytes: Int?
    }

    struct Connecting: Codable, Equatable, Sendable {
        var seconds: Double
        var perSecond: Double
    }

    struct Messages: Codable, Equatable, Sendable {
        var sent: Int
        var acknowledged: Int
        /// By code.
        var refused: [String: Int]
        var unanswered: Int
        /// Turns of senders whose connections were lost.
        var skipped: Int
        var mostUnderWay: Int
    }

    struct Deliveries: Codable, Equatable, Sendable {
        /// In all, with the warm-up.
        var count: Int
        /// Over the measured span.
        var measured: Int
        var perSecond: Double
        var otherFrames: Int
    }

    struct Latencies: Codable, Equatable, Sendable {
        var delivery: LatencySummary?
        /// Until the last member had it.
        var round: LatencySummary?
        var ack: LatencySummary?
        var sentLate: LatencySummary?
    }

    struct Faults: Codable, Equatable, Sendable {
        var lost = 0
        var repeated = 0
        var disordered = 0
        /// Messages nobody sent, or in the wrong room.
        var strangers = 0
        /// Losses the server owned up to.
        var gaps = 0
        /// Connections, by cause.
        var dropped: [String: Int] = [:]

        var isNone: Bool { self == Faults() }
    }

    var workload: String
    var version: String
    var run: String
    var plan: Plan
    var connecting: Connecting?
    var messages: Messages?
    var deliveries: Deliveries?
    var latencies: Latencies?
    var faults = Faults()
    var measuredSeconds: Double
    var processes: [ProcessUse] = []
    /// Cores this program used.
    var ownCores: Double
    var floor: FloorReport?

    /// Where the load generator was so busy that the figures may be its own.
    var isLoadBusy: Bool { ownCores > 0.85 }

    /// Microseconds of the processor per delivery, of all watched processes.
    var microsecondsPerDelivery: Double? {
        guard let deliveries, deliveries.measured > 0, !processes.isEmpty, processes.allSatisfy(\.isReadable) else {
            return nil
        }
        return processes.reduce(0) { $0 + $1.user + $1.kernel } * 1e6 / Double(deliveries.measured)
    }
}

/// What a bare loop of `send()` calls needed for the same.
struct FloorReport: Codable, Equatable, Sendable {
    var framesPerWrite: Int
    var frames: Int
    var writes: Int
    var frameBytes: Int
    var perSecond: Double
    /// Microseconds of the processor per frame.
    var userMicroseconds: Double
    var kernelMicroseconds: Double
    var delivery: LatencySummary?
    var round: LatencySummary?
    /// Cores this program used for reading.
    var ownCores: Double

    var microseconds: Double { userMicroseconds + kernelMicroseconds }
}
