import ArgumentParser
import Foundation

struct SummaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary", abstract: "One table of what `--json` has written in several runs.")

    @Argument(help: "The files.")
    var files: [String]

    func run() throws {
        let reports = try files.map { file in
            do {
                return try LoadReport(json: try Data(contentsOf: URL(fileURLWithPath: file)))
            } catch {
                throw ValidationError("\(file) is no report of `chat-bench load`: \(error)")
            }
        }
        print(LoadSummary(reports: reports))
        if !reports.allSatisfy(\.faults.isNone) { throw ExitCode.breach }
    }
}
