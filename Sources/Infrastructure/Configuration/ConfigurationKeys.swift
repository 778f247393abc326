import Foundation
import InfrastructureIdentity
import InfrastructureNATS
import InfrastructureRedis
import Logging

/// One key of the configuration: its name in the file, and how its value gets into ``ChatConfiguration``.
///
/// The environment variable of the same name in capitals overrides the file.
struct ConfigurationKey {
    let name: String
    let apply: (inout ChatConfiguration, ConfigurationValue) throws(ConfigurationError) -> Void

    var environmentVariable: String { name.uppercased() }
}

extension ConfigurationKey {
    static var all: [ConfigurationKey] {
        [
            .host("host", \.host),
            .integer("port", \.port, 0...65_535),
            .natsURL("nats_url", \.natsServers),
            .path("nats_ca_file", \.natsFiles.authorities),
            .path("nats_certificate_file", \.natsFiles.certificate),
            .path("nats_key_file", \.natsFiles.key),
            .path("nats_nkey_seed_file", \.natsFiles.seed),
            .path("nats_credentials_file", \.natsFiles.credentials),
            .redisURL("redis_url", \.redisURL),
            .path("redis_ca_file", \.redisCAFile),
            .word("redis_key_prefix", \.redisKeyPrefix),
            .path("tls_certificate_file", \.tlsCertificateFile),
            .path("tls_private_key_file", \.tlsPrivateKeyFile),
            .path("data_directory", \.dataDirectory),
            .choice("log_sync", \.logSync),
            .word("instance_name", \.instanceName),
            .text("log_level", \.logLevel, allowed: choices(Logger.Level.allCases.map(\.rawValue))) {
                Logger.Level(rawValue: $0) != nil
            },
            .choice("log_format", \.logFormat),
            .path("log_file", \.logFile),
            .integer("max_message_bytes", \.maxMessageBytes, 1...32_768),
            .integer("max_connections", \.maxConnections, 1...10_000_000),
            .integer("handshake_seconds", \.handshakeSeconds, 1...3600),
            .choice("compression", \.compression),
            .integer("compression_minimum_bytes", \.compressionMinimumBytes, 0...1 << 20),
            .flag("echo_endpoint", \.echoEndpoint),
            .integer("send_buffer_bytes", \.sendBufferBytes, 65_536...1 << 30),
            .integer("history_memory_bytes", \.historyMemoryBytes, 0...1 << 40),
            .integer("merge_notices_above", \.mergeNoticesAbove, 0...10_000_000),
            .integer("max_rooms_per_session", \.maxRoomsPerSession, 1...100_000),
            .integer("rate_limit_messages", \.rateLimitMessages, 0...1_000_000),
            .integer("rate_limit_window_seconds", \.rateLimitWindowSeconds, 1...3600),
            .integer("drain_seconds", \.drainSeconds, 0...3600),
            .integer("beat_seconds", \.beatSeconds, 0...3599),
            .integer("lease_seconds", \.leaseSeconds, 1...3600),
            .integer("grace_seconds", \.graceSeconds, 0...3600),
            .integer("append_timeout_seconds", \.appendTimeoutSeconds, 1...60),
            .integer("startup_timeout_seconds", \.startupTimeoutSeconds, 1...3600),
            .integer("retention_messages_per_room", \.retentionMessagesPerRoom, 1...10_000_000),
            .integer("retention_days", \.retentionDays, 1...36_500),
            .integer("stream_replicas", \.streamReplicas, 1...5),
            .secret("admin_token", \.adminToken, minimumLength: 16),
            .integer("event_loop_threads", \.eventLoopThreads, 0...1024),
        ] + edge + identity + web
    }

    static func integer(
        _ name: String, _ path: WritableKeyPath<ChatConfiguration, Int>, _ range: ClosedRange<Int>
    ) -> ConfigurationKey {
        ConfigurationKey(name: name) { configuration, value throws(ConfigurationError) in
            guard let number = value.integer, range.contains(number) else {
                throw .refused(name, value, allowed: "a whole number from \(range.lowerBound) to \(range.upperBound)")
            }
            configuration[keyPath: path] = number
        }
    }

    static func text(
        _ name: String, _ path: WritableKeyPath<ChatConfiguration, String>, allowed: String,
        where isAllowed: @escaping (String) -> Bool
    ) -> ConfigurationKey {
        ConfigurationKey(name: name) { configuration, value throws(ConfigurationError) in
            guard let text = value.text, isAllowed(text) else { throw .refused(name, value, allowed: allowed) }
            configuration[keyPath: path] = text
        }
    }

    /// A NUL ends a C string, so a path that contains one would open another file.
    static func path(_ name: String, _ path: WritableKeyPath<ChatConfiguration, String>) -> ConfigurationKey {
        text(name, path, allowed: "a path, or empty") { !$0.utf8.contains(0) }
    }

    /// A text that goes into a header, or empty. It is in no error.
    private static func secret(
        _ name: String, _ path: WritableKeyPath<ChatConfiguration, String>, minimumLength: Int
    ) -> ConfigurationKey {
        ConfigurationKey(name: name) { configuration, value throws(ConfigurationError) in
            guard let text = value.text, text.isEmpty || text.utf8.count >= minimumLength,
                text.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
            else {
                throw ConfigurationError(
                    "\(name): its value is not allowed; it must be empty, or \(minimumLength) or more letters, digits and "
                        + "signs of ASCII without spaces")
            }
            configuration[keyPath: path] = text
        }
    }

    /// For texts that appear in names, in log lines and in C strings.
    static func word(_ name: String, _ path: WritableKeyPath<ChatConfiguration, String>) -> ConfigurationKey {
        text(name, path, allowed: "a text without whitespace and control characters", where: isWord)
    }

    private static func host(_ name: String, _ path: WritableKeyPath<ChatConfiguration, String>) -> ConfigurationKey {
        ConfigurationKey(name: name) { configuration, value throws(ConfigurationError) in
            guard let host = value.text.flatMap(HostRule.host) else {
                throw .refused(name, value, allowed: "an address or host name, without a port")
            }
            configuration[keyPath: path] = host
        }
    }

    private static func isWord(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0.properties.generalCategory != .control }
    }

    private static func redisURL(
        _ name: String, _ path: WritableKeyPath<ChatConfiguration, String>
    ) -> ConfigurationKey {
        ConfigurationKey(name: name) { configuration, value throws(ConfigurationError) in
            guard let text = value.text else {
                throw ConfigurationError("\(name): its value is not allowed; it \(RedisURLError.malformed)")
            }
            do throws(RedisURLError) {
                if !text.isEmpty { _ = try RedisURL(text) }
            } catch {
                throw ConfigurationError("\(name): its value is not allowed; it \(error)")
            }
            configuration[keyPath: path] = text
        }
    }

    private static func natsURL(
        _ name: String, _ path: WritableKeyPath<ChatConfiguration, [NATSServerURL]>
    ) -> ConfigurationKey {
        ConfigurationKey(name: name) { configuration, value throws(ConfigurationError) in
            do throws(NATSServerURLError) {
                guard let text = value.text else { throw NATSServerURLError(.malformed) }
                configuration[keyPath: path] = try NATSServerURL.list(text)
            } catch {
                throw ConfigurationError("\(name): its value is not allowed; it \(error)")
            }
        }
    }

    static func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ name: String, _ path: WritableKeyPath<ChatConfiguration, Choice>
    ) -> ConfigurationKey {
        ConfigurationKey(name: name) { configuration, value throws(ConfigurationError) in
            guard let choice = value.text.flatMap(Choice.init(rawValue:)) else {
                throw .refused(name, value, allowed: choices(Choice.allCases.map(\.rawValue)))
            }
            configuration[keyPath: path] = choice
        }
    }

    private static func choices(_ names: [String]) -> String { "one of " + names.joined(separator: ", ") }
}

extension ConfigurationError {
    static func refused(_ key: String, _ value: ConfigurationValue, allowed: String) -> ConfigurationError {
        // A URL may hold a password, and this line ends up in logs.
        let isSecret = key.hasSuffix("_url") || key.hasSuffix("_secret")
        let shown = isSecret ? "its value" : "\(value)"
        return ConfigurationError("\(key): \(shown) is not allowed; it must be \(allowed)")
    }
}
