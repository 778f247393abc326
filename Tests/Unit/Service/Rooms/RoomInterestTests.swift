import Domain
import Testing

@testable import Service

struct RoomInterestTests {
    @Test func `the first who comes and the last who goes are told apart from the rest`() throws {
        let dev = try RoomName("dev")
        var interest = RoomInterest()
        #expect(interest.enter(dev) == true)
        #expect(interest.enter(dev) == false)
        #expect(interest.leave(dev) == false)
        #expect(interest.activeRooms == 1)
        #expect(interest.leave(dev) == true)
        #expect(interest.activeRooms == 0)
        #expect(interest.enter(dev) == true)
    }

    @Test func `rooms are counted by themselves`() throws {
        var interest = RoomInterest()
        #expect(interest.enter(.global) == true)
        #expect(interest.enter(try RoomName("dev")) == true)
        #expect(interest.activeRooms == 2)
        #expect(interest.leave(.global) == true)
        #expect(interest.activeRooms == 1)
    }

    @Test func `to leave a room that has nobody changes nothing`() {
        var interest = RoomInterest()
        #expect(interest.leave(.global) == false)
        #expect(interest.enter(.global) == true)
        #expect(interest.leave(.global) == true)
        #expect(interest.leave(.global) == false)
        #expect(interest.activeRooms == 0)
    }
}
