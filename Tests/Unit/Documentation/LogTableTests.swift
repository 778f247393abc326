import Testing

@testable import TestSupport

/// docs/operations.md explains the log lines that there are.
struct LogTableTests {
    private let table: Set<String>

    init() throws {
        table = Set(try Section("## Logs", of: "docs/operations.md").rows.flatMap { $0[0].codes })
    }

    @Test func `each line of the table is one that the server writes`() throws {
        let sources = try Checkout.sources()
        #expect(table.count > 20)
        for line in table { #expect(sources.contains("\"" + line), "\(line)") }
    }

    @Test func `each warning and error is in the table`() throws {
        let sources = try Checkout.sources()
        let lines = sources.matches(of: /logger\.(?:warning|error|critical)\(\s*"([^"]+)"/).map { String($0.1) }
        #expect(lines.count > 10)
        for line in lines { #expect(table.contains { line.hasPrefix($0) }, "\(line)") }
    }
}
