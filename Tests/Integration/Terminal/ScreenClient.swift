import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// The real `chat-client` on a pseudo-terminal, and what its screen shows.
final class ScreenClient: Sendable {
    let child: ChildProcess
    /// The terminal's other side; -1 once closed.
    private let keyboard: Mutex<Int32>
    private let terminal: Mutex<VirtualTerminal>
    private let bytes = Mutex(0)
    private static let started = Mutex<[ScreenClient]>([])

    private init(child: ChildProcess, keyboard: Int32, columns: Int, rows: Int) {
        self.child = child
        self.keyboard = Mutex(keyboard)
        terminal = Mutex(VirtualTerminal(columns: columns, rows: rows))
    }

    /// - Parameter state: where history and settings are kept; a fresh directory where nothing is said.
    static func start(
        _ name: String, port: Int, columns: Int = 80, rows: Int = 24, arguments: [String] = [],
        environment: [String: String] = [:], state: URL? = nil
    ) throws -> ScreenClient {
        try start(
            "chat-client \(name)", Product.client(), ["-addr", "127.0.0.1:\(port)", "-username", name] + arguments,
            columns: columns, rows: rows, environment: environment, state: state)
    }

    /// Any program on a terminal of its own, such as a shell that starts the client.
    static func start(
        _ title: String, _ executable: String, _ arguments: [String], columns: Int = 80, rows: Int = 24,
        environment: [String: String] = [:], state: URL? = nil
    ) throws -> ScreenClient {
        var ours: Int32 = -1
        var theirs: Int32 = -1
        var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
        guard openpty(&ours, &theirs, nil, nil, &size) == 0, let path = ttyname(theirs).map({ String(cString: $0) })
        else { throw SpawnFailed(description: "no pseudo-terminal") }
        for end in [ours, theirs] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let directory = try state ?? ScratchDirectory.make("screen")
        let child = try ChildProcess(
            title, executable, arguments,
            environment: [
                "TERM": "xterm-256color", "XDG_STATE_HOME": directory.path, "HOME": directory.path, "TZ": "UTC",
            ].merging(environment) { $1 },
            directory: directory, terminal: path)
        _ = close(theirs)
        let client = ScreenClient(child: child, keyboard: ours, columns: columns, rows: rows)
        let descriptor = ours
        Thread.detachNewThread { client.watch(descriptor) }
        started.withLock { $0.append(client) }
        return client
    }

    /// Ends those that a test which failed has left behind.
    static func endAll() async {
        let left = started.withLock { started in
            defer { started = [] }
            return started
        }
        for client in left {
            await client.child.destroy()
            client.keyboard.withLock { descriptor in
                if descriptor >= 0 { _ = close(descriptor) }
                descriptor = -1
            }
        }
    }

    private func watch(_ descriptor: Int32) {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 {
                terminal.withLock { $0.feed(buffer[..<count]) }
                bytes.withLock { $0 += count }
            } else if count == 0 || errno != EINTR {
                return
            }
        }
    }

    /// As it looks now.
    var screen: VirtualTerminal { terminal.withLock { $0 } }
    var text: String { screen.text }
    /// How much it was sent so far.
    var bytesWritten: Int { bytes.withLock { $0 } }

    /// The row that says how things stand: the only one in reversed video that is not in the list.
    var statusLine: String { screen.lines.dropLast().last { !$0.isEmpty } ?? "" }

    // MARK: Using it

    func type(_ text: String) { type(bytes: Array(text.utf8)) }

    func type(bytes: [UInt8]) {
        keyboard.withLock { descriptor in
            var rest = bytes[...]
            while !rest.isEmpty, descriptor >= 0 {
                let count = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, min($0.count, 256)) }
                if count <= 0 { return }
                rest = rest.dropFirst(count)
            }
        }
    }

    func enter(_ line: String) { type(line + "\r") }

    /// As a terminal pastes it.
    func paste(_ text: String) { type("\u{1B}[200~" + text.replacing("\n", with: "\r") + "\u{1B}[201~") }

    func resize(columns: Int, rows: Int) {
        keyboard.withLock { descriptor in
            var size = winsize(ws_row: UInt16(rows), ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
            terminal.withLock { $0.resize(columns: columns, rows: rows) }
            _ = ioctl(descriptor, UInt(TIOCSWINSZ), &size)
        }
    }

    // MARK: Expecting

    func shows(_ text: String, within limit: Duration = .seconds(10)) async throws {
        try await looks("\(child.name) to show “\(text)”", within: limit) { $0.text.contains(text) }
    }

    /// Its status line says that it is in a room, with whomever.
    func isIn(_ room: String, within limit: Duration = .seconds(10)) async throws {
        try await looks("\(child.name) to be in \(room)", within: limit) { screen in
            screen.lines.contains { $0.hasPrefix(" \(room) (") && $0.contains(" · ") }
        }
    }

    func hides(_ text: String, within limit: Duration = .seconds(10)) async throws {
        try await looks("\(child.name) not to show “\(text)” any more", within: limit) { !$0.text.contains(text) }
    }

    func looks(
        _ what: String, within limit: Duration = .seconds(10), _ condition: (VirtualTerminal) -> Bool
    ) async throws {
        try await eventually(what, within: limit, seen: { text }) { condition(screen) }
    }

    /// How its terminal is set just now.
    var settings: TerminalSettings { keyboard.withLock { TerminalSettings($0) } }

    func exit(within limit: Duration = .seconds(10)) async throws -> ExitStatus { try await child.exit(within: limit) }
    func signal(_ number: Int32) { child.signal(number) }

    /// Leaves it the way users do.
    func quit() async throws -> ExitStatus {
        enter("/quit")
        return try await exit()
    }
}

/// What `stty` would say of a terminal.
struct TerminalSettings: Equatable, Sendable {
    let input: UInt
    let output: UInt
    let local: UInt

    fileprivate init(_ descriptor: Int32) {
        var settings = termios()
        _ = tcgetattr(descriptor, &settings)
        input = UInt(settings.c_iflag)
        output = UInt(settings.c_oflag)
        local = UInt(settings.c_lflag)
    }
}
