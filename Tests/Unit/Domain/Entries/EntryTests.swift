import Domain
import Testing

struct EntryTests {
    @Test func `a draft at its place is a message, in a room and in both inboxes`() throws {
        let (alice, bob) = (try Username("alice"), try Username("bob"))
        let time = Timestamp(millisecondsSince1970: 7)
        let drafts = [
            Draft(id: MessageID("m"), room: .global, sender: alice, content: "hi", timestamp: time),
            Draft(id: MessageID("m"), in: bob, from: alice, to: bob, content: "hi", timestamp: time),
            Draft(id: MessageID("m"), in: alice, from: alice, to: bob, content: "hi", timestamp: time),
        ]
        for (draft, topic) in zip(drafts, [Topic.room(.global), .inbox(bob), .inbox(alice)]) {
            let entry = Entry(draft, sequence: SequenceNumber(5), previous: SequenceNumber(3))
            let message = Message(
                id: MessageID("m"), sender: "alice", recipient: topic.room == nil ? "bob" : nil, content: "hi",
                timestamp: time)
            #expect(
                entry
                    == Entry(
                        topic: topic, sequence: SequenceNumber(5), previous: SequenceNumber(3), body: .message(message))
            )
        }
    }

    @Test(arguments: [Entry.Body.foreignNotice("x"), .unknown, .unreadable])
    func `what is no message has none`(body: Entry.Body) {
        #expect(Entry(topic: .room(.global), sequence: .zero, previous: nil, body: body).message == nil)
    }
}
