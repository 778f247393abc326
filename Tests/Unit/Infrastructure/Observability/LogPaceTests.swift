import Testing

@testable import InfrastructureObservability

struct LogPaceTests {
    @Test func `so many lines of one message are written in a second, and the rest is counted`() {
        var table = LogPaceTable()
        let verdicts = (0..<50).map { _ in table.line("flood", second: 7) }
        #expect(verdicts.count { $0 == .write(suppressed: 0) } == LogPaceTable.linesPerSecond)
        #expect(table.suppressed == 30)
        #expect(table.line("another", second: 7) == .write(suppressed: 0))
        #expect(table.line("flood", second: 8) == .write(suppressed: 30))
        #expect(table.line("flood", second: 8) == .write(suppressed: 0))
        #expect(table.suppressed == 30)
    }

    @Test func `messages that are ever different share one allowance in the end`() {
        var table = LogPaceTable()
        let written = (0..<10_000).count { table.line("message \($0)", second: 1) != .suppress }
        #expect(written == LogPaceTable.maximumMessages + LogPaceTable.linesPerSecond)
    }
}
