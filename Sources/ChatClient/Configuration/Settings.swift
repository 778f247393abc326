import Transport

/// The client's settings, merged from all sources. The command line overrides the environment, that overrides the
/// configuration file, and that the defaults.
struct Settings: Equatable, Sendable {
    static let defaultAddress = ServerAddress(host: "localhost", port: ServerAddress.defaultPort)

    /// The first address to try.
    var address: ServerAddress
    var otherAddresses: [ServerAddress]
    /// `nil`: the user is asked, or the token tells the name.
    var username: String?
    var room: String?
    /// A PEM file of trusted authorities; `nil`: the system's.
    var authorities: String?
    var token: TokenSource?

    /// - Parameters:
    ///   - variable: returns a variable of the environment; `nil` if it is unset or empty.
    ///   - read: returns a file's bytes; `nil` if the file does not exist.
    init(
        _ options: ConnectingOptions, environment variable: (String) -> String?,
        read: (String) throws(UsageProblem) -> [UInt8]?
    ) throws(UsageProblem) {
        let environment = try SettingsLayer(environment: variable)
        let profile = options.profile ?? variable("CHAT_PROFILE")
        let file = try Self.file(profile: profile, environment: variable, read: read)
        let all = options.layer.over(environment).over(file)
        address = all.addresses?.first ?? Self.defaultAddress
        otherAddresses = Array(all.addresses?.dropFirst() ?? [])
        username = all.username
        room = all.room
        authorities = all.authorities
        token = all.token
        if options.ca != nil, !usesTLS {
            throw UsageProblem("--ca says whom to trust with TLS, but no address begins with wss:// or https://.")
        }
    }

    private static func file(
        profile: String?, environment variable: (String) -> String?,
        read: (String) throws(UsageProblem) -> [UInt8]?
    ) throws(UsageProblem) -> SettingsLayer {
        guard let path = ConfigurationFile.path(environment: variable), let json = try read(path) else {
            guard let profile else { return SettingsLayer() }
            throw UsageProblem("there is no configuration file that could hold the profile '\(SafeText.name(profile))'")
        }
        return try ConfigurationFile(json: json, path: path, home: variable("HOME")).layer(profile: profile)
    }

    var usesTLS: Bool { address.isSecure || otherAddresses.contains(where: \.isSecure) }

    /// The first address to which the token would be sent without TLS over a network.
    var exposesTokenTo: ServerAddress? {
        guard token != nil else { return nil }
        return ([address] + otherAddresses).first { !$0.isSecure && !$0.isLocal }
    }

    /// The authorities whose certificates are trusted.
    func trust() throws(UsageProblem) -> TLSTrust {
        guard let authorities, usesTLS else { return .system }
        let file = try SmallFile.read(authorities, for: "the file of authorities")
        do throws(TLSTrust.Problem) {
            return try TLSTrust(pem: file.bytes)
        } catch {
            throw UsageProblem("the file of authorities \(authorities) cannot be used: \(error.description)")
        }
    }
}
