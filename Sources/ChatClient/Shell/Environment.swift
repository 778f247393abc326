#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What the process finds around it: terminals and environment variables, read once.
struct Environment {
    var inputIsTerminal: Bool
    var outputIsTerminal: Bool
    var errorIsTerminal: Bool
    var terminalIsDumb: Bool
    var declinesColour: Bool
    var username: String?

    static var current: Environment {
        let term = variable("TERM")
        return Environment(
            inputIsTerminal: isatty(STDIN_FILENO) == 1,
            outputIsTerminal: isatty(STDOUT_FILENO) == 1,
            errorIsTerminal: isatty(STDERR_FILENO) == 1,
            terminalIsDumb: term == nil || term == "dumb",
            declinesColour: variable("NO_COLOR") != nil,
            username: variable("CHAT_USERNAME"))
    }

    /// Keys one by one and a cursor that can be moved need a terminal on both sides.
    var allowsEditor: Bool { inputIsTerminal && outputIsTerminal && !terminalIsDumb }
    var outputStyle: OutputStyle { style(outputIsTerminal) }
    var errorStyle: OutputStyle { style(errorIsTerminal) }

    private func style(_ isTerminal: Bool) -> OutputStyle {
        OutputStyle(isColoured: isTerminal && !terminalIsDumb && !declinesColour)
    }

    /// Asks until there is a good answer; `nil` where the input ends instead.
    func askForUsername() -> String? {
        let asking = outputIsTerminal ? STDOUT_FILENO : STDERR_FILENO
        while true {
            var question = FileOutput(asking)
            question.append("Enter your username: ")
            question.flush()
            guard let line = readLine() else {
                question.append("\n")
                question.flush()
                return nil
            }
            let name = line.trimmed
            guard let problem = NameRule.username.problem(with: name) else { return name }
            question.append("\(problem)\n")
            question.flush()
        }
    }

    static func complain(_ words: String) {
        var errors = FileOutput(STDERR_FILENO)
        errors.append(words + "\n")
        errors.flush()
    }

    /// Empty means unset.
    static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}

extension String {
    /// Without the whitespace around it.
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start[..<(start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)])
    }
}
