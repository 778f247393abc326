import Wire

/// The source of the user's token. Never the command line, which everybody on the machine can read.
enum TokenSource: Equatable, Sendable {
    case value(String)
    /// A path. The file is read for each connection, so that a token can be renewed while the client runs.
    case file(String)

    /// In bytes. Tokens of a few kilobytes are common, and servers accept no longer headers than this.
    private static let longest = 16 * 1024

    /// Reads the token now, so that a problem is known before there is a connection. No error contains the token.
    /// - Returns: whether the token can change, and a closure that reads it again.
    func reader() throws(UsageProblem) -> (Credential, @Sendable () throws(UsageProblem) -> String) {
        switch self {
        case .value(let text):
            let token = try Self.checked(text, from: "CHAT_TOKEN")
            return (.fixed, { () throws(UsageProblem) in token })
        case .file(let path):
            let (token, canBeReadAgain) = try Self.read(path)
            guard canBeReadAgain else { return (.fixed, { () throws(UsageProblem) in token }) }
            return (.file(path), { () throws(UsageProblem) in try Self.read(path).token })
        }
    }

    private static func read(_ path: String) throws(UsageProblem) -> (token: String, canBeReadAgain: Bool) {
        let file = try SmallFile.read(path, for: "the token file")
        // As ssh does with keys. A pipe is not checked, because only the process that opened it has it.
        if file.isRegular, file.mode & 0o077 != 0 {
            throw UsageProblem(
                "the token file \(path) is open to others (its mode is \(String(file.mode, radix: 8))) and is not used; "
                    + "chmod 600 makes it yours alone")
        }
        return (
            try checked(
                String(decoding: file.bytes.withoutByteOrderMark, as: UTF8.self), from: "the token file \(path)"),
            file.isRegular
        )
    }

    private static func checked(_ text: String, from source: String) throws(UsageProblem) -> String {
        guard let first = text.firstIndex(where: { !$0.isWhitespace }),
            let last = text.lastIndex(where: { !$0.isWhitespace })
        else { throw UsageProblem("\(source) is empty") }
        let token = text[first...last]
        // The token becomes part of a header line.
        guard token.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw UsageProblem("\(source) holds more than one token, or something that is none")
        }
        guard token.utf8.count <= longest else { throw UsageProblem("\(source) holds more than a token") }
        return String(token)
    }
}

extension TokenSource: CustomReflectable, CustomStringConvertible {
    /// Without the token.
    var description: String {
        switch self {
        case .value: "CHAT_TOKEN"
        case .file(let path): path
        }
    }

    /// Keeps the token out of `dump` and of the descriptions of what holds it.
    var customMirror: Mirror { Mirror(self, children: ["source": description]) }
}
