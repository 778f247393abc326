import Transport

/// The connection settings of one source: the command line, the environment, a profile, or the part of the
/// configuration file for all profiles. A setting that it does not have is taken from the next source.
struct SettingsLayer: Equatable, Sendable {
    /// Not empty if it is set.
    var addresses: [ServerAddress]?
    var username: String?
    var room: String?
    /// A PEM file of trusted authorities.
    var authorities: String?
    var token: TokenSource?

    /// This layer's settings, with `other`'s in place of those that it does not have.
    func over(_ other: SettingsLayer) -> SettingsLayer {
        SettingsLayer(
            addresses: addresses ?? other.addresses, username: username ?? other.username, room: room ?? other.room,
            authorities: authorities ?? other.authorities, token: token ?? other.token)
    }
}

/// Why the client cannot start, in a sentence for standard error.
struct UsageProblem: Error, Equatable, Sendable, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

extension SettingsLayer {
    /// The environment variables and their meanings, as the manual lists them.
    static let variables = [
        "CHAT_ADDR", "CHAT_USERNAME", "CHAT_ROOM", "CHAT_CA", "CHAT_TOKEN", "CHAT_TOKEN_FILE", "CHAT_PROFILE",
    ]

    /// - Parameter variable: returns a variable of the environment; `nil` if it is unset or empty.
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

    /// Reads addresses separated by commas.
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
    /// Reads one address, or several separated by commas.
    static func list(_ text: String) throws(Problem) -> [ServerAddress] {
        var addresses: [ServerAddress] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            addresses.append(try ServerAddress(String(part.drop { $0 == " " })))
        }
        return addresses.withoutRepeats
    }
}

extension [ServerAddress] {
    /// The addresses without repetitions, each at its first place.
    var withoutRepeats: [ServerAddress] {
        reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }
}
