import ArgumentParser

extension Options {
    /// What a command line turned out to be.
    enum Reading {
        case options(Options)
        /// Asked for by `--help` or `--version`; not an error.
        case information(String)
        /// Wrong usage, in words for the user.
        case wrong(String)
    }

    /// Reads the arguments, without the command's own name.
    static func read(_ arguments: [String]) -> Reading {
        do {
            // The completion scripts offer it.
            return .options(try parse(arguments == ["help"] ? ["--help"] : arguments))
        } catch {
            let message = fullMessage(for: error)
            return exitCode(for: error).isSuccess ? .information(message) : .wrong(message)
        }
    }
}
