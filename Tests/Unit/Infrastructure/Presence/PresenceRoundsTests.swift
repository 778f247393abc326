import Domain
import Testing

@testable import InfrastructurePresence

struct PresenceRoundsTests {
    private func wanted(_ sessions: Int, rooms: Int) throws -> [SessionID: PresenceRecord] {
        var wanted: [SessionID: PresenceRecord] = [:]
        for number in 0..<sessions {
            wanted[SessionID("s\(number)")] = PresenceRecord(
                username: try Username("user\(number)"), rooms: [try RoomName("room\(number % rooms)")])
        }
        return wanted
    }

    @Test func `a small instance looks at everything with each beat`() throws {
        let wanted = try wanted(20, rooms: 5)
        var rounds = PresenceRounds()
        for _ in 0..<3 {
            let part = rounds.next(of: wanted)
            #expect(Set(part.sessions) == Set(wanted.keys))
            #expect(Set(part.rooms.map(\.name.text)) == ["room0", "room1", "room2", "room3", "room4"])
        }
    }

    @Test func `a large instance looks at a bounded part with each beat, and at everything in time`() throws {
        let wanted = try wanted(12_000, rooms: 5000)
        var rounds = PresenceRounds()
        var sessions: [SessionID] = []
        var rooms: [RoomName] = []
        for beat in 0..<24 {
            let part = rounds.next(of: wanted)
            #expect(part.sessions.count == PresenceRounds.sessionsPerBeat)
            #expect(part.rooms.count <= PresenceRounds.roomsPerBeat)
            for (name, member) in part.rooms {
                #expect(wanted[SessionID("s\(member.text.dropFirst(4))")]?.rooms == [name])
            }
            sessions += part.sessions
            if beat < 3 { rooms += part.rooms.map(\.name) }
        }
        #expect(sessions.count == 12_000 && Set(sessions).count == 12_000)
        #expect(rooms.count == 5000 && Set(rooms).count == 5000)
    }

    @Test func `another member stands for a room in the next round`() throws {
        let wanted = try wanted(10, rooms: 1)
        var rounds = PresenceRounds()
        let first = rounds.next(of: wanted).rooms.map(\.member)
        let second = rounds.next(of: wanted).rooms.map(\.member)
        #expect(first.count == 1 && second.count == 1 && first != second)
    }

    @Test func `who has ended, or left the room, is not looked at`() throws {
        var wanted = try wanted(3000, rooms: 3000)
        var rounds = PresenceRounds()
        #expect(rounds.next(of: wanted).rooms.count == 2000)
        let elsewhere = try RoomName("elsewhere")
        for (session, record) in wanted {
            wanted[session]?.move(leaving: Set(record.rooms), entering: elsewhere)
        }
        let second = rounds.next(of: wanted)
        #expect(second.rooms.isEmpty && second.sessions.count == 500)
        #expect(rounds.next(of: wanted).rooms.map(\.name) == [elsewhere])
        let none = rounds.next(of: [:])
        #expect(none.rooms.isEmpty && none.sessions.isEmpty)
    }

    @Test func `the sessions that are in some rooms are found`() throws {
        let wanted = try wanted(10, rooms: 5)
        var rounds = PresenceRounds()
        let found = rounds.next(of: wanted).sessions(in: [try RoomName("room2"), try RoomName("room9")])
        #expect(Set(found) == [SessionID("s2"), SessionID("s7")])
    }
}
