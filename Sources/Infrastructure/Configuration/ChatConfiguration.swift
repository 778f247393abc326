public import InfrastructureEmbedded
public import InfrastructureIdentity
public import InfrastructureNATS
public import InfrastructureObservability
public import Wire

/// All settings of a server, read once at the start. `ConfigurationKeys.swift` lists the keys; the table for people is
/// in docs/configuration.md.
public struct ChatConfiguration: Equatable, Sendable {
    public var host = "0.0.0.0"
    public var port = 8080
    /// A PEM file with the server's certificate and those that lead to its authority; empty: the port speaks no TLS.
    public var tlsCertificateFile = ""
    /// A PEM file with the key of that certificate; set if and only if that is.
    public var tlsPrivateKeyFile = ""
    /// One or more; empty: embedded.
    public var natsServers: [NATSServerURL] = []
    /// What the connection to NATS is secured with besides.
    public var natsFiles = NATSFiles()
    /// Empty: embedded.
    public var redisURL = ""
    /// A PEM file with the authorities that may sign the certificate of a Redis with TLS; empty: those of the system.
    public var redisCAFile = ""
    public var redisKeyPrefix = ""
    /// Where the embedded log keeps its messages; empty: in memory only.
    public var dataDirectory = "data"
    /// When the embedded log forces what it stores to the disk.
    public var logSync = LogSync.always
    /// The name of this instance in logs, in `/api/status` and in NATS's monitoring. Empty: made from the host's name
    /// and the port.
    public var instanceName = ""
    public var logLevel = "info"
    public var logFormat = LogFormat.text
    /// Empty: the console only.
    public var logFile = ""
    /// Greatest length of a message's content, in bytes of UTF-8.
    public var maxMessageBytes = 16_384
    public var maxConnections = 20_000
    /// How long a client may take to complete a request, counted from its connection or from the request's first byte.
    public var handshakeSeconds = 10
    /// Whether clients may agree on permessage-deflate.
    public var compression = CompressionSetting.off
    /// Messages with fewer bytes are not compressed.
    public var compressionMinimumBytes = 512
    /// Whether there is `/echo`, for test suites of the WebSocket protocol.
    public var echoEndpoint = false
    /// Greatest size of a request's head, in bytes.
    public var maxHeaderBytes = 16_384
    /// Of pages that may use the server, besides those of the host that is asked.
    public var allowedOrigins = AllowedOrigins()
    /// The proxies that are believed when they say for whom they ask.
    public var trustedProxies: [AddressRange] = []
    /// Whether these proxies begin each connection with a PROXY header.
    public var proxyProtocol = ProxyProtocol.off
    /// WebSockets that one address, of IPv6 one /64, may have; 0: no limit.
    public var maxConnectionsPerAddress = 256
    /// WebSockets that this instance lets in each second; 0: no limit.
    public var maxUpgradesPerSecond = 0
    /// WebSockets that one address may ask for each minute; 0: no limit.
    public var maxUpgradesPerAddressPerMinute = 0
    /// The unsent output of a connection, beyond which it counts as too slow.
    public var sendBufferBytes = 1 << 20
    /// The memory for the newest messages of all active rooms; beyond it, older messages are read from the log.
    public var historyMemoryBytes = 256 << 20
    /// In rooms with more members, joins and leaves are announced as counts; 0: always.
    public var mergeNoticesAbove = 200
    /// The rooms in which a session may be at a time. Each room with readers is a subscription to NATS.
    public var maxRoomsPerSession = 100
    /// Messages that a session may send per window; 0: no limit.
    public var rateLimitMessages = 100
    public var rateLimitWindowSeconds = 10
    /// The time over which a draining server spreads the closing of its connections, at most.
    public var drainSeconds = 10
    /// How often an instance tells the others that it lives; 0: three times in `leaseSeconds`.
    public var beatSeconds = 0
    /// An instance without such a sign for this long counts as dead.
    public var leaseSeconds = 6
    /// How long a client that was cut off may take to come back to its session, before its user counts as gone.
    public var graceSeconds = 8
    public var appendTimeoutSeconds = 5
    /// How long a starting server waits for NATS and Redis.
    public var startupTimeoutSeconds = 30
    /// At ten messages a second this is a quarter of an hour: a client that was away for less time misses nothing.
    public var retentionMessagesPerRoom = 10_000
    public var retentionDays = 30
    /// Used when this server creates a stream.
    public var streamReplicas = 1
    /// The secret with which administrators use the API; empty: there is none.
    public var adminToken = ""
    /// 0: one per core.
    public var eventLoopThreads = 0
    /// A directory whose files are served in place of the chat page; empty: the chat page.
    public var webDirectory = ""
    /// The origins whose pages may show the built-in pages in a frame.
    public var frameAncestors: [String] = []
    /// Whether administrators are shown the texts of recent messages.
    public var monitorTexts = false
    /// Where the keys come from that tokens are verified with, and what tokens must say.
    public var identity = IdentitySettings()

    public init() {}

    /// How often an instance tells the others that it lives.
    public var beat: Duration { beatSeconds == 0 ? .seconds(leaseSeconds) / 3 : .seconds(beatSeconds) }

    public var isEmbedded: Bool { natsServers.isEmpty }

    /// Whether the port speaks TLS, and nothing else.
    public var isTLSOn: Bool { !tlsCertificateFile.isEmpty }

    /// Whether the server asks its clients for tokens: if there is a key, or a place to get one from.
    public var isAuthenticationOn: Bool { identity.hasKeys }
}

/// Whether the server compresses messages for the clients that offer it.
public enum CompressionSetting: String, CaseIterable, Sendable {
    case off, on
}

/// Whether the trusted proxies send PROXY headers.
public enum ProxyProtocol: String, Sendable, CaseIterable {
    case off
    /// They must: a connection of theirs without one is closed. Others are served as they are.
    case on
}

/// What is wrong with the configuration: one line that names the key, the value and what is allowed.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    public let description: String
    /// The place of the value: the file's path, or the environment variable. Nil if it is in no single place.
    public internal(set) var place: String?

    init(_ description: String) { self.description = description }
}
