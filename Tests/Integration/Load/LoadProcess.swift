import Foundation

@testable import ChatBench

/// `chat-bench load` as an operator runs it, and what it reported.
struct LoadProcess {
    var exitStatus: ExitStatus
    /// Nil where it wrote none.
    var report: LoadReport?
    var output: String

    static func run(_ arguments: [String], within limit: Duration = .seconds(60)) async throws -> LoadProcess {
        let directory = try ScratchDirectory.make("load")
        let json = directory.appendingPathComponent("report.json")
        let child = try ChildProcess(
            "chat-bench", Product.bench(), ["load"] + arguments + ["--json", json.path], directory: directory,
            log: directory.appendingPathComponent("log.txt"))
        let status: ExitStatus
        do {
            status = try await child.exit(within: limit)
        } catch {
            await child.destroy()
            throw error
        }
        let report = try (try? Data(contentsOf: json)).map { try LoadReport(json: $0) }
        return LoadProcess(exitStatus: status, report: report, output: child.output)
    }
}
