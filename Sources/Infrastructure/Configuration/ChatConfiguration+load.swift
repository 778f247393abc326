import Foundation
public import InfrastructureRedis
import Wire

extension ChatConfiguration {
    /// Reads the file, applies the environment, and checks the result.
    ///
    /// - Parameter path: nil: no file is read, the defaults count.
    public static func load(path: String?, environment: [String: String]) throws(ConfigurationError)
        -> ChatConfiguration
    {
        let fields = try path.map(read) ?? []
        if let unknown = fields.map(\.key).filter({ key in !ConfigurationKey.all.contains { $0.name == key } }).min() {
            throw ConfigurationError("\(unknown): no such key; known are \(knownKeys)").in(path)
        }
        var values: [String: ConfigurationValue] = [:]
        for field in fields where values.updateValue(ConfigurationValue(field.value), forKey: field.key) != nil {
            throw ConfigurationError("\(field.key): stands there twice; which of the values is meant?").in(path)
        }
        var configuration = ChatConfiguration()
        for key in ConfigurationKey.all {
            let variable = key.environmentVariable
            if let text = environment[variable] {
                try key.apply(.environment(text), to: &configuration, from: "environment variable \(variable)")
            } else if let value = values[key.name] {
                try key.apply(value, to: &configuration, from: path)
            }
        }
        try configuration.checkAsAWhole()
        return configuration
    }

    private static var knownKeys: String { ConfigurationKey.all.map(\.name).joined(separator: ", ") }

    private static func read(_ path: String) throws(ConfigurationError) -> [JSONObject.Field] {
        let data: Data
        do {
            data = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw ConfigurationError("the configuration file \(path) cannot be read; is the path right?")
        }
        let json = data.withoutByteOrderMark
        do throws(JSONSyntaxError) {
            return try JSONObject(json, keepingNested: true).fields
        } catch {
            throw ConfigurationError(
                "the configuration file \(path) is not one JSON object; \(error.words(in: json))")
        }
    }

    private func checkAsAWhole() throws(ConfigurationError) {
        guard beatSeconds < leaseSeconds else {
            throw ConfigurationError(
                "beat_seconds: \(beatSeconds) is not allowed; it must be less than lease_seconds, which is \(leaseSeconds)"
            )
        }
        if natsServers.isEmpty != redisURL.isEmpty {
            let (present, missing) = natsServers.isEmpty ? ("redis_url", "nats_url") : ("nats_url", "redis_url")
            throw ConfigurationError(
                "\(missing): missing, while \(present) is set; a cluster needs both, the embedded server neither")
        }
        if tlsCertificateFile.isEmpty != tlsPrivateKeyFile.isEmpty {
            let (present, missing) =
                tlsCertificateFile.isEmpty
                ? ("tls_private_key_file", "tls_certificate_file") : ("tls_certificate_file", "tls_private_key_file")
            throw ConfigurationError("\(missing): missing, while \(present) is set; TLS needs both")
        }
        try checkIdentity()
        try checkEdge()
        try checkNATSFiles()
        if !redisCAFile.isEmpty, let url = try? RedisURL(redisURL), !url.isEncrypted {
            throw ConfigurationError(
                "redis_ca_file: set, while redis_url asks for no encryption; that begins with rediss")
        }
    }

    /// Reads the file of `redis_ca_file`, if there is one.
    ///
    /// - Throws: ``ConfigurationError`` if it cannot be read, or holds no certificates.
    public func redisTrust() throws(ConfigurationError) -> RedisTrust {
        do throws(RedisTrustError) {
            return try RedisTrust(authoritiesAt: redisCAFile)
        } catch {
            throw ConfigurationError("redis_ca_file: \(error)")
        }
    }
}

extension ConfigurationKey {
    fileprivate func apply(
        _ value: ConfigurationValue, to configuration: inout ChatConfiguration, from place: String?
    ) throws(ConfigurationError) {
        do throws(ConfigurationError) {
            try apply(&configuration, value)
        } catch {
            throw error.in(place)
        }
    }
}

extension ConfigurationError {
    fileprivate func `in`(_ place: String?) -> ConfigurationError {
        var error = self
        error.place = place
        return error
    }
}
