import Domain
import Testing

@testable import Service

struct LargestRoomsTests {
    @Test func `the largest of several pages are kept, and equals stand by name`() {
        var largest = LargestRooms(total: 3)
        largest.take([RoomSummary(name: "b", members: 2), RoomSummary(name: "c", members: 9)])
        largest.take([RoomSummary(name: "a", members: 2)])
        #expect(largest.rooms.map(\.name) == ["c", "a", "b"])
    }

    @Test func `a hundred are named at the most`() {
        var largest = LargestRooms(total: nil)
        for page in 0..<3 {
            largest.take((0..<90).map { RoomSummary(name: "\(page)-\($0)", members: page * 90 + $0) })
        }
        #expect(largest.rooms.count == 100)
        #expect(largest.rooms.first?.members == 269 && largest.rooms.last?.members == 170)
    }
}
