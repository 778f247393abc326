import Testing
import Wire

@testable import ChatClient

@Suite struct CursorTests {
    @Test func `Without anything seen there is no place to go on from`() {
        var cursor = Cursor()
        #expect(cursor.position == nil)
        _ = cursor.begin("e1")
        #expect(cursor.position == nil)
        cursor.caughtUp(head: 0)
        #expect(cursor.position == V2Position(after: 0, epoch: "e1"))
    }

    @Test func `The head counts only where nothing was shown`() {
        var cursor = Cursor()
        let isNew = cursor.accept(4)
        #expect(isNew)
        cursor.caughtUp(head: 9)
        #expect(cursor.last == 4)
    }

    @Test func `The first epoch is no change, another one forgets everything`() {
        var cursor = Cursor()
        var changes = [cursor.begin("e1")]
        _ = cursor.accept(4)
        changes.append(cursor.begin("e1"))
        changes.append(cursor.begin("e2"))
        #expect(changes == [false, false, true])
        let isNew = cursor.accept(1)
        #expect(isNew)
    }

    @Test func `One's own message is shown once, whichever way it comes first`() {
        var cursor = Cursor()
        let shown = [cursor.acceptOwn(5), cursor.accept(4), cursor.accept(5), cursor.accept(6)]
        #expect(shown == [true, true, false, true])
        #expect(cursor.last == 6)
    }

    @Test func `The memory for one's own messages is bounded, and what it forgets is not shown again`() {
        var cursor = Cursor()
        for number in 1...UInt64(Cursor.mostOwn) + 10 { _ = cursor.acceptOwn(number) }
        let shown = (1...UInt64(Cursor.mostOwn) + 11).filter { cursor.accept($0) }
        #expect(shown == [UInt64(Cursor.mostOwn) + 11])
    }

    @Test func `Older pages begin before the oldest one shown, or else before what is next`() {
        var cursor = Cursor()
        cursor.caughtUp(head: 9)
        #expect(cursor.before == 10)
        _ = cursor.accept(12)
        _ = cursor.accept(13)
        #expect(cursor.before == 12)
        cursor.wentBack(to: 3)
        #expect(cursor.before == 3)
        var full = Cursor()
        full.caughtUp(head: .max)
        #expect(full.before == .max)
    }
}
