import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The real `chat-client`, in a pipe or on a pseudo-terminal.
final class TerminalClient: Sendable {
    private let child: ChildProcess
    /// What we write to: the pipe's end, or the terminal's other side. -1 once closed.
    private let keyboard: Mutex<Int32>
    /// What the terminal was sent; a pipe's output is in the child's file.
    private let screen = Mutex<[UInt8]>([])
    private let isTerminal: Bool

    private init(child: ChildProcess, keyboard: Int32, isTerminal: Bool) {
        self.child = child
        self.keyboard = Mutex(keyboard)
        self.isTerminal = isTerminal
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
        return TerminalClient(child: child, keyboard: ends[1], isTerminal: false)
    }

    /// All three streams are a terminal of 80 × 24.
    static func onTerminal(_ name: String, port: Int) throws -> TerminalClient {
        var ours: Int32 = -1
        var theirs: Int32 = -1
        var size = winsize(ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&ours, &theirs, nil, nil, &size) == 0, let path = ttyname(theirs).map({ String(cString: $0) })
        else { throw SpawnFailed(description: "no pseudo-terminal") }
        for end in [ours, theirs] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child = try ChildProcess(
            "chat-client \(name)", Product.client(), arguments(name, port), environment: ["TERM": "xterm"],
            directory: ScratchDirectory.make("client"), terminal: path)
        closeDescriptor(theirs)
        let client = TerminalClient(child: child, keyboard: ours, isTerminal: true)
        let descriptor = ours
        Thread.detachNewThread { client.watchScreen(descriptor) }
        return client
    }

    private func watchScreen(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        // Ends with EIO when the client has closed its side.
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 { screen.withLock { $0 += buffer[..<count] } } else if count == 0 || errno != EINTR { return }
        }
    }

    /// Everything shown so far, escape sequences included.
    var output: String {
        isTerminal ? screen.withLock { String(decoding: $0, as: UTF8.self) } : child.output
    }

    /// What is typed, as it is: a line ends with `\n` in a pipe and `\r` on a terminal.
    func type(_ text: String) {
        let bytes = Array(text.utf8)
        keyboard.withLock { descriptor in
            if descriptor >= 0 { _ = write(descriptor, bytes, bytes.count) }
        }
    }

    func enter(_ line: String) { type(line + (isTerminal ? "\r" : "\n")) }

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
