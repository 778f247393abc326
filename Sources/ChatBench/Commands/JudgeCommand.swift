import ArgumentParser
import Foundation

struct JudgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "judge", abstract: "Judge again what `verify --history` has recorded.")

    @Argument(help: "The file.")
    var file: String
    @Option(help: "How many messages of a room the server kept (its retention_messages_per_room).")
    var retained = 10_000
    @Flag(help: "Print the verdict as JSON.")
    var json = false

    func run() throws {
        let history: History
        do {
            history = try History(ndjson: try Data(contentsOf: URL(fileURLWithPath: file)))
        } catch {
            throw ValidationError("\(file) cannot be read: \(error)")
        }
        var judge = Judge()
        judge.limits.retainedPerRoom = retained
        try VerdictOutput.print(judge.judge(history), asJSON: json)
    }
}
