import Transport

/// What the client is to do, put together from all sources: the command line before the environment, that before the
/// configuration file, that before the defaults.
struct Settings: Equatable, Sendable {
    static let defaultAddress = ServerAddress(host: "localhost", port: ServerAddress.defaultPort)

    /// Tried in turn.
    var address: ServerAddress
    var otherAddresses: [ServerAddress]
    /// `nil`: to be asked for, or the token tells.
    var username: String?
    var room: String?
    /// A PEM file of the authorities to trust; those of the system where absent.
    var authorities: String?
    var token: TokenSource?

    /// - Parameters:
    ///   - variable: a variable of the environment; `nil` where it is not set or empty.
    ///   - read: gives a file's bytes; `nil` where there is none.
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

    /// An address to which the token would go for everybody on the way to read.
    var exposesTokenTo: ServerAddress? {
        guard token != nil else { return nil }
        return ([address] + otherAddresses).first { !$0.isSecure && !$0.isLocal }
    }

    /// Whose certificates to believe.
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
