import Foundation
import Logging
import Service
import Testing

@testable import InfrastructureObservability

/// Sinks write to the console too, so these tests hold the process's standard error while they run.
@Suite(.serialized)
struct LogTests {
    /// What `body` writes to a sink's file and to the console.
    private func written(path: String? = nil, _ body: (LogSink) throws -> Void) throws -> (
        file: String, console: String
    ) {
        let directory = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let file = directory.appending(path: "chat.log").path
        let console = directory.appending(path: "console").path
        try Self.redirectingStandardError(to: console) {
            let sink = try LogSink(path: path ?? file)
            try body(sink)
            sink.flush(within: .seconds(10))
        }
        return (
            path == nil ? try String(contentsOfFile: file, encoding: .utf8) : "",
            try String(contentsOfFile: console, encoding: .utf8)
        )
    }

    private static func redirectingStandardError(to path: String, _ body: () throws -> Void) throws {
        let saved = dup(STDERR_FILENO)
        let file = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        try #require(saved >= 0 && file >= 0)
        dup2(file, STDERR_FILENO)
        defer {
            dup2(saved, STDERR_FILENO)
            close(saved)
            close(file)
        }
        try body()
    }

    private func logger(_ format: LogFormat, _ sink: LogSink, level: Logger.Level = .info) -> Logger {
        Logger(label: "chat") { ChatLogHandler(label: $0, level: level, format: format, sink: sink) }
    }

    private func text(_ body: (inout Logger) -> Void) throws -> String {
        try written { sink in
            var logger = logger(.text, sink)
            body(&logger)
        }.file
    }

    private func json(_ body: (inout Logger) -> Void) throws -> [String: String] {
        let line = try written { sink in
            var logger = logger(.json, sink)
            body(&logger)
        }.file
        #expect(line.hasSuffix("\n") && line.filter(\.isNewline).count == 1)
        return try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
    }

    /// A line without its time, which is checked.
    private func withoutTime(_ line: String) throws -> String {
        let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
        try #require(parts.count == 2)
        #expect(parts[0].wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        return parts[1]
    }

    @Test func `a line for people has a time, a level, the message, and what belongs to it, sorted`() throws {
        let line = try text { $0.warning("away", metadata: ["b": "2", "a": "one two", "c": "say \"hi\"", "d": ""]) }
        #expect(try withoutTime(line) == #"warning away a="one two" b=2 c="say \"hi\"" d="# + "\n")
    }

    @Test func `what comes from outside cannot look like a line of its own, or move the terminal's cursor`() throws {
        let line = try text { $0.info("a\nb\r\u{1B}[2J", metadata: ["k": "x\ny\u{85}z\0"]) }
        #expect(line.unicodeScalars.filter { $0.properties.generalCategory == .control } == ["\n"])
        #expect(line.hasSuffix("\n"))
        #expect(line.contains("a\u{FFFD}b\u{FFFD}\u{FFFD}[2J"))
    }

    @Test func `a line for programs is one JSON object`() throws {
        let object = try json { $0.error("say \"hi\"\n", metadata: ["k\"": "x\ny\0", "list": ["a", "b"], "日": "本"]) }
        #expect(object["level"] == "error")
        #expect(object["logger"] == "chat")
        #expect(object["message"] == "say \"hi\"\n")
        #expect(object["k\""] == "x\ny\0")
        #expect(object["list"]?.contains("a") == true)
        #expect(object["日"] == "本")
        #expect(object["time"] != nil)
    }

    @Test func `what stands in the line goes before what stands in the logger`() throws {
        let object = try json {
            $0[metadataKey: "instance"] = "one"
            $0[metadataKey: "room"] = "global"
            $0.info("x", metadata: ["room": "dev"])
        }
        #expect(object["instance"] == "one")
        #expect(object["room"] == "dev")
    }

    @Test func `what is below the level is not written`() throws {
        let lines = try written { sink in
            let logger = logger(.text, sink, level: .warning)
            logger.notice("no")
            logger.warning("yes")
        }.file.split(separator: "\n")
        #expect(lines.count == 1 && lines[0].hasSuffix("warning yes"))
    }

    @Test func `lines are appended to what is there, and go to the console too`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "sink-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let first = try written(path: path) { $0.write("one\n") }
        let second = try written(path: path) { $0.write("two\n") }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "one\ntwo\n")
        #expect(first.console.contains("one\n"))
        #expect(second.console.contains("two\n"))
    }

    @Test func `lines of several threads do not mix`() throws {
        let file = try written { sink in
            DispatchQueue.concurrentPerform(iterations: 8) { thread in
                let line = String(repeating: "\(thread)", count: 5000) + "\n"
                for _ in 0..<20 { sink.write(line) }
            }
        }.file
        let lines = file.split(separator: "\n")
        #expect(lines.count == 160)
        #expect(lines.allSatisfy { $0.count == 5000 && Set($0).count == 1 })
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full")))
    func `a full disk costs lines, is said once, and stops nobody`() throws {
        let console = try written(path: "/dev/full") { sink in
            for number in 1...5 { sink.write("line \(number)\n") }
        }.console
        #expect(console.components(separatedBy: "log_file: lines are being lost: ").count == 2)
        for number in 1...5 { #expect(console.contains("line \(number)\n")) }
    }

    @Test func `a file that was moved away is made anew, and what comes then goes there`() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        let (path, moved) = (directory.appending(path: "chat.log").path, directory.appending(path: "chat.log.1").path)
        _ = try written(path: path) { sink in
            sink.write("one\n")
            sink.flush(within: .seconds(10))
            try FileManager.default.moveItem(atPath: path, toPath: moved)
            sink.write("two\n")
            sink.flush(within: .seconds(10))
            sink.reopen()
            sink.write("three\n")
        }
        #expect(try String(contentsOfFile: moved, encoding: .utf8) == "one\ntwo\n")
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "three\n")
    }

    @Test func `a file that cannot be opened again stays open, and the console says so`() throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "log-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let (path, moved) = (directory.appending(path: "chat.log").path, directory.path + ".moved")
        defer { try? FileManager.default.removeItem(atPath: moved) }
        let console = try written(path: path) { sink in
            try FileManager.default.moveItem(atPath: directory.path, toPath: moved)
            sink.reopen()
            sink.write("one\n")
            sink.flush(within: .seconds(10))
        }.console
        #expect(console.contains("log_file: \"\(path)\" cannot be opened: No such file or directory; the file"))
        #expect(try String(contentsOfFile: moved + "/chat.log", encoding: .utf8) == "one\n")
    }

    @Test func `a file that cannot be opened is named`() {
        let error = #expect(throws: StartupError.self) { try LogSink(path: "/no/such/directory/chat.log") }
        #expect(error?.description.hasPrefix("log_file: \"/no/such/directory/chat.log\" cannot be opened: ") == true)
    }
}
