import Domain
import Testing

@testable import Service
@testable import TestSupport

struct NoticeMergerTests {
    private let big: RoomName
    private let small: RoomName
    private let user: Username
    private let time = Timestamp(millisecondsSince1970: 1_767_323_045_678)

    init() throws {
        big = try RoomName("big")
        small = try RoomName("small")
        user = try Username("user")
    }

    private func joined(_ members: Int?, _ room: RoomName? = nil) -> MembershipNotice {
        MembershipNotice(.joined, room: room ?? big, username: user, members: members, timestamp: time)
    }

    private func left(_ members: Int?, _ room: RoomName? = nil) -> MembershipNotice {
        MembershipNotice(.left, room: room ?? big, username: user, members: members, timestamp: time)
    }

    private func counts(_ joined: Int, _ left: Int, members: Int, _ room: RoomName? = nil) -> MembersNotice {
        MembersNotice(room: room ?? big, members: members, joined: joined, left: left, timestamp: time)
    }

    private func take(_ merger: inout NoticeMerger) -> [MembersNotice] { merger.take(at: time) { _ in true } }

    /// Gathers the notices. - Returns: for each whether it was merged.
    private func merge(_ merger: inout NoticeMerger, _ notices: MembershipNotice...) -> [Bool] {
        notices.map { merger.merge($0) }
    }

    @Test func `up to the limit everyone is told by name`() {
        var merger = NoticeMerger(above: 3)
        #expect(merge(&merger, joined(1), joined(2), joined(3), left(2)) == [false, false, false, false])
        #expect(take(&merger) == [])
        #expect(merger.count == 0)
    }

    @Test func `above the limit an interval's comings and goings are one notice`() {
        var merger = NoticeMerger(above: 3)
        #expect(merge(&merger, joined(4), joined(5), left(4), joined(5)) == [true, true, true, true])
        #expect(take(&merger) == [counts(3, 1, members: 5)])
        #expect(take(&merger) == [])
        #expect(merge(&merger, left(4)) == [true])
        #expect(take(&merger) == [counts(0, 1, members: 4)])
    }

    @Test func `a room that has become small again is told by name from the next interval on`() {
        var merger = NoticeMerger(above: 3)
        #expect(merge(&merger, joined(4), left(3), left(2)) == [true, true, true])
        #expect(take(&merger) == [counts(1, 2, members: 2)])
        #expect(merger.count == 0)
        #expect(merge(&merger, left(1)) == [false])
    }

    @Test func `a large room of which nothing waits can become small at once`() {
        var merger = NoticeMerger(above: 3)
        #expect(merge(&merger, joined(4)) == [true])
        #expect(take(&merger).count == 1)
        #expect(merge(&merger, left(3)) == [false])
        #expect(merger.count == 0)
    }

    @Test func `where nobody could count, the room is as large as it was`() {
        var merger = NoticeMerger(above: 3)
        #expect(merge(&merger, left(nil), joined(nil)) == [false, false])
        #expect(merge(&merger, joined(5), left(nil)) == [true, true])
        #expect(take(&merger) == [counts(1, 1, members: 5)])
        #expect(merge(&merger, left(nil)) == [true])
        #expect(take(&merger) == [counts(0, 1, members: 5)])
        #expect(merge(&merger, left(3), left(nil)) == [false, false])
    }

    @Test func `with a limit of none every room is large`() {
        var merger = NoticeMerger(above: 0)
        #expect(merge(&merger, joined(1), left(0)) == [true, true])
        #expect(take(&merger) == [counts(1, 1, members: 0)])
    }

    @Test func `notices that overtake each other do not spoil the number of members`() {
        var merger = NoticeMerger(above: 3)
        #expect(merge(&merger, joined(5), joined(4), joined(7), joined(6)) == [true, true, true, true])
        #expect(take(&merger) == [counts(4, 0, members: 7)])
        #expect(merge(&merger, left(5), left(6)) == [true, true])
        #expect(take(&merger) == [counts(0, 2, members: 5)])
    }

    @Test func `rooms are counted apart`() {
        var merger = NoticeMerger(above: 3)
        #expect(merge(&merger, joined(9), joined(2, small), joined(10)) == [true, false, true])
        #expect(merge(&merger, joined(4, small)) == [true])
        let notices = take(&merger).sorted { $0.members < $1.members }
        #expect(notices == [counts(1, 0, members: 4, small), counts(2, 0, members: 10)])
    }

    @Test func `a room without readers is forgotten with what waits`() {
        var merger = NoticeMerger(above: 3)
        #expect(merge(&merger, joined(9), joined(9, small)) == [true, true])
        let notices = merger.take(at: time) { $0 == small }
        #expect(notices == [counts(1, 0, members: 9, small)])
        #expect(merger.count == 1)
        #expect(merge(&merger, left(nil)) == [false])
    }

    /// Whatever comes: nobody is lost, nobody counted twice, and a room hears of counts once an interval at most.
    @Test(arguments: 0..<50)
    func `every coming and going is told once`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let rooms = try (0..<4).map { try RoomName("room\($0)") }
        let limit = Int.random(in: 0...6, using: &random)
        var merger = NoticeMerger(above: limit)
        var members: [RoomName: Int] = [:]
        var done: [RoomName: [MembershipNotice.Change: Int]] = [:]
        var told: [RoomName: [MembershipNotice.Change: Int]] = [:]
        for _ in 0..<2000 {
            if Int.random(in: 0..<12, using: &random) == 0 {
                let notices = take(&merger)
                #expect(Set(notices.map(\.room)).count == notices.count)
                for notice in notices {
                    #expect(notice.joined + notice.left > 0)
                    told[notice.room, default: [:]][.joined, default: 0] += notice.joined
                    told[notice.room, default: [:]][.left, default: 0] += notice.left
                }
                continue
            }
            let room = try #require(rooms.randomElement(using: &random))
            let isEmpty = members[room, default: 0] == 0
            let change: MembershipNotice.Change = isEmpty || Bool.random(using: &random) ? .joined : .left
            let count = members[room, default: 0] + (change == .joined ? 1 : -1)
            members[room] = count
            done[room, default: [:]][change, default: 0] += 1
            let canCount = Int.random(in: 0..<10, using: &random) > 0
            let notice = MembershipNotice(
                change, room: room, username: user, members: canCount ? count : nil, timestamp: time)
            let isMerged = merger.merge(notice)
            if !isMerged { told[room, default: [:]][change, default: 0] += 1 }
            if canCount, count > limit { #expect(isMerged) }
            #expect(merger.count <= rooms.count)
        }
        for notice in take(&merger) {
            told[notice.room, default: [:]][.joined, default: 0] += notice.joined
            told[notice.room, default: [:]][.left, default: 0] += notice.left
        }
        for room in rooms {
            for change in [MembershipNotice.Change.joined, .left] {
                #expect(told[room]?[change] ?? 0 == done[room]?[change] ?? 0)
            }
        }
    }
}
