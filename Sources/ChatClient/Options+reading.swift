import ArgumentParser

extension Options {
    /// The result of reading a command line.
    enum Reading {
        case options(Options)
        /// The text for `--help` or `--version`, which is not an error.
        case information(String)
        /// Wrong usage, explained for the user.
        case wrong(String)
    }

    /// Reads the arguments, without the command's own name.
    static func read(_ arguments: [String]) -> Reading {
        do {
            // The completion scripts offer `help`.
            return .options(try parse(arguments == ["help"] ? ["--help"] : arguments))
        } catch {
            let message = fullMessage(for: error)
            return exitCode(for: error).isSuccess ? .information(message) : .wrong(message)
        }
    }
}
