import Domain
import Foundation
import Wire

/// What JetStream says about a stream.
struct StreamReport: Sendable {
    /// As JetStream writes it; the same from every server of a cluster.
    let created: String
    let configuration: JSONValue
    let messages: UInt64
    /// What they take, as JetStream counts it.
    let bytes: UInt64
    /// The oldest message; one more than ``last`` where there is none. Nothing before it is retained.
    let first: UInt64
    let last: UInt64
    /// The messages of the subject that was asked about.
    let count: UInt64

    var note: StreamNote? { configuration["description"]?.text.flatMap(StreamNote.init) }

    /// Most messages that are kept of one subject.
    var limit: Int64 { StreamNote.limit(configuration["max_msgs_per_subject"]?.integer) }

    var epoch: Epoch {
        let created = Int64(nanosecondsIn: self.created).map { String($0, radix: 36) } ?? self.created
        return Epoch(note?.restoration.map { "\(created)-\($0.name)" } ?? created)
    }

    /// Whether nothing of the subject that was asked about has ever been dropped at or beyond ``first``.
    ///
    /// What has become too old goes at the stream's front, so it stands before `first`. What was one too many of its
    /// subject may have stood anywhere; but since then the subject has its full number, until the front reaches it and
    /// so has passed what was dropped before. That holds from the moment when the limit was last raised.
    var keepsAll: Bool {
        if count == 0 || messages == last + 1 - first { return true }
        guard let note, note.limit == limit, let since = note.since else { return false }
        return first > since && Int64(clamping: count) < limit
    }
}

extension StreamReport: JetStreamAnswer {
    init(_ object: JSONObject) throws(JSONFieldError) {
        created = try object.requiredText("created")
        configuration = JSONValue(try object.requiredObject("config"))
        let state = try object.requiredObject("state")
        messages = try state.requiredWhole("messages")
        bytes = try state.whole("bytes") ?? 0
        last = try state.requiredWhole("last_seq")
        // A new stream says zero.
        first = max(try state.requiredWhole("first_seq"), 1)
        var count: UInt64 = 0
        if let subjects = try state.object("subjects") {
            for (subject, _) in subjects.fields { count += try subjects.requiredWhole(subject) as UInt64 }
        }
        self.count = count
    }
}

/// What the cluster remembers about a stream, in the stream's own description, where all instances find it.
///
/// What an operator has written there stays; the note stands behind it in brackets.
struct StreamNote: Equatable, Sendable {
    /// The most messages of one subject, as this cluster knows them.
    var limit: Int64
    /// The stream's last message when the limit was last raised; nil: not known yet.
    var since: UInt64?
    /// The last time when the stream was found put back to an older state; nil: never.
    var restoration: Restoration?

    struct Restoration: Equatable, Sendable {
        /// Random.
        let name: String
        /// The stream's last message when it was found out: what was known beyond it is void.
        let last: UInt64
    }

    private static let opening = "[chat "

    init(limit: Int64, since: UInt64?, restoration: Restoration? = nil) {
        self.limit = limit
        self.since = since
        self.restoration = restoration
    }

    /// - Returns: nil where there is no note of ours.
    init?(_ description: String) {
        guard let start = description.range(of: Self.opening, options: .backwards), description.hasSuffix("]") else {
            return nil
        }
        var fields: [Substring: Substring] = [:]
        for field in description[start.upperBound...].dropLast().split(separator: " ") {
            let parts = field.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        guard let limit = fields["limit"].flatMap({ Int64($0) }) else { return nil }
        self.init(limit: limit, since: fields["since"].flatMap { UInt64($0) })
        if let name = fields["restored"], let last = fields["at"].flatMap({ UInt64($0) }) {
            restoration = Restoration(name: String(name), last: last)
        }
    }

    /// The description with this note in place of an earlier one.
    func added(to description: String) -> String {
        var own = description
        if StreamNote(description) != nil, let start = description.range(of: Self.opening, options: .backwards) {
            own = String(description[..<start.lowerBound])
        }
        if !own.isEmpty, !own.hasSuffix(" ") { own += " " }
        var fields = ["limit=\(limit)"]
        if let since { fields.append("since=\(since)") }
        if let restoration { fields += ["restored=\(restoration.name)", "at=\(restoration.last)"] }
        return own + Self.opening + fields.joined(separator: " ") + "]"
    }

    /// JetStream says -1, or nothing, for no limit.
    static func limit(_ number: Int64?) -> Int64 {
        guard let number, number > 0 else { return .max }
        return number
    }
}

extension Int64 {
    /// Since 1970; nil for what is no time such as `2026-01-02T03:04:05.123456789Z`.
    init?(nanosecondsIn text: String) {
        guard text.hasSuffix("Z") else { return nil }
        let parts = text.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count <= 2, let seconds = Timestamp(rfc3339Text: "\(parts[0]).000Z") else { return nil }
        let digits = parts.count == 2 ? parts[1] : "0"
        guard (1...9).contains(digits.count), let fraction = Int64(digits), fraction >= 0 else { return nil }
        let scale = (digits.count..<9).reduce(Int64(1)) { scale, _ in scale * 10 }
        let (whole, overflow) = seconds.millisecondsSince1970.multipliedReportingOverflow(by: 1_000_000)
        let (sum, sumOverflow) = whole.addingReportingOverflow(fraction * scale)
        guard !overflow, !sumOverflow else { return nil }
        self = sum
    }
}
