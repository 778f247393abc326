import Transport

/// What one source says about where and as whom to chat: the command line, the environment, a profile, or what the
/// configuration file says for all profiles. What it does not say is left to the next.
struct SettingsLayer: Equatable, Sendable {
    /// Never empty.
    var addresses: [ServerAddress]?
    var username: String?
    var room: String?
    /// A PEM file of the authorities to trust.
    var authorities: String?
    var token: TokenSource?

    /// What this layer says, and where it says nothing what `other` says.
    func over(_ other: SettingsLayer) -> SettingsLayer {
        SettingsLayer(
            addresses: addresses ?? other.addresses, username: username ?? other.username, room: room ?? other.room,
            authorities: authorities ?? other.authorities, token: token ?? other.token)
    }
}

/// Why the client cannot begin, in a sentence for standard error.
struct UsageProblem: Error, Equatable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension SettingsLayer {
    /// The variables that are read, and what for, as the manual lists them.
    static let variables = [
        "CHAT_ADDR", "CHAT_USERNAME", "CHAT_ROOM", "CHAT_CA", "CHAT_TOKEN", "CHAT_TOKEN_FILE", "CHAT_PROFILE",
    ]

    /// - Parameter variable: a variable of the environment; `nil` where it is not set or empty.
    init(environment variable: (String) -> String?) throws(UsageProblem) {
        if let text = variable("CHAT_ADDR") { addresses = try Self.addresses(text, named: "CHAT_ADDR") }
        username = try variable("CHAT_USERNAME").map { name throws(UsageProblem) in
            try Self.checked(name, by: .username, named: "CHAT_USERNAME")
        }
        room = try variable("CHAT_ROOM").map { name throws(UsageProblem) in
            try Self.checked(name, by: .room, named: "CHAT_ROOM")
        }
        authorities = variable("CHAT_CA")
        token = variable("CHAT_TOKEN").map(TokenSource.value) ?? variable("CHAT_TOKEN_FILE").map(TokenSource.file)
    }

    /// Several addresses are divided by commas.
    static func addresses(_ text: String, named source: String) throws(UsageProblem) -> [ServerAddress] {
        do throws(ServerAddress.Problem) {
            return try ServerAddress.list(text)
        } catch {
            throw UsageProblem("\(source): \(error.description)")
        }
    }

    static func checked(_ name: String, by rule: NameRule, named source: String) throws(UsageProblem) -> String {
        guard let problem = rule.problem(with: name) else { return name }
        throw UsageProblem("\(source): \(problem)")
    }
}

extension ServerAddress {
    /// Reads one address, or several with commas between them.
    static func list(_ text: String) throws(Problem) -> [ServerAddress] {
        var addresses: [ServerAddress] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            addresses.append(try ServerAddress(String(part.drop { $0 == " " })))
        }
        return addresses.withoutRepeats
    }
}

extension [ServerAddress] {
    /// Each one where it comes first.
    var withoutRepeats: [ServerAddress] {
        reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
