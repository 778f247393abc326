import Testing
import Wire

@testable import ChatBench

@Suite("Who is where")
struct LoadPlanTests {
    @Test(arguments: [(1, 10, 10), (5, 4, 20), (7, 3, 3), (50, 2, 10), (6, 5, 11), (100, 1, 8)])
    func `every member is on one connection, and no connection twice in a room`(
        rooms: Int, members: Int, connections: Int
    ) {
        let plan = LoadPlan(rooms: rooms, members: members, connections: connections)
        for room in 0..<rooms {
            let inRoom = (0..<members).map { plan.connection(ofMember: room * members + $0) }
            #expect(Set(inRoom).count == members)
            for connection in 0..<connections {
                #expect(plan.place(ofConnection: connection, inRoom: room) == inRoom.firstIndex(of: connection))
            }
        }
    }

    @Test func `connections enter all rooms of their members, and share out the idle ones`() {
        var plan = LoadPlan(rooms: 4, members: 3, connections: 5)
        plan.idleRooms = 7
        var entered: [String: Int] = [:]
        for connection in 0..<5 {
            let rooms = (0..<10).compactMap { plan.room(ofConnection: connection, ordinal: $0) }
            #expect(rooms.count == plan.roomCount(ofConnection: connection) && Set(rooms).count == rooms.count)
            for room in rooms { entered[room, default: 0] += 1 }
        }
        #expect(entered.count == 11)
        for room in 0..<4 { #expect(entered[plan.roomName(room)] == 3) }
    }

    @Test func `rooms take turns, and in each its senders`() {
        var plan = LoadPlan(rooms: 3, members: 10)
        plan.sendersPerRoom = 2
        let turns = (0..<8).map { plan.sender(ofMessage: $0) }
        #expect(turns.map(\.room) == [0, 1, 2, 0, 1, 2, 0, 1])
        #expect(turns.map(\.place) == [0, 0, 0, 1, 1, 1, 0, 0])
    }

    @Test func `names of a kind are equally long`() {
        let plan = LoadPlan(rooms: 200, members: 10)
        #expect(Set((0..<200).map { plan.roomName($0).count }).count == 1)
        #expect(Set((0..<2000).map(plan.username)).count == 2000)
        #expect(Set((0..<2000).map { plan.username($0).count }).count == 1)
    }

    @Test(arguments: [(1, 1000), (200, 10), (1, 10_000)])
    func `by default a delivery has 190 bytes on the wire`(rooms: Int, members: Int) throws {
        let plan = LoadPlan(rooms: rooms, members: members)
        let frame = try #require(FloorFrame.made(for: plan))
        #expect(frame.bytes.count == 190)
    }

    @Test func `messages are due at equal distances, whatever happens`() {
        let schedule = Schedule(start: 1000, rate: 40, warmup: 1, seconds: 2)
        #expect(schedule.count == 120)
        #expect((0..<120).allSatisfy { schedule.due($0) == 1000 + Int64($0) * 25_000_000 })
        #expect((0..<120).count { schedule.isMeasured(schedule.due($0)) } == 80)
        #expect(schedule.due(119) < schedule.end && schedule.due(120) == schedule.end)
    }

    @Test func `what is due by a time is what has a due time until then`() {
        for rate in [0.5, 3, 40, 7000] {
            let schedule = Schedule(start: 1000, rate: rate, warmup: 1, seconds: 2)
            for time: Int64 in [0, 999, 1000, 1001, 25_001_000, 333_333_334, 1_999_999_999, schedule.end, .max / 2] {
                let due = (0..<schedule.count).count { schedule.due($0) <= time }
                // Of what is due in that very nanosecond rounding decides.
                #expect(abs(schedule.count(dueBy: time) - due) <= (rate == 3 ? 1 : 0), "\(rate) \(time)")
            }
        }
        #expect(Schedule(start: 0, rate: 0, warmup: 1, seconds: 2).count(dueBy: 3_000_000_000) == 0)
    }

    @Test func `rounding does not add up over a day`() {
        let schedule = Schedule(start: 0, rate: 30, warmup: 0, seconds: 86_400)
        #expect(abs(schedule.due(schedule.count) - schedule.end) < 1000)
    }
}
