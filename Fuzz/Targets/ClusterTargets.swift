import Domain
import Service
import Wire

@testable import InfrastructureNATS

extension FuzzTarget {
    private static let now = Timestamp(millisecondsSince1970: 1_800_000_000_000)

    /// What stands in the streams, and what instances tell each other.
    static let payloads = FuzzTarget("payloads", maximumBytes: 4096) { input in
        let owner = try Username("owner")
        for topic in [Topic.room(.global), .inbox(owner)] {
            let body = decode(input, topic)
            guard case .contribution(let contribution) = body else { continue }
            try requireSame(
                decode(StoredPayload.encode(Draft(contribution, in: topic)), topic), body,
                "an entry that was stored and read")
        }
        if let announcement = AnnouncementPayload.decode(input) {
            try requireSame(
                AnnouncementPayload.decode(AnnouncementPayload.encode(announcement)), announcement,
                "an announcement that was sent and read")
        }
        if let notice = AdministrationPayload.decode(input) {
            try requireSame(
                AdministrationPayload.decode(AdministrationPayload.encode(notice)), notice,
                "a notice that was sent and read")
        }
        let text = String(decoding: input, as: UTF8.self)
        if let topic = Subject.topic(of: text) {
            try require(Subject.stored(topic).utf8.elementsEqual(text.utf8), "two subjects of one topic")
        }
    }

    private static func decode(_ payload: [UInt8], _ topic: Topic) -> Entry.Body {
        StoredPayload.decode(payload, in: topic, sequence: SequenceNumber(7), epoch: Epoch("e"), now: now)
    }

    /// Answers of JetStream, and the URL of a NATS server.
    static let answers = FuzzTarget("answers", maximumBytes: 4096) { input in
        if let plain = PublishAcknowledgement(plain: input), let read = try? PublishAcknowledgement(answer: input) {
            try requireSame(plain.seq, read.seq, "the quick reader and the whole one")
        }
        _ = try? StoredMessageAnswer(answer: input)
        _ = try? ConsumerAnswer(answer: input)
        if let report = try? StreamReport(answer: input) {
            _ = (report.keepsAll, report.epoch, report.limit)
        }
        let text = String(decoding: input, as: UTF8.self)
        if let note = StreamNote(text) {
            try requireSame(StreamNote(note.added(to: text)), note, "a note that was written and read")
        }
        if let urls = try? NATSServerURL.list(text) {
            try require(urls.allSatisfy { 1...65_535 ~= $0.port }, "a port out of range")
        }
    }
}
