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

    /// How the connections came about.
    struct Opening: Codable, Equatable, Sendable {
        /// Connections that got as far as they were to.
        var opened: Int
        /// Until the last one had.
        var seconds: Double
        var perSecond: Double
        /// Of one connection, until it had entered its rooms.
        var latency: LatencySummary?
        /// Until the news of it all had been read.
        var span: SpanReport
    }

    struct Messages: Codable, Equatable, Sendable {
        var sent: Int
        var acknowledged: Int
        /// By code.
        var refused: [String: Int]
        var unanswered: Int
        /// Turns of senders whose connections were lost.
        var skipped: Int
        /// Due before the end, but there was no room for them, or the load generator was too busy.
        var neverSent = 0
        var mostUnderWay: Int
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
        /// Messages nobody sent, or in the wrong room, and answers to somebody else.
        var strangers = 0
        /// Losses the server owned up to.
        var gaps = 0
        /// Messages that had no answer when all was over.
        var unanswered = 0
        /// Messages refused otherwise than because of a rate limit, which is the operator's choice.
        var refused = 0
        /// All messages that were to be answered, where not one of them was acknowledged.
        var unacknowledged = 0
        /// Connections, by cause.
        var dropped: [String: Int] = [:]
        /// What was wrong with the floor, a line each.
        var floor: [String] = []

        var isNone: Bool { self == Faults() }

        /// In words, what weighs most first.
        var lines: [String] {
            let counts = [
                (lost, "deliveries lost"), (repeated, "repeated"), (disordered, "out of order"),
                (strangers, "of unknown messages"), (gaps, "gaps told of"), (unanswered, "messages not answered"),
                (refused, "messages refused"), (unacknowledged, "messages sent, and not one acknowledged"),
            ]
            let causes = dropped.sorted { ($0.value, $1.key) > ($1.value, $0.key) }
            return counts.filter { $0.0 > 0 }.map { "\(Figure.count($0.0)) \($0.1)" }
                + causes.map { "\(Figure.count($0.value)) connections dropped: \($0.key)" }
                + floor.map { "floor: \($0)" }
        }
    }

    var workload: String
    /// What the operator calls it.
    var title: String?
    var version: String
    var run: String
    var plan: Plan
    var opening: Opening?
    var messages: Messages?
    /// In all, with the warm-up.
    var deliveries = 0
    var latencies: Latencies?
    var faults = Faults()
    var measured: SpanReport
    var floor: FloorReport?

    /// Where the load generator was so busy that the figures may be its own.
    var isLoadBusy: Bool { measured.ownCores > 0.85 || opening.map { $0.span.ownCores > 0.85 } ?? false }

    /// Takes in what a floor was measured to be, and what was wrong with it.
    mutating func add(floor measured: LoadReport) {
        floor = measured.floor
        faults.floor += measured.faults.lines
    }

    /// What the cost is divided by.
    enum Unit: String, Sendable {
        case delivery, message, join
    }

    var unit: (unit: Unit, count: Int)? {
        switch workload {
        case "join": opening.map { (.join, $0.opened) }
        case "append" where plan.membersPerRoom == 1: (.message, measured.acknowledged)
        case "fanout", "append": (.delivery, measured.deliveries)
        default: nil
        }
    }

    /// What the cost of the workload is taken from.
    var charged: SpanReport { workload == "join" ? opening?.span ?? measured : measured }

    /// Microseconds of the processor per unit, of all watched processes.
    var microsecondsPerUnit: Double? {
        guard let unit, unit.count > 0, !charged.processes.isEmpty, charged.processes.allSatisfy(\.isReadable) else {
            return nil
        }
        return charged.processes.reduce(0) { $0 + $1.processor } * 1e6 / Double(unit.count)
    }

    /// How much more a delivery cost than a bare `send()`.
    var costRatio: Double? {
        guard let floor, floor.microseconds > 0, unit?.unit == .delivery else { return nil }
        return microsecondsPerUnit.map { $0 / floor.microseconds }
    }

    /// How much longer a message took to all members, by the median.
    var roundRatio: Double? {
        guard let floor = floor?.round, floor.p50 > 0 else { return nil }
        return latencies?.round.map { $0.p50 / floor.p50 }
    }
}

extension LoadReport.Faults {
    /// - Parameter dropped: connections lost, by cause.
    init(book: borrowing DeliveryBook, dropped: [String: Int]) {
        let counts = book.counts
        self.init(
            lost: book.missing, repeated: counts.repeated, disordered: counts.disordered, strangers: counts.strangers,
            gaps: counts.gaps, unanswered: book.unanswered,
            refused: counts.refused.reduce(0) { $1.key == "rate_limited" ? $0 : $0 + $1.value },
            unacknowledged: counts.acknowledged == 0 ? counts.answerable : 0, dropped: dropped)
    }
}

/// What happened in a span of time, and what it cost.
struct SpanReport: Codable, Equatable, Sendable {
    var seconds = 0.0
    var deliveries = 0
    var acknowledged = 0
    /// Frames without a message of this run.
    var otherFrames = 0
    /// Cores this program used.
    var ownCores = 0.0
    var processes: [ProcessUse] = []

    func perSecond(_ count: Int) -> Double { Double(count) / max(seconds, 1e-9) }
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
