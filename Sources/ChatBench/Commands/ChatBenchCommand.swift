import ArgumentParser

/// `chat-bench`: runs many clients against a chat service, and judges what they see.
@main
struct ChatBenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat-bench",
        abstract: "Drives a chat service with many clients, and judges what they see.",
        version: "chat-bench \(Version.current)",
        subcommands: [VerifyCommand.self, JudgeCommand.self, LoadCommand.self, AutobahnCommand.self])

    /// Like the default one, except that wrong usage ends with 2.
    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            StandardError.write(fullMessage(for: error))
            exit(withError: ExitCode.usage)
        }
    }
}

extension ExitCode {
    static let breach = ExitCode(1)
    static let usage = ExitCode(2)
    /// `EX_UNAVAILABLE` of sysexits.h.
    static let unreachable = ExitCode(69)
    /// The status that a shell reports for SIGINT.
    static let interrupted = ExitCode(130)
}
