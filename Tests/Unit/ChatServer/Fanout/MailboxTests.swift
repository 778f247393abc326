import Domain
import Foundation
import NIOCore
import Synchronization
import Testing

@testable import ChatServer

struct MailboxTests {
    private static var limit: DispatchTime { .now() + 30 }
    private let encoding: Encoding

    init() {
        var encodings = EncodingTable()
        encoding = encodings.register(readsLog: false) { _ in nil }
    }

    /// An event of ten bytes that can be told from others.
    private func event(_ number: Int) -> LoopItem {
        .deliver(
            Delivery(
                topic: .room(.global),
                frames: [
                    .init(encoding: encoding, bytes: ByteBuffer(integer: number, as: Int.self).padded(to: 10))
                ],
                place: nil, arrived: nil, except: .none))
    }

    private func numbers(_ items: [LoopItem]) -> [Int] {
        items.compactMap { item in
            guard case .deliver(let delivery) = item, let frame = delivery.frame(in: encoding) else { return nil }
            return frame.getInteger(at: frame.readerIndex, as: Int.self)
        }
    }

    @Test func `things come out in the order in which they went in, and the loop is woken once`() {
        let mailbox = Mailbox()
        let wakeUps = (0..<5).map { mailbox.put(event($0)).mustSchedule }
        #expect(wakeUps == [true, false, false, false, false])
        let (items, hasMore) = mailbox.take(maximumEventBytes: .max)
        #expect(numbers(items) == [0, 1, 2, 3, 4])
        #expect(!hasMore)
        #expect(mailbox.put(event(5)).mustSchedule)
    }

    @Test func `a tick takes what it can, and comes back for the rest without being woken`() {
        let mailbox = Mailbox()
        for number in 0..<5 { _ = mailbox.put(event(number)) }
        let first = mailbox.take(maximumEventBytes: 20)
        #expect(numbers(first.items) == [0, 1] && first.hasMore)
        #expect(!mailbox.put(event(5)).mustSchedule)
        let second = mailbox.take(maximumEventBytes: 1)
        #expect(numbers(second.items) == [2] && second.hasMore)
        let third = mailbox.take(maximumEventBytes: .max)
        #expect(numbers(third.items) == [3, 4, 5] && !third.hasMore)
        #expect(mailbox.take(maximumEventBytes: .max).items.isEmpty)
    }

    @Test func `an event larger than the bound gets through an empty mailbox`() {
        let mailbox = Mailbox(maximumEventBytes: 5)
        #expect(!mailbox.put(event(1)).waited)
        #expect(numbers(mailbox.take(maximumEventBytes: 1).items) == [1])
    }

    @Test func `only events wait for room`() throws {
        let mailbox = Mailbox(maximumEventBytes: 10)
        let connection = try EmbeddedEdge().connect().connection
        _ = mailbox.put(event(1))
        for item in [
            .enter(.room(.global), connection, first: ByteBuffer()), .exit(.room(.global), connection),
            .close(.draining, connection),
            .write(ByteBuffer(repeating: 0, count: 99), connection), .perform {}, .settle {},
        ]
            as [LoopItem]
        {
            #expect(!mailbox.put(item).waited)
        }
        #expect(mailbox.take(maximumEventBytes: .max).items.count == 7)
    }

    @Test func `producers that are faster than the loop wait, and nothing is lost or out of order`() {
        let mailbox = Mailbox(maximumEventBytes: 100)
        let wakeUp = DispatchSemaphore(value: 0)
        let waits = Atomic(0)
        let producers = 3
        let each = 500
        for producer in 0..<producers {
            Thread.detachNewThread {
                for number in 0..<each {
                    let (mustSchedule, waited) = mailbox.put(event(producer * each + number))
                    if waited { waits.add(1, ordering: .relaxed) }
                    if mustSchedule { wakeUp.signal() }
                }
            }
        }
        var taken: [Int] = []
        var isLate = false
        while taken.count < producers * each, !isLate {
            // Asleep until something is there: until then the producers can only fill the mailbox.
            isLate = wakeUp.wait(timeout: Self.limit) == .timedOut
            var hasMore = true
            while hasMore {
                let batch = mailbox.take(maximumEventBytes: .max)
                // Whoever finds a little room may fill it once.
                #expect(batch.items.count <= 10)
                taken += numbers(batch.items)
                hasMore = batch.hasMore
            }
        }
        #expect(!isLate)
        for producer in 0..<producers {
            let own = taken.filter { $0 / each == producer }
            #expect(own == (0..<each).map { producer * each + $0 })
        }
    }

    @Test func `a producer waits until something is taken`() {
        let mailbox = Mailbox(maximumEventBytes: 10)
        _ = mailbox.put(event(1))
        let outcome = Mutex<Bool?>(nil)
        let started = DispatchSemaphore(value: 0)
        let done = DispatchSemaphore(value: 0)
        Thread.detachNewThread {
            started.signal()
            let waited = mailbox.put(event(2)).waited
            outcome.withLock { $0 = waited }
            done.signal()
        }
        #expect(started.wait(timeout: Self.limit) == .success)
        // It cannot come through however long one looks; a tenth of a second would show one that does.
        #expect(done.wait(timeout: .now() + 0.1) == .timedOut)
        #expect(numbers(mailbox.take(maximumEventBytes: .max).items) == [1])
        #expect(done.wait(timeout: Self.limit) == .success)
        #expect(numbers(mailbox.take(maximumEventBytes: .max).items) == [2])
    }
}

extension ByteBuffer {
    fileprivate func padded(to count: Int) -> ByteBuffer {
        var buffer = self
        buffer.writeRepeatingByte(0, count: count - buffer.readableBytes)
        return buffer
    }
}
