import Foundation
import Testing

@testable import ChatClient

/// The manual page and the command line say the same.
@Suite struct ManualTests {
    private let manual: String
    private let help: String

    init() throws {
        let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(5).joined(separator: "/").dropFirst()
        manual = try String(contentsOfFile: "\(root)/docs/man/chat-client.1", encoding: .utf8)
            .replacingOccurrences(of: "\\-", with: "-").replacingOccurrences(of: "\\~", with: " ")
        guard case .information(let words) = Options.read(["--help"]) else { throw UsageProblem("no help") }
        help = words
    }

    /// Options as they stand in a text: `--token-file`, `-addr`.
    private func options(in text: String) -> Set<String> {
        let words = text.split { $0.isWhitespace || "[]|,()'\"".contains($0) }
        return Set(words.map(String.init).filter { $0.wholeMatch(of: /--?[a-z][a-z-]+/) != nil })
    }

    @Test func `Every option of the help is in the manual, and no other`() {
        let section = manual.components(separatedBy: ".SH OPTIONS").dropFirst().first?
            .components(separatedBy: ".SH ").first
        let documented = options(
            in: (section ?? "").replacingOccurrences(of: "\\fR", with: "").replacingOccurrences(of: "\\fB", with: " "))
        let given = options(in: help.components(separatedBy: "CONNECTING:").dropFirst().joined())
        #expect(given.count > 10)
        #expect(documented.subtracting(["--generate-completion-script"]) == given)
    }

    @Test func `Every exit code is in the manual and in the help`() {
        let codes: [ExitCode] = [.success, .incomplete, .usage, .unreachable, .unacknowledged, .refused]
        for code in codes {
            #expect(manual.contains(".B \(code.rawValue)\n"))
            #expect(help.contains("\n  \(code.rawValue) "))
        }
        for code in [ExitCode.hangup, .interrupt, .terminate, .outputClosed] {
            #expect(manual.contains("\(code.rawValue)"))
        }
    }

    @Test func `Every variable and every key is in the manual`() {
        for variable in SettingsLayer.variables {
            #expect(manual.contains(variable))
            #expect(help.contains(variable))
        }
        for key in ConfigurationFile.keys { #expect(manual.contains(key)) }
        #expect(manual.contains("chat-client \(Version.current)"))
    }
}
