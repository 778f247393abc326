import Domain
import Testing

@testable import TestSupport

struct EntryTests {
    private static let time = Timestamp(millisecondsSince1970: 7)

    @Test func `a draft at its place is a message, in a room and in both inboxes`() throws {
        let (alice, bob) = (try Username("alice"), try Username("bob"))
        let drafts = [
            Draft(id: MessageID("m"), room: .global, sender: alice, content: "hi", timestamp: Self.time),
            Draft(id: MessageID("m"), in: bob, from: alice, to: bob, content: "hi", timestamp: Self.time),
            Draft(id: MessageID("m"), in: alice, from: alice, to: bob, content: "hi", timestamp: Self.time),
        ]
        for (draft, topic) in zip(drafts, [Topic.room(.global), .inbox(bob), .inbox(alice)]) {
            let entry = Entry(draft, sequence: SequenceNumber(5), previous: SequenceNumber(3))
            let message = Message(
                id: MessageID("m"), sender: "alice", recipient: topic.room == nil ? "bob" : nil, content: "hi",
                timestamp: Self.time)
            #expect(
                entry
                    == Entry(
                        topic: topic, sequence: SequenceNumber(5), previous: SequenceNumber(3), body: .message(message))
            )
        }
    }

    @Test func `a draft and its entry have the traits of the message`() throws {
        let bob = try Username("bob")
        let draft = Draft(
            id: MessageID("m"), in: bob, from: try Username("alice"), to: bob, content: "hi", timestamp: Self.time)
        let traits = try #require(Entry(draft, sequence: SequenceNumber(5), previous: nil).traits)
        #expect(traits == draft.contribution.traits)
        #expect(traits.id == draft.id && traits.id == MessageID("m"))
        #expect(traits.timestamp == draft.timestamp && traits.timestamp == Self.time)
        #expect(traits.author == "alice" && traits.recipient == "bob" && traits.text == "hi")
    }

    @Test(arguments: [Entry.Body.foreignNotice("x"), .unknown, .unreadable])
    func `what no user of ours has written has no traits`(body: Entry.Body) {
        #expect(Entry(topic: .room(.global), sequence: .zero, previous: nil, body: body).traits == nil)
    }

    @Test(
        arguments: [
            (.message(Message(id: MessageID("m"), sender: "a", content: "x", timestamp: time)), .history),
            (.foreignNotice("x"), .live), (.unknown, .hidden), (.unreadable, .hidden),
        ] as [(Entry.Body, Visibility)])
    func `each kind of entry says which readers are shown it`(body: Entry.Body, visibility: Visibility) {
        #expect(Entry(topic: .room(.global), sequence: .zero, previous: nil, body: body).visibility == visibility)
    }

    @Test func `readers that are shown less are among those that are shown more`() {
        #expect([Visibility.history, .hidden, .catchUp, .live].sorted() == [.hidden, .live, .catchUp, .history])
    }
}
