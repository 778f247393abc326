import Testing

@testable import ChatClient

@Suite struct RoomReadingTests {
    @Test func `At the first visit one part comes, and whatever is before it is no gap`() {
        var reading = RoomReading()
        reading.ask()
        #expect(reading.endPage(more: false, truncated: true) == .unexpected)
        let isAnew = reading.enter("e1", head: 9)
        #expect(!isAnew)
        guard case .caughtUp(let catchUp) = reading.endPage(more: true, truncated: true) else {
            Issue.record("\(reading.standing)")
            return
        }
        #expect(reading.isLive && !catchUp.isIncomplete && !catchUp.isResume)
        #expect(reading.cursor.last == 9)
    }

    @Test func `What was missed comes in parts, and one of them may tell of a gap`() {
        var reading = RoomReading()
        _ = reading.enter("e1", head: 9)
        _ = reading.endPage(more: false, truncated: false)
        reading.leave()
        let isAnew = reading.enter("e1", head: 20)
        #expect(!isAnew)
        #expect(reading.endPage(more: true, truncated: true) == .more)
        guard case .caughtUp(let catchUp) = reading.endPage(more: false, truncated: false) else {
            Issue.record("\(reading.standing)")
            return
        }
        #expect(catchUp.isIncomplete)
    }

    @Test func `A log begun anew is told once, and comes in one part`() {
        var reading = RoomReading()
        _ = reading.enter("e1", head: 9)
        _ = reading.endPage(more: false, truncated: false)
        let isAnew = reading.enter("e2", head: 1)
        #expect(isAnew)
        guard case .caughtUp(let catchUp) = reading.endPage(more: true, truncated: true) else {
            Issue.record("\(reading.standing)")
            return
        }
        #expect(!catchUp.isIncomplete)
    }

    @Test func `So many rooms are remembered; one that the client is in is not forgotten`() {
        var rooms = RoomReadings()
        for number in 0..<RoomReadings.most {
            _ = rooms["\(number)"].enter("e", head: 1)
            if number == 7 { continue }
            rooms["\(number)"].leave()
        }
        for number in 0..<RoomReadings.most { _ = rooms["new \(number)"].enter("e", head: 1) }
        #expect(rooms["7"].cursor.epoch == "e")
        #expect((0..<RoomReadings.most).count { rooms["\($0)"].cursor.epoch != nil } == 1)
    }
}
