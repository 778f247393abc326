import NIOCore
import Wire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes messages to standard output, and the client's own words to standard error.
struct ScriptOutput {
    private let format: ScriptFormat
    /// Otherwise other users' messages are not shown.
    private let showsMessages: Bool
    private let outputStyle: OutputStyle
    private let errorStyle: OutputStyle
    private var output = FileOutput(STDOUT_FILENO)
    private var errors = FileOutput(STDERR_FILENO)

    init(_ format: ScriptFormat, showsMessages: Bool, outputStyle: OutputStyle, errorStyle: OutputStyle) {
        self.format = format
        self.showsMessages = showsMessages
        self.outputStyle = outputStyle
        self.errorStyle = errorStyle
    }

    mutating func show(_ what: Output) {
        switch (what, format) {
        // The event itself was printed already.
        case (.status, _), (.failed, _), (.help, .json), (.helpOn, .json): complain(what)
        case (_, .plain): if showsMessages { print(what) }
        case (_, .json): break
        }
    }

    mutating func write(event: ByteBuffer) {
        guard let line = EventLine.make(event.readableBytesView) else { return }
        output.append(line + "\n")
    }

    /// Writes a message that the errand requested.
    mutating func write(_ message: V2Message) {
        switch format {
        case .plain:
            print(
                .message(
                    timestamp: ShownTime.text(message.timestamp), room: message.room, sender: message.sender,
                    content: message.content))
        case .json: write(event: ByteBuffer(bytes: V2Frame(.chatMessage(message)).json))
        }
    }

    /// - Returns: false if nobody reads standard output any more.
    mutating func flush() -> Bool {
        output.flush()
        return !output.isClosed
    }

    /// Why writing to standard output failed; nil if it works, or if only its reader went away.
    var failure: String? { output.failure }

    private mutating func print(_ what: Output) {
        for line in outputStyle.lines(for: what) { output.append(line + "\n") }
    }

    /// Writes to standard error, after flushing what was said before.
    private mutating func complain(_ what: Output) {
        output.flush()
        for line in errorStyle.lines(for: what) { errors.append(line + "\n") }
        errors.flush()
    }
}
