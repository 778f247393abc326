import Foundation

/// One run of the `server` binary that is expected to end by itself: what it was told, how it ended, what it said.
struct ServerRun: Sendable, CustomStringConvertible {
    let status: ExitStatus
    let output: String

    var lines: [Substring] { output.split(separator: "\n") }
    var description: String { "\(status)\n\(output)" }

    static func arguments(
        _ arguments: [String], environment: [String: String] = [:], directory: URL? = nil,
        within limit: Duration = .seconds(20)
    ) async throws -> ServerRun {
        let directory = try directory ?? ScratchDirectory.make("run")
        let child = try ChildProcess(
            "server \(arguments.joined(separator: " "))", Product.server(), arguments, environment: environment,
            directory: directory, log: directory.appendingPathComponent("output.txt"))
        do {
            return ServerRun(status: try await child.exit(within: limit), output: child.output)
        } catch {
            await child.destroy()
            throw error
        }
    }

    /// Runs with `json` as the configuration file.
    static func configuration(
        _ json: String, _ more: [String] = [], environment: [String: String] = [:]
    ) async throws -> ServerRun {
        let directory = try ScratchDirectory.make("run")
        let file = directory.appendingPathComponent("config.json")
        try Data(json.utf8).write(to: file)
        return try await arguments(["--config", file.path] + more, environment: environment, directory: directory)
    }

    static func settings(
        _ settings: Settings, _ more: [String] = [], environment: [String: String] = [:]
    ) async throws -> ServerRun {
        let directory = try ScratchDirectory.make("run")
        let file = try settings.write(to: directory)
        return try await arguments(["--config", file.path] + more, environment: environment, directory: directory)
    }

    /// It refused on purpose: an exit code of its own choice, no signal, no trap.
    var isRefusal: Bool {
        if case .exited(let code) = status {
            code != 0 && code != 127 && !output.contains("Fatal error")
        } else {
            false
        }
    }
}
