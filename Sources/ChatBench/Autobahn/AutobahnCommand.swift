import ArgumentParser
import NIOCore
import NIOPosix
import Transport

/// Runs the cases of the Autobahn|Testsuite's fuzzing server against the client transport. For `scripts/autobahn`; it is not
/// in the help.
struct AutobahnCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "autobahn", abstract: "Echo what the Autobahn|Testsuite's fuzzing server says, case by case.",
        shouldDisplay: false)

    @Option(help: ArgumentHelp("Where the fuzzing server listens.", valueName: "host:port"))
    var addr = "127.0.0.1:9001"
    @Option(help: "The name of this client in the report.")
    var agent = "chat-client"

    /// The longest case may take eight minutes.
    private static let patience = Duration.seconds(600)

    func run() async throws {
        let address = try ServerAddress(addr)
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let count = try await call("/getCaseCount", at: address, on: loop)
        guard let cases = Int(count) else { throw ValidationError("\(addr) is no fuzzing server.") }
        for number in 1...max(1, cases) {
            _ = try await call("/runCase?case=\(number)&agent=\(agent)", at: address, on: loop)
        }
        _ = try await call("/updateReports?agent=\(agent)", at: address, on: loop)
        StandardError.write("\(cases) cases")
    }

    /// - Returns: the last text that came.
    private func call(_ path: String, at address: ServerAddress, on loop: any EventLoop) async throws -> String {
        var address = address
        address.path = path
        let echo = AutobahnEcho(loop: loop)
        return try await withThrowingTaskGroup(of: String.self) { group in
            group.addTask { [address] in await echo.run(at: address) }
            group.addTask {
                try await Task.sleep(for: Self.patience)
                throw ExitCode.unreachable
            }
            defer { group.cancelAll() }
            return try await group.next() ?? ""
        }
    }
}
