import Domain
import Foundation
import Wire

/// The state and configuration of a stream, as JetStream reports them.
struct StreamReport: Sendable {
    /// The creation time as JetStream writes it; every server of a cluster writes the same.
    let created: String
    let configuration: JSONValue
    let messages: UInt64
    /// The bytes that the messages take, as JetStream counts them.
    let bytes: UInt64
    /// The oldest message's sequence; one more than ``last`` if there is none. Nothing before it is retained.
    let first: UInt64
    let last: UInt64
    /// The number of messages of the subject that was asked about.
    let count: UInt64

    var note: StreamNote? { configuration["description"]?.text.flatMap(StreamNote.init) }

    /// How many messages of one subject are kept.
    var limit: Int64 { StreamNote.limit(configuration["max_msgs_per_subject"]?.integer) }

    var epoch: Epoch {
        let created = Int64(nanosecondsIn: self.created).map { String($0, radix: 36) } ?? self.created
        return Epoch(note?.restoration.map { "\(created)-\($0.name)" } ?? created)
    }

    /// Whether no message of the subject that was asked about was ever dropped at or after ``first``.
    ///
    /// Expired messages go from the stream's front, so they were before `first`. A message that was dropped because its
    /// subject was full may have been anywhere. But from then on the subject has its full number of messages, until the
    /// front reaches it and has passed what was dropped. This holds from the moment when the limit was last raised.
    var keepsAll: Bool {
        if count == 0 || messages == last &+ 1 &- first { return true }
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
        // A new stream reports zero.
        first = max(try state.requiredWhole("first_seq"), 1)
        var count: UInt64 = 0
        if let subjects = try state.object("subjects") {
            for (subject, _) in subjects.fields {
                let sum = count.addingReportingOverflow(try subjects.requiredWhole(subject))
                count = sum.overflow ? .max : sum.partialValue
            }
        }
        self.count = count
    }
}

/// What the cluster stores about a stream in the stream's own description, where all instances find it.
///
/// Text that an operator wrote there is kept; the note follows it in brackets.
struct StreamNote: Equatable, Sendable {
    /// The limit of messages per subject, as this cluster set it.
    var limit: Int64
    /// The stream's last sequence when the limit was last raised; nil: not known yet.
    var since: UInt64?
    /// The last time when the stream was found restored to an older state; nil: never.
    var restoration: Restoration?

    struct Restoration: Equatable, Sendable {
        /// Random.
        let name: String
        /// The stream's last sequence when that was found out. What instances knew beyond it is void.
        let last: UInt64
    }

    private static let opening = "[chat "

    init(limit: Int64, since: UInt64?, restoration: Restoration? = nil) {
        self.limit = limit
        self.since = since
        self.restoration = restoration
    }

    /// - Returns: nil if there is no note of ours.
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

    /// The description with this note, which replaces an earlier one.
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

    /// JetStream writes -1, or nothing, for no limit.
    static func limit(_ number: Int64?) -> Int64 {
        guard let number, number > 0 else { return .max }
        return number
    }
}

extension Int64 {
    /// Nanoseconds since 1970; nil unless the text has the form `2026-01-02T03:04:05.123456789Z`.
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
