import Domain
import Testing

struct TopicEventTests {
    @Test func `what is shown belongs to the topic of its entry or notice`() throws {
        let dev = try RoomName("dev")
        let (alice, bob) = (try Username("alice"), try Username("bob"))
        let time = Timestamp(millisecondsSince1970: 0)
        for topic in [Topic.room(dev), .inbox(bob)] {
            let entry = Entry(topic: topic, sequence: SequenceNumber(1), previous: nil, body: .unknown)
            #expect(TopicEvent.entry(entry).topic == topic)
            let gap = Notice.gap(topic, after: .zero, before: SequenceNumber(2))
            #expect(TopicEvent.notice(gap).topic == topic)
        }
        let came = MembershipNotice(.joined, room: dev, username: alice, timestamp: time)
        #expect(TopicEvent.notice(.membership(came)).topic == .room(dev))
        let crowd = MembersNotice(room: dev, members: 3, joined: 1, left: 0, timestamp: time)
        #expect(TopicEvent.notice(.members(crowd)).topic == .room(dev))
        let typing = TypingNotice(room: dev, username: alice, session: .random(), isTyping: true)
        #expect(TopicEvent.notice(.typing(typing)).topic == .room(dev))
    }
}
