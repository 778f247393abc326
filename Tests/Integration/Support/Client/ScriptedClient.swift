import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The real `chat-client` as scripts run it: standard output, standard error and the exit status each for itself.
final class ScriptedClient: Sendable {
    /// What stands behind standard input.
    enum Input {
        case nothing
        /// A pipe that brings this and ends.
        case text(String)
        /// A pipe that is written to with ``ScriptedClient/enter(_:)`` until ``ScriptedClient/hangUp()``.
        case pipe
    }

    private let child: ChildProcess
    private let outputFile: URL
    private let keyboard: Mutex<Int32>
    /// Our end of a pipe for standard output; -1 where that is a file.
    private let reader: Mutex<Int32>

    /// - Parameters:
    ///   - home: where the configuration is looked for; an empty place by default.
    ///   - readsOutput: standard output is a pipe for ``readLine()``, and no file.
    init(
        _ arguments: [String], input: Input = .nothing, environment: [String: String] = [:], home: URL? = nil,
        readsOutput: Bool = false
    ) throws {
        let directory = try ScratchDirectory.make("script")
        outputFile = directory.appendingPathComponent("output.txt")
        let errorFile = directory.appendingPathComponent("errors.txt")
        let home = home ?? directory
        let places = ["HOME": home.path, "XDG_CONFIG_HOME": home.appendingPathComponent(".config").path]
        let (theirInput, keyboard) = try Self.standardInput(input)
        var theirs = [theirInput]
        defer { for descriptor in theirs where descriptor >= 0 { close(descriptor) } }
        let flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC
        let (reader, output) =
            readsOutput ? try Self.makePipe() : (-1, open(outputFile.path, flags, 0o600))
        let errors = open(errorFile.path, flags, 0o600)
        theirs += [output, errors]
        child = try ChildProcess(
            "chat-client \(arguments.joined(separator: " "))", Product.client(), arguments,
            environment: places.merging(environment) { $1 }, directory: directory, log: errorFile,
            input: theirInput >= 0 ? theirInput : nil, output: output, errors: errors)
        self.keyboard = Mutex(keyboard)
        self.reader = Mutex(reader)
        if case .text(let text) = input {
            // What does not fit into the pipe waits for the client to read it.
            Thread.detachNewThread { [self] in
                type(text)
                hangUp()
            }
        }
    }

    private static func standardInput(_ input: Input) throws -> (theirs: Int32, ours: Int32) {
        if case .nothing = input { return (-1, -1) }
        let ends = try makePipe()
        return (ends.read, ends.write)
    }

    private static func makePipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SpawnFailed(description: "no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    // MARK: Standard input

    func enter(_ line: String) { type(line + "\n") }

    private func type(_ text: String) {
        let descriptor = keyboard.withLock { $0 }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty, descriptor >= 0 {
            let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count <= 0 { return }
            rest = rest.dropFirst(count)
        }
    }

    func hangUp() {
        keyboard.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    // MARK: What it says

    var output: String { (try? String(contentsOf: outputFile, encoding: .utf8)) ?? "" }
    var lines: [String] { output.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) }
    var errors: String { child.output }

    /// Reads one line of its standard output, waiting for it.
    func readLine() -> String {
        var bytes: [UInt8] = []
        let descriptor = reader.withLock { $0 }
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) == 1, byte != UInt8(ascii: "\n") { bytes.append(byte) }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Stops reading its standard output, as `head` does.
    func closeOutput() {
        reader.withLock { descriptor in
            if descriptor >= 0 { close(descriptor) }
            descriptor = -1
        }
    }

    func prints(_ text: String, within limit: Duration = .seconds(10)) async throws {
        try await eventually("\(child.name) to print “\(text)”", within: limit, seen: { "\(output)\n\(errors)" }) {
            output.contains(text)
        }
    }

    func complains(_ text: String, within limit: Duration = .seconds(10)) async throws {
        try await eventually("\(child.name) to complain “\(text)”", within: limit, seen: { errors }) {
            errors.contains(text)
        }
    }

    func exit(within limit: Duration = .seconds(15)) async throws -> ExitStatus {
        do {
            return try await child.exit(within: limit)
        } catch {
            await child.destroy()
            throw error
        }
    }

    func signal(_ number: Int32) { child.signal(number) }

    /// Runs it to its end.
    static func run(
        _ arguments: [String], input: Input = .nothing, environment: [String: String] = [:], home: URL? = nil,
        within limit: Duration = .seconds(15)
    ) async throws -> (status: ExitStatus, client: ScriptedClient) {
        let client = try ScriptedClient(arguments, input: input, environment: environment, home: home)
        return (try await client.exit(within: limit), client)
    }
}
