#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Lines in, lines out: for pipes, files, and terminals too simple for the editor. Messages go to standard output, the
/// client's own words to standard error.
final class PlainConsole: Console {
    private var splitter = LineSplitter()
    /// At most what one read of standard input brought.
    private var actions: ArraySlice<ConsoleAction> = []
    private var output = FileOutput(STDOUT_FILENO)
    private var errors = FileOutput(STDERR_FILENO)
    private let outputStyle: OutputStyle
    private let errorStyle: OutputStyle

    init(outputStyle: OutputStyle, errorStyle: OutputStyle) {
        self.outputStyle = outputStyle
        self.errorStyle = errorStyle
    }

    func feed(_ bytes: [UInt8]) {
        actions += splitter.append(bytes).map(Self.action)
    }

    func feedEnd() {
        if let piece = splitter.finish() { actions.append(Self.action(piece)) }
        actions.append(.endOfInput)
    }

    func nextAction() -> ConsoleAction? {
        actions.popFirst()
    }

    private static func action(_ piece: LineSplitter.Piece) -> ConsoleAction {
        switch piece {
        case .line(let line): .line(line)
        case .tooLong: .lineTooLong
        }
    }

    func show(_ what: Output) {
        switch what {
        case .status, .failed:
            output.flush()
            for line in errorStyle.lines(for: what) { errors.append(line + "\n") }
            errors.flush()
        default:
            for line in outputStyle.lines(for: what) { output.append(line + "\n") }
        }
    }

    func flush() -> Bool {
        output.flush()
        return !output.isClosed
    }

    /// Only lines of an editor are refused; input that can wait is not read instead.
    func giveBack(_ line: String) {}
    var patience: Int32? { nil }
    func settle() {}
    func resized() {}
    func suspend() {}
    func resume() {}
    func close() { output.flush() }
}
