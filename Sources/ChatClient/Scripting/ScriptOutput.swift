import NIOCore
import Wire

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Standard output for what was said, standard error for the client's own words.
struct ScriptOutput {
    private let format: ScriptFormat
    /// Otherwise nothing is shown of what others say.
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
        // All that the server said is there already.
        case (.status, _), (.failed, _), (.help, .json), (.helpOn, .json): complain(what)
        case (_, .plain): if showsMessages { print(what) }
        case (_, .json): break
        }
    }

    mutating func write(event: ByteBuffer) {
        guard let line = EventLine.make(event.readableBytesView) else { return }
        output.append(line + "\n")
    }

    /// Writes a message that was asked for.
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

    /// - Returns: false where nobody reads standard output any more.
    mutating func flush() -> Bool {
        output.flush()
        return !output.isClosed
    }

    /// Why standard output cannot be written to, where it is not for want of a reader.
    var failure: String? { output.failure }

    private mutating func print(_ what: Output) {
        for line in outputStyle.lines(for: what) { output.append(line + "\n") }
    }

    /// After what was said before it.
    private mutating func complain(_ what: Output) {
        output.flush()
        for line in errorStyle.lines(for: what) { errors.append(line + "\n") }
        errors.flush()
    }
}
