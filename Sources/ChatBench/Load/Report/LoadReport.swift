/// The parameters and results of a run: `--json` writes it as it is, and `LoadTable` makes the text for people.
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
        /// Whether the connections had tokens; nil: no.
        var usesTokens: Bool?
        /// The bytes of a delivery on the wire, as received; nil if none came.
        var frameBytes: Int?
    }

    /// The opening of the connections.
    struct Opening: Codable, Equatable, Sendable {
        /// Connections that reached the intended state.
        var opened: Int
        /// The time until the last one did.
        var seconds: Double
        var perSecond: Double
        /// For one connection: the time until it had entered its rooms.
        var latency: LatencySummary?
        /// The time until all notices of the joins had been read.
        var span: SpanReport
    }

    struct Messages: Codable, Equatable, Sendable {
        var sent: Int
        var acknowledged: Int
        /// By code.
        var refused: [String: Int]
        var unanswered: Int
        /// Messages that were not sent because their senders' connections were lost.
        var skipped: Int
        /// Due before the end, but not sent: there was no room for them, or the load generator was too busy.
        var neverSent = 0
        var mostUnderWay: Int
    }

    struct Latencies: Codable, Equatable, Sendable {
        var delivery: LatencySummary?
        /// The time until the last member had the message.
        var round: LatencySummary?
        var ack: LatencySummary?
        var sentLate: LatencySummary?
    }

    struct Faults: Codable, Equatable, Sendable {
        var lost = 0
        var repeated = 0
        var disordered = 0
        /// Messages that nobody sent, or in the wrong room, and answers to the wrong connection.
        var strangers = 0
        /// Losses that the server reported.
        var gaps = 0
        /// Messages without an answer at the end.
        var unanswered = 0
        /// Messages refused for another reason than a rate limit, which is the operator's choice.
        var refused = 0
        /// The number of messages that should be answered, if not one of them was acknowledged.
        var unacknowledged = 0
        /// Lost connections, by cause.
        var dropped: [String: Int] = [:]
        /// The faults of the floor, one line each.
        var floor: [String] = []

        var isNone: Bool { self == Faults() }

        /// In words, the most serious first.
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
    /// The operator's title for the run.
    var title: String?
    var version: String
    var run: String
    var plan: Plan
    var opening: Opening?
    var messages: Messages?
    /// In total, with the warm-up.
    var deliveries = 0
    var latencies: Latencies?
    var faults = Faults()
    var measured: SpanReport
    var floor: FloorReport?

    /// Set if the load generator was so busy that it may have limited the figures.
    var isLoadBusy: Bool { measured.ownCores > 0.85 || opening.map { $0.span.ownCores > 0.85 } ?? false }

    /// Adds the measurement of a floor, and its faults.
    mutating func add(floor measured: LoadReport) {
        floor = measured.floor
        faults.floor += measured.faults.lines
    }

    /// The unit by which the cost is divided.
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

    /// The span from which the cost of the workload is taken.
    var charged: SpanReport { workload == "join" ? opening?.span ?? measured : measured }

    /// Processor time per unit in microseconds, of all watched processes.
    var microsecondsPerUnit: Double? {
        guard let unit, unit.count > 0, !charged.processes.isEmpty, charged.processes.allSatisfy(\.isReadable) else {
            return nil
        }
        return charged.processes.reduce(0) { $0 + $1.processor } * 1e6 / Double(unit.count)
    }

    /// The ratio of the cost of a delivery to that of a bare `send()`.
    var costRatio: Double? {
        guard let floor, floor.microseconds > 0, unit?.unit == .delivery else { return nil }
        return microsecondsPerUnit.map { $0 / floor.microseconds }
    }

    /// The ratio of the median times of a message to all members.
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
    /// The cores that this program used.
    var ownCores = 0.0
    var processes: [ProcessUse] = []

    func perSecond(_ count: Int) -> Double { Double(count) / max(seconds, 1e-9) }
}

/// What a bare loop of `send()` calls needed for the same frames.
struct FloorReport: Codable, Equatable, Sendable {
    var framesPerWrite: Int
    var frames: Int
    var writes: Int
    var frameBytes: Int
    var perSecond: Double
    /// Processor time per frame in microseconds.
    var userMicroseconds: Double
    var kernelMicroseconds: Double
    var delivery: LatencySummary?
    var round: LatencySummary?
    /// The cores that this program used for reading.
    var ownCores: Double

    var microseconds: Double { userMicroseconds + kernelMicroseconds }
}
