import Testing

@testable import ChatClient

@Suite struct ScrollbackTests {
    private func line(_ number: Int, sequence: UInt64 = 0) -> ScrollbackLine {
        ScrollbackLine(
            kind: .message, time: Int64(number), sequence: sequence, isMention: number % 2 == 0,
            sender: "user\(number % 7)", text: "line \(number) äöü")
    }

    @Test func `A line is what it was`() {
        var scrollback = Scrollback()
        for number in 0..<1_000 { scrollback.append(line(number)) }
        #expect((scrollback.first, scrollback.end, scrollback.count) == (0, 1_000, 1_000))
        for number in [0, 1, 255, 256, 499, 500, 998, 999] { #expect(scrollback[number] == line(number)) }
        #expect(scrollback[1_000] == nil)
        #expect(scrollback[-1] == nil)
        #expect(scrollback.time(of: 700) == 700)
    }

    @Test func `Lines put before the first keep the numbers of the others`() {
        var scrollback = Scrollback()
        for number in 0..<300 { scrollback.append(line(number, sequence: UInt64(number + 1_000))) }
        scrollback.prepend((0..<600).map { line($0 + 5_000, sequence: UInt64($0 + 1)) })
        #expect((scrollback.first, scrollback.end, scrollback.count) == (-600, 300, 900))
        #expect(scrollback[-600] == line(5_000, sequence: 1))
        #expect(scrollback[-1] == line(5_599, sequence: 600))
        #expect(scrollback[0] == line(0, sequence: 1_000))
        #expect(scrollback[299] == line(299, sequence: 1_299))
        #expect(scrollback.firstSequence == 1)
    }

    @Test func `The last line can be another`() {
        var scrollback = Scrollback()
        for number in 0..<3 { scrollback.append(line(number)) }
        scrollback.replaceLast(with: line(77))
        scrollback.append(line(3))
        #expect((0..<4).map { scrollback[$0] } == [line(0), line(1), line(77), line(3)])
    }

    @Test func `It is bounded, and the oldest go first`() {
        var scrollback = Scrollback()
        for number in 0..<Scrollback.mostLines + 10 { scrollback.append(line(number)) }
        #expect(scrollback.count <= Scrollback.mostLines)
        #expect(scrollback.count > Scrollback.mostLines - 1_000)
        #expect(scrollback[0] == nil)
        #expect(scrollback[scrollback.end - 1] == line(Scrollback.mostLines + 9))
        // 24 bytes and the text for each.
        #expect(scrollback.cost < 5 << 20)
        scrollback.prepend((0..<Scrollback.mostLines).map { line($0) })
        #expect(scrollback.count <= Scrollback.mostLines)
    }

    @Test func `Words are found whatever the case of their letters`() {
        var scrollback = Scrollback()
        for number in 0..<1_000 { scrollback.append(line(number)) }
        #expect(scrollback.last(containing: "LINE 51", before: scrollback.end) == 519)
        #expect(scrollback.last(containing: "LINE 51", before: 519) == 518)
        #expect(scrollback.last(containing: "line 51", before: 51) == nil)
        #expect(scrollback.last(containing: "äö", before: 5) == 4)
        // Names are not text.
        #expect(scrollback.last(containing: "user", before: scrollback.end) == nil)
        #expect(scrollback.last(containing: "", before: scrollback.end) == nil)
    }

    @Test func `Emptied, it goes on with new numbers`() {
        var scrollback = Scrollback()
        for number in 0..<3 { scrollback.append(line(number)) }
        scrollback.removeAll()
        #expect(scrollback.isEmpty)
        scrollback.append(line(9))
        #expect(scrollback[3] == line(9))
    }
}
