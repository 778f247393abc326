import ArgumentParser
import Domain
import Foundation
import InfrastructureConfiguration
import InfrastructureIdentity
import InfrastructureObservability

/// `server token`: prints a token that is signed with the server's own secret.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Print a token for a user, signed with jwt_secret.",
        discussion: """
            The token has the issuer, the audience and the claim for the username that the configuration asks for. \
            Whoever has it is that user until it expires: treat it like a password.
            """)

    /// Its `--config` stands behind `token` as well: a value of that name goes to the parent.
    @ParentCommand var server: ServerCommand

    @Option(name: .customLong("sub"), help: "The user.")
    var username: String

    @Option(help: "user, moderator or admin.")
    var role = "user"

    @Option(
        help: ArgumentHelp(
            "Where the user may read and write: names, or beginnings of names with a * at the end.",
            valueName: "dev,team-*"))
    var rooms: String?

    @Option(help: ArgumentHelp("Where the user may read only.", valueName: "news,log-*"))
    var readRooms: String?

    @Option(help: ArgumentHelp("How long the token is valid: 90s, 15m, 1h, 7d.", valueName: "duration"))
    var ttl = "1h"

    func run() throws {
        ProcessSignals.release()
        do {
            let configuration = try ChatConfiguration.load(
                path: server.path, environment: ProcessInfo.processInfo.environment)
            let identity = configuration.identity
            guard let issuer = TokenIssuer(secret: identity.secret, rules: identity.rules) else {
                throw ValidationError("jwt_secret: missing; without it no token can be signed")
            }
            print(issuer.token(for: try grant(identity.rules), at: .now))
        } catch {
            LogSink.sayOnConsole("server: \(ServerCommand.explain(error))")
            throw ExitCode.failure
        }
    }

    private func grant(_ rules: TokenRules) throws -> TokenIssuer.Grant {
        guard let role = Role(role) else { throw ValidationError("--role: must be one of user, moderator, admin") }
        guard let lifetime = TokenLifetime(ttl) else {
            throw ValidationError("--ttl: must be a number with s, m, h or d behind it, such as 1h, and at most 3650d")
        }
        guard rules.guestPrefix.isEmpty || !username.utf8.starts(with: rules.guestPrefix.utf8) else {
            throw ValidationError("--sub: names that begin with guest_prefix are for guests")
        }
        return TokenIssuer.Grant(
            username: try named("--sub") { () throws(NameError) in try Username(username) }, role: role,
            permissions: Permissions(
                rooms: try rooms.map { try Self.patterns($0, "--rooms") },
                readRooms: try readRooms.map { try Self.patterns($0, "--read-rooms") } ?? []),
            lifetimeSeconds: lifetime.seconds)
    }

    private func named<Value>(_ option: String, _ make: () throws -> Value) throws -> Value {
        do { return try make() } catch { throw ValidationError("\(option): \(error)") }
    }

    private static func patterns(_ text: String, _ option: String) throws -> [RoomPattern] {
        try text.split(separator: ",").map { item in
            do throws(RoomPatternError) {
                return try RoomPattern(item.trimmingCharacters(in: .whitespaces))
            } catch {
                throw ValidationError("\(option): a pattern \(error)")
            }
        }
    }
}

/// How long a token is valid, as it is written on the command line.
struct TokenLifetime: Equatable {
    private static let longest: Int64 = 3650 * 86_400

    let seconds: Int64

    /// - Returns: nil for anything but a whole number with its unit behind it, one second at least and ten years at most.
    init?(_ text: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let unit = text.last.flatMap({ units[$0] }), text.dropLast().utf8.allSatisfy({ 0x30...0x39 ~= $0 }),
            let count = Int64(text.dropLast()), count > 0
        else { return nil }
        let (seconds, isTooLong) = count.multipliedReportingOverflow(by: unit)
        guard !isTooLong, seconds <= Self.longest else { return nil }
        self.seconds = seconds
    }
}
