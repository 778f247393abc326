import Domain
import Foundation
import Testing

@testable import InfrastructureNATS

struct StreamReportTests {
    private func report(
        first: UInt64 = 1, last: UInt64 = 100, messages: UInt64 = 60, count: UInt64 = 5, limit: Int = 10,
        description: String = "[chat limit=10 since=0]", created: String = "2026-01-02T03:04:05.123456789Z"
    ) throws -> StreamReport {
        let json = """
            {"created":"\(created)","config":{"max_msgs_per_subject":\(limit),"description":"\(description)"},
            "state":{"messages":\(messages),"first_seq":\(first),"last_seq":\(last),"subjects":{"chat.room.a":\(count)}}}
            """
        return try StreamReport(answer: Array(json.utf8))
    }

    @Test func `a new stream begins at one`() throws {
        #expect(try report(first: 0, last: 0, messages: 0, count: 0).first == 1)
    }

    @Test func `a subject below its limit has lost nothing beyond the stream's front`() throws {
        #expect(try report(count: 9).keepsAll)
        #expect(try !report(count: 10).keepsAll)
        #expect(try report(count: 0).keepsAll)
    }

    @Test func `a stream without holes has lost nothing beyond its front, whatever its subjects hold`() throws {
        #expect(try report(first: 41, messages: 60, count: 10).keepsAll)
    }

    @Test func `what was dropped under a lower limit counts until the front has passed it`() throws {
        #expect(try !report(first: 40, messages: 50, description: "[chat limit=10 since=40]").keepsAll)
        #expect(try report(first: 41, messages: 50, description: "[chat limit=10 since=40]").keepsAll)
    }

    @Test func `figures that cannot be are read like others`() throws {
        #expect(try !report(first: .max, last: 0, messages: 1, description: "").keepsAll)
        #expect(try !report(first: 1, last: .max, messages: 7, description: "").keepsAll)
        let subjects = #""subjects":{"a":18446744073709551615,"b":2}"#
        let state = #""state":{"messages":1,"first_seq":1,"last_seq":1,\#(subjects)}"#
        #expect(try StreamReport(answer: Array(#"{"created":"","config":{},\#(state)}"#.utf8)).count == .max)
    }

    @Test(arguments: [
        "", "ours", "[chat limit=9 since=0]", "[chat limit=10]", "[chat limit=x since=0]", "[chat since=0]",
    ])
    func `nothing is known where nobody has noted it, or the limit was changed by somebody else`(note: String) throws {
        #expect(try !report(count: 5, description: note).keepsAll)
    }

    @Test func `the epoch is the time of creation, and another one after a restoration`() throws {
        let created = try report().epoch
        #expect(created.text == String(Int64(1_767_323_045_123_456_789), radix: 36))
        #expect(try report(description: "").epoch == created)
        let restored = try report(description: "[chat limit=10 since=0 restored=ab12 at=7]").epoch
        #expect(restored.text == created.text + "-ab12")
        #expect(try report(created: "2026-01-02T03:04:05.123456788Z").epoch != created)
    }

    @Test(
        arguments: [
            ("1970-01-01T00:00:01Z", 1_000_000_000), ("1970-01-01T00:00:00.5Z", 500_000_000),
            ("1970-01-01T00:00:00.000000001Z", 1), ("1970-01-01T00:00:00.1234567890Z", nil), ("yesterday", nil),
            ("1970-01-01T00:00:00.Z", nil), ("1970-01-01T00:00:00", nil), ("1970-01-01T00:00:00.-1Z", nil),
            ("9999-01-01T00:00:00Z", nil), ("", nil), ("Z", nil),
        ] as [(String, Int64?)])
    func `nanoseconds are read to the last one`(text: String, expected: Int64?) {
        #expect(Int64(nanosecondsIn: text) == expected)
    }
}

struct StreamNoteTests {
    private let note = StreamNote(
        limit: 1000, since: 7, restoration: StreamNote.Restoration(name: "ab12", last: 5))

    @Test(arguments: ["", "ours", "ours [not a note]", "a [chat of old", "[chat] [chat limit=no]"])
    func `a note stands behind the operator's own words and leaves them as they are`(words: String) {
        let text = note.added(to: words)
        #expect(text.hasPrefix(words))
        #expect(StreamNote(text) == note)
        let next = StreamNote(limit: 9, since: nil)
        #expect(next.added(to: text) == next.added(to: words))
        #expect(StreamNote(next.added(to: text)) == next)
    }

    @Test func `fields that are not known, from later versions, are passed over`() {
        #expect(StreamNote("[chat limit=5 color=red since=3 odd]") == StreamNote(limit: 5, since: 3))
    }

    @Test func `where JetStream has no limit any number is within it`() {
        for number: Int64? in [nil, 0, -1] { #expect(StreamNote.limit(number) == .max) }
        #expect(StreamNote.limit(5) == 5)
    }
}
