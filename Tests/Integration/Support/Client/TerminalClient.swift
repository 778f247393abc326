import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The real `chat-client` in a pipe; on a terminal it is a ``ScreenClient``.
final class TerminalClient: Sendable {
    private let child: ChildProcess
    /// The pipe's end; -1 once closed.
    private let keyboard: Mutex<Int32>

    private init(child: ChildProcess, keyboard: Int32) {
        self.child = child
        self.keyboard = Mutex(keyboard)
    }

    private static func arguments(_ name: String, _ port: Int) -> [String] {
        ["-addr", "127.0.0.1:\(port)", "-username", name]
    }

    /// Standard input is a pipe, standard output and error a file.
    static func inPipe(_ name: String, port: Int) throws -> TerminalClient {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw SpawnFailed(description: "no pipe") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        defer { closeDescriptor(ends[0]) }
        let directory = try ScratchDirectory.make("client")
        let child = try ChildProcess(
            "chat-client \(name)", Product.client(), arguments(name, port), directory: directory,
            log: directory.appendingPathComponent("output.txt"), input: ends[0])
        return TerminalClient(child: child, keyboard: ends[1])
    }

    /// Everything printed so far.
    var output: String { child.output }

    /// What is typed, as it is.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        keyboard.withLock { descriptor in
            if descriptor >= 0 { _ = write(descriptor, bytes, bytes.count) }
        }
    }

    func enter(_ line: String) { type(line + "\n") }

    /// Ends its standard input.
    func hangUp() {
        keyboard.withLock { descriptor in
            if descriptor >= 0 { closeDescriptor(descriptor) }
            descriptor = -1
        }
    }

    func shows(_ text: String, within limit: Duration = .seconds(10)) async throws {
        try await eventually("\(child.name) to show “\(text)”", within: limit, seen: { output }) {
            output.contains(text)
        }
    }

    func exit(within limit: Duration = .seconds(10)) async throws -> ExitStatus { try await child.exit(within: limit) }
    func signal(_ number: Int32) { child.signal(number) }
    func destroy() async { await child.destroy() }
}

private func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }
