import Domain
import NIOCore
import Service
import Testing

@testable import ChatServer
@testable import TestSupport

struct PendingMessagesTests {
    private let time = Timestamp(millisecondsSince1970: 1_767_323_045_678)
    private let alice: Username
    private let dev: RoomName

    init() throws {
        alice = try Username("alice")
        dev = try RoomName("dev")
    }

    private func draft(_ id: String, in room: RoomName? = nil) -> Draft {
        Draft(id: MessageID(id), room: room ?? dev, sender: alice, content: id, timestamp: time)
    }

    private func stored(_ sequence: UInt64, isDuplicate: Bool = false) -> Stored {
        Stored(sequence: SequenceNumber(sequence), timestamp: time, isDuplicate: isDuplicate)
    }

    private func message(_ id: String, ref: String? = nil, in room: RoomName? = nil) -> PendingMessages.Message {
        .init(ref: ref, draft: draft(id, in: room), accepted: .distantPast)
    }

    @Test func `where the topic is read, the log's word waits until the reading is there`() {
        var pending = PendingMessages()
        let token = pending.submit(draft("m"), ref: "r")
        #expect(pending.count == 1)
        #expect(pending.message(token) == message("m", ref: "r"))
        #expect(pending.settle(token, .success(stored(9)), readUpTo: SequenceNumber(8)) == .wait)
        #expect(pending.count == 1)
        #expect(pending.pass(.room(dev), MessageID("m"), time) == message("m", ref: "r"))
        #expect(pending.count == 0)
        #expect(pending.pass(.room(dev), MessageID("m"), time) == nil)
    }

    @Test func `where the topic is not read, the log's word is enough`() {
        var pending = PendingMessages()
        let token = pending.submit(draft("m"), ref: nil)
        #expect(pending.settle(token, .success(stored(9)), readUpTo: nil) == .acknowledge(message("m"), stored(9)))
        #expect(pending.count == 0)
    }

    @Test(arguments: [0, 5, 9, 20] as [UInt64])
    func `a duplicate is acknowledged at once, wherever the reading stands`(cursor: UInt64) {
        var pending = PendingMessages()
        let token = pending.submit(draft("m"), ref: "r")
        let outcome = pending.settle(token, .success(stored(9, isDuplicate: true)), readUpTo: SequenceNumber(cursor))
        #expect(outcome == .acknowledge(message("m", ref: "r"), stored(9, isDuplicate: true)))
        #expect(pending.count == 0)
    }

    @Test func `the reading may be faster than the log's word, which says nothing new then`() {
        var pending = PendingMessages()
        let token = pending.submit(draft("m"), ref: "r")
        #expect(pending.pass(.room(dev), MessageID("m"), time) == message("m", ref: "r"))
        #expect(pending.settle(token, .success(stored(9)), readUpTo: SequenceNumber(9)) == .wait)
        #expect(pending.settle(token, .failure(ChatError(.unavailable, "x")), readUpTo: nil) == .wait)
        #expect(pending.count == 0)
    }

    @Test func `what failed is refused, and the reading does not acknowledge it any more`() {
        var pending = PendingMessages()
        let token = pending.submit(draft("m"), ref: "r")
        let failure = Result<Stored, ChatError>.failure(ChatError(.unavailable, "x"))
        #expect(
            pending.settle(token, failure, readUpTo: SequenceNumber(3)) == .refuse(message("m", ref: "r"))
        )
        #expect(pending.pass(.room(dev), MessageID("m"), time) == nil)
        #expect(pending.count == 0)
    }

    @Test(arguments: [9, 10, 1000] as [UInt64])
    func `a place that the reading has passed is in doubt, and trusted only when asked`(cursor: UInt64) {
        var pending = PendingMessages()
        let token = pending.submit(draft("m"), ref: "r")
        #expect(pending.settle(token, .success(stored(9)), readUpTo: SequenceNumber(cursor)) == .doubt)
        #expect(pending.count == 1)
        let trusted = pending.trust(token)
        #expect(trusted?.message == message("m", ref: "r") && trusted?.stored == stored(9))
        #expect(pending.trust(token) == nil)
        #expect(pending.count == 0)
    }

    @Test func `what the log has not answered for cannot be trusted`() {
        var pending = PendingMessages()
        let token = pending.submit(draft("m"), ref: "r")
        #expect(pending.trust(token) == nil)
        #expect(pending.count == 1)
    }

    @Test func `the same id twice is two messages, passed in the order in which they were said`() {
        var pending = PendingMessages()
        let first = pending.submit(draft("m"), ref: "1")
        let second = pending.submit(draft("m"), ref: "2")
        #expect(pending.settle(first, .success(stored(9)), readUpTo: SequenceNumber(3)) == .wait)
        let duplicate = stored(9, isDuplicate: true)
        #expect(
            pending.settle(second, .success(duplicate), readUpTo: SequenceNumber(3))
                == .acknowledge(message("m", ref: "2"), duplicate))
        #expect(pending.pass(.room(dev), MessageID("m"), time) == message("m", ref: "1"))
        #expect(pending.pass(.room(dev), MessageID("m"), time) == nil)
        #expect(pending.count == 0)
    }

    @Test func `what an earlier try has stored is met without a word: the log has the say`() {
        var pending = PendingMessages()
        let token = pending.submit(draft("m"), ref: "r")
        let earlier = Timestamp(millisecondsSince1970: time.millisecondsSince1970 - 1)
        #expect(pending.pass(.room(dev), MessageID("m"), earlier) == nil)
        #expect(pending.count == 1)
        let first = Stored(sequence: SequenceNumber(4), timestamp: earlier, isDuplicate: true)
        #expect(
            pending.settle(token, .success(first), readUpTo: SequenceNumber(9))
                == .acknowledge(message("m", ref: "r"), first))
    }

    @Test func `an id counts to the byte`() {
        var pending = PendingMessages()
        _ = pending.submit(draft("caf\u{E9}"), ref: "r")
        #expect(pending.pass(.room(dev), MessageID("cafe\u{301}"), time) == nil)
        #expect(pending.pass(.room(dev), MessageID("caf\u{E9}"), time)?.ref == "r")
    }

    @Test func `an id counts within its topic`() throws {
        var pending = PendingMessages()
        _ = pending.submit(draft("m"), ref: "dev")
        _ = pending.submit(draft("m", in: .global), ref: "global")
        let copy = Draft(
            id: MessageID("m"), in: alice, from: alice, to: try Username("bob"), content: "m", timestamp: time)
        _ = pending.submit(copy, ref: "inbox")
        #expect(pending.pass(.room(.global), MessageID("m"), time)?.ref == "global")
        #expect(pending.pass(.inbox(alice), MessageID("m"), time)?.ref == "inbox")
        #expect(pending.pass(.inbox(try Username("bob")), MessageID("m"), time) == nil)
        #expect(pending.pass(.room(dev), MessageID("m"), time)?.ref == "dev")
    }

    @Test func `who reads a topic no more has what the log knows acknowledged, in order, and the rest later`() {
        var pending = PendingMessages()
        let tokens = ["a", "b", "c"].map { pending.submit(draft($0), ref: $0) }
        let other = pending.submit(draft("d", in: .global), ref: "d")
        for (token, sequence) in [(tokens[2], 12), (tokens[0], 10), (other, 13)] as [(Int, UInt64)] {
            #expect(pending.settle(token, .success(stored(sequence)), readUpTo: SequenceNumber(3)) == .wait)
        }
        let ended = pending.endReading(.room(dev))
        #expect(ended.map(\.message.ref) == ["a", "c"])
        #expect(ended.map(\.stored.sequence.value) == [10, 12])
        #expect(pending.endReading(.room(dev)).isEmpty)
        #expect(
            pending.settle(tokens[1], .success(stored(11)), readUpTo: nil)
                == .acknowledge(message("b", ref: "b"), stored(11)))
        #expect(pending.count == 1)
        #expect(pending.pass(.room(.global), MessageID("d"), time)?.ref == "d")
    }

    @Test func `once everything is forgotten, late words of the log say nothing`() {
        var pending = PendingMessages()
        let token = pending.submit(draft("m"), ref: "r")
        pending.removeAll()
        #expect(pending.count == 0)
        #expect(pending.settle(token, .success(stored(9)), readUpTo: nil) == .wait)
        #expect(pending.pass(.room(dev), MessageID("m"), time) == nil)
        #expect(pending.endReading(.room(dev)).isEmpty)
        // Nor does a new message take an old one's answer.
        let later = pending.submit(draft("m"), ref: "later")
        #expect(later != token)
    }

    /// One topic, a log with its order, and a reading that comes by its entries; who settles first is chance.
    @Test(arguments: 1...100 as ClosedRange<UInt64>)
    func `each message is answered once, and first acknowledgements stand in the log's order`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var pending = PendingMessages()
        var cursor: UInt64 = 0
        var answered: [String] = []
        var acknowledged: [UInt64] = []
        // Some ids stand twice: the second try is a duplicate.
        var log: [String] = []
        var unsettled: [(token: Int, ref: String, result: Result<Stored, ChatError>)] = []
        for number in 0..<40 {
            let isRetry = !log.isEmpty && Int.random(in: 0..<5, using: &random) == 0
            let id = isRetry ? log[Int.random(in: log.indices, using: &random)] : "m\(number)"
            let ref = "r\(number)"
            let token = pending.submit(draft(id), ref: ref)
            if let position = log.firstIndex(of: id) {
                unsettled.append((token, ref, .success(stored(UInt64(position) + 1, isDuplicate: true))))
            } else if Int.random(in: 0..<8, using: &random) == 0 {
                unsettled.append((token, ref, .failure(ChatError(.unavailable, "x"))))
            } else {
                log.append(id)
                unsettled.append((token, ref, .success(stored(UInt64(log.count)))))
            }
            while Bool.random(using: &random) {
                if Bool.random(using: &random), cursor < log.count {
                    let id = log[Int(cursor)]
                    cursor += 1
                    if let message = pending.pass(.room(dev), MessageID(id), time) {
                        answered.append(message.ref ?? "")
                        acknowledged.append(cursor)
                    }
                } else if !unsettled.isEmpty {
                    settleNext()
                }
            }
        }
        while !unsettled.isEmpty { settleNext() }
        while cursor < log.count {
            cursor += 1
            if let message = pending.pass(.room(dev), MessageID(log[Int(cursor) - 1]), time) {
                answered.append(message.ref ?? "")
                acknowledged.append(cursor)
            }
        }
        func settleNext() {
            let (token, ref, result) = unsettled.removeFirst()
            switch pending.settle(token, result, readUpTo: SequenceNumber(cursor)) {
            case .wait: break
            case .acknowledge(let message, let stored):
                #expect(message.ref == ref && stored.isDuplicate)
                answered.append(ref)
            case .refuse(let message):
                #expect(message.ref == ref)
                answered.append(ref)
            case .doubt:
                Issue.record("the log is the one that it was")
            }
        }
        #expect(pending.count == 0)
        #expect(answered.count == 40)
        #expect(Set(answered) == Set((0..<40).map { "r\($0)" }))
        #expect(acknowledged == acknowledged.sorted())
    }
}

extension PendingMessages {
    /// When it was accepted is of no importance here.
    fileprivate mutating func submit(_ draft: Draft, ref: String?) -> Token {
        submit(draft, ref: ref, at: .distantPast)
    }
}
