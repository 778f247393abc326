import Domain
import Testing

@testable import Service

struct TopicInterestTests {
    @Test func `the first who comes and the last who goes are told apart from the rest`() throws {
        let dev = Topic.room(try RoomName("dev"))
        var interest = TopicInterest()
        #expect(interest.enter(dev) == true)
        #expect(interest.enter(dev) == false)
        #expect(interest.leave(dev) == false)
        #expect(interest.activeTopics == 1)
        #expect(interest.leave(dev) == true)
        #expect(interest.activeTopics == 0)
        #expect(interest.enter(dev) == true)
    }

    @Test func `topics are counted by themselves`() throws {
        var interest = TopicInterest()
        #expect(interest.enter(.room(.global)) == true)
        #expect(interest.enter(.room(try RoomName("dev"))) == true)
        #expect(interest.activeTopics == 2)
        #expect(interest.leave(.room(.global)) == true)
        #expect(interest.activeTopics == 1)
    }

    @Test func `to leave a topic that has nobody changes nothing`() {
        var interest = TopicInterest()
        #expect(interest.leave(.room(.global)) == false)
        #expect(interest.enter(.room(.global)) == true)
        #expect(interest.leave(.room(.global)) == true)
        #expect(interest.leave(.room(.global)) == false)
        #expect(interest.activeTopics == 0)
    }
}
