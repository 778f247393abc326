import Domain
import Testing

@testable import Service

struct ActivityLogTests {
    private let alice: Username
    private let bob: Username

    init() throws {
        alice = try Username("alice")
        bob = try Username("bob")
    }

    private func draft(_ content: String) -> Draft {
        Draft(id: MessageID(content), room: .global, sender: alice, content: content, timestamp: .now)
    }

    private func event(_ kind: ActivityEvent.Kind, _ name: String) -> ActivityEvent {
        ActivityEvent(kind, at: Timestamp(millisecondsSince1970: 0), username: name)
    }

    @Test func `the last hundred messages are kept, without their texts`() {
        let log = ActivityLog()
        for number in 1...150 { log.noteStored(draft("\(number)"), at: SequenceNumber(UInt64(number))) }
        let report = log.report
        #expect(report.totals.messages == 150)
        #expect(report.messages.map(\.id.text) == (51...150).map { "\($0)" })
        #expect(report.messages.last?.bytes == 3)
        #expect(report.messages.allSatisfy { $0.content == nil && $0.sender == "alice" && $0.room == .global })
    }

    @Test func `texts are kept where the operator wants them`() {
        let log = ActivityLog(keepsTexts: true)
        log.noteStored(draft("hello"), at: SequenceNumber(1))
        #expect(log.report.messages.map(\.content) == ["hello"])
    }

    @Test func `a private message counts once, and is not shown`() {
        let log = ActivityLog(keepsTexts: true)
        for owner in [bob, alice] {
            log.noteStored(
                Draft(id: MessageID("p"), in: owner, from: alice, to: bob, content: "psst", timestamp: .now),
                at: SequenceNumber(1))
        }
        #expect(log.report.messages.isEmpty)
        #expect(log.totals.messages == 1)
    }

    @Test func `those who are refused do not push the other events out`() {
        let log = ActivityLog()
        log.note(event(.connected, "alice"))
        for number in 1...1000 { log.note(event(.refused, "r\(number)")) }
        log.note(event(.disconnected, "alice"))
        let report = log.report
        #expect(report.totals.events == 1002)
        #expect(report.events.count == 102)
        #expect(report.events.first?.kind == .connected && report.events.last?.kind == .disconnected)
        #expect(report.events[1].username == "r901")
    }

    @Test func `five hundred events are kept at the most`() {
        let log = ActivityLog()
        for number in 0..<2000 { log.note(event(number.isMultiple(of: 2) ? .refused : .joined, "\(number)")) }
        #expect(log.report.events.count == ActivityLog.maximumEvents)
    }
}
