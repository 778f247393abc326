import Domain
import Testing

@testable import Service

struct FeedsTests {
    private let feeds = Feeds(budget: WindowBudget(limit: 1 << 20), now: { .now })
    private let dev: Topic
    private let inbox: Topic

    init() throws {
        dev = .room(try RoomName("dev"))
        inbox = .inbox(try Username("alice"))
    }

    private func entry(_ topic: Topic, _ sequence: UInt64) -> Entry {
        Entry(topic: topic, sequence: SequenceNumber(sequence), previous: nil, body: .unreadable)
    }

    @Test func `a topic that opens is looked after once, and one that is closed by nobody`() {
        feeds.open(dev)
        #expect(feeds.feed(dev)?.topic == dev)
        #expect(feeds.takeUrgent().topics == [dev])
        #expect(feeds.takeUrgent().topics == [])
        feeds.markUrgent(dev)
        feeds.markUnchecked(dev)
        feeds.close(dev)
        #expect(feeds.feed(dev) == nil)
        #expect(feeds.takeUrgent().topics == [])
        #expect(feeds.takeUnchecked() == [])
        feeds.markUrgent(dev)
        feeds.markUnchecked(dev)
        #expect(feeds.takeUrgent().topics == [])
        #expect(feeds.takeUnchecked() == [])
    }

    @Test func `an interruption goes back to the newest entry that was seen of its kind, followed or not`() {
        feeds.open(dev)
        feeds.open(inbox)
        _ = feeds.takeUrgent()
        #expect(feeds.feed(for: entry(dev, 5)) != nil)
        #expect(feeds.feed(for: entry(.room(.global), 9)) == nil)
        #expect(feeds.feed(for: entry(inbox, 3)) != nil)
        feeds.markInterrupted()
        #expect(feeds.takeUrgent().interruptions == [.rooms: SequenceNumber(9), .inboxes: SequenceNumber(3)])
        #expect(feeds.takeUrgent().interruptions == [:])
    }

    @Test func `what was seen between loss and return does not hide what was missed`() {
        _ = feeds.feed(for: entry(dev, 5))
        feeds.markLost()
        _ = feeds.feed(for: entry(dev, 20))
        feeds.markLost()
        feeds.markInterrupted()
        _ = feeds.feed(for: entry(dev, 30))
        #expect(feeds.takeUrgent().interruptions[.rooms] == SequenceNumber(5))
        // The next one begins where this one ended.
        feeds.markInterrupted()
        #expect(feeds.takeUrgent().interruptions[.rooms] == SequenceNumber(30))
    }

    @Test func `several interruptions before anybody looks go back to the first`() {
        _ = feeds.feed(for: entry(dev, 5))
        feeds.markInterrupted()
        _ = feeds.feed(for: entry(dev, 20))
        feeds.markInterrupted()
        #expect(feeds.takeUrgent().interruptions[.rooms] == SequenceNumber(5))
    }

    @Test func `a read that failed is to be done again, from the earliest place`() {
        feeds.markInterrupted(.rooms, after: SequenceNumber(7))
        feeds.markInterrupted(.rooms, after: SequenceNumber(9))
        feeds.markInterrupted(.rooms, after: SequenceNumber(4))
        #expect(feeds.takeUrgent().interruptions == [.rooms: SequenceNumber(4)])
    }

    @Test func `an entry that comes out of order takes nothing back`() {
        _ = feeds.feed(for: entry(dev, 5))
        _ = feeds.feed(for: entry(dev, 2))
        feeds.markInterrupted()
        #expect(feeds.takeUrgent().interruptions[.rooms] == SequenceNumber(5))
    }

    @Test func `another log of one kind leaves the other alone`() {
        feeds.open(dev)
        feeds.open(inbox)
        _ = feeds.takeUrgent()
        _ = feeds.feed(for: entry(dev, 500))
        _ = feeds.feed(for: entry(inbox, 40))
        feeds.markUnchecked(dev)
        feeds.markUnchecked(inbox)
        feeds.markLost()
        #expect(feeds.renew(.rooms).map(\.topic) == [dev])
        #expect(feeds.takeUnchecked() == [inbox])
        let (topics, interruptions) = feeds.takeUrgent()
        #expect(topics == [dev])
        #expect(interruptions == [:])
        feeds.markInterrupted()
        #expect(feeds.takeUrgent().interruptions == [.rooms: .zero, .inboxes: SequenceNumber(40)])
    }

    @Test func `feeds are given by kind`() {
        feeds.open(dev)
        feeds.open(.room(.global))
        feeds.open(inbox)
        #expect(Set(feeds.all(.rooms).map(\.topic)) == [dev, .room(.global)])
        #expect(feeds.all(.inboxes).map(\.topic) == [inbox])
    }
}
