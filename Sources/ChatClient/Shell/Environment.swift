#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The process's environment: terminals and variables, read once.
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

    /// The screen needs single keys and a movable cursor, so both sides must be terminals.
    var allowsEditor: Bool { inputIsTerminal && outputIsTerminal && !terminalIsDumb }
    var outputStyle: OutputStyle { style(outputIsTerminal) }
    var errorStyle: OutputStyle { style(errorIsTerminal) }

    private func style(_ isTerminal: Bool) -> OutputStyle {
        OutputStyle(isColoured: isTerminal && !terminalIsDumb && !declinesColour)
    }

    /// Asks until the answer is a valid name; `nil` if the input ends.
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

    /// A variable's value; `nil` if it is unset or empty.
    static func variable(_ name: String) -> String? {
        guard let value = getenv(name), value.pointee != 0 else { return nil }
        return String(cString: value)
    }
}

extension String {
    /// Without surrounding whitespace.
    fileprivate var trimmed: String {
        let start = drop(while: \.isWhitespace)
        return String(start[..<(start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex)])
    }
}
