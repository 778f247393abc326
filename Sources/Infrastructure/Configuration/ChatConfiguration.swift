/// Everything that can be set about a server, read once at the start. The keys stand in `ConfigurationKeys.swift`, the
/// table for people in docs/configuration.md.
public struct ChatConfiguration: Equatable, Sendable {
    public enum LogFormat: String, Sendable, CaseIterable {
        case text
        case json
    }

    public var host = "0.0.0.0"
    public var port = 8080
    /// One or more; empty: embedded.
    public var natsServers: [NATSServerURL] = []
    /// Empty: embedded.
    public var redisURL = ""
    /// The authorities whose certificates a Redis with TLS may show, as a PEM file; empty: those of the system.
    public var redisCAFile = ""
    public var redisKeyPrefix = ""
    /// Where the embedded log keeps its messages; empty: in memory only.
    public var dataDirectory = "data"
    /// When the embedded log forces what it stores to the disk.
    public var logSync = LogSync.always
    /// Names this instance in logs, in `/api/status` and in NATS's monitoring. Empty: one is made of the host's name and
    /// the port.
    public var instanceName = ""
    public var logLevel = "info"
    public var logFormat = LogFormat.text
    /// Empty: the console only.
    public var logFile = ""
    /// Greatest length of a message's content, in bytes of UTF-8.
    public var maxMessageBytes = 16_384
    public var maxConnections = 20_000
    /// How long a client may take, from its connecting or from a request's first byte, until a request is complete.
    public var handshakeSeconds = 10
    /// Unsent output that a connection may have before it counts as too slow.
    public var sendBufferBytes = 1 << 20
    /// What the newest messages of all active rooms may take in memory; past it older ones are read from the log.
    public var historyMemoryBytes = 256 << 20
    /// Members of a room, above which those who come and go are told as counts; 0: always.
    public var mergeNoticesAbove = 200
    /// In how many rooms a session may be at a time. Each room with readers is a subscription to NATS.
    public var maxRoomsPerSession = 100
    /// Messages that a session may send per window; 0: no limit.
    public var rateLimitMessages = 100
    public var rateLimitWindowSeconds = 10
    /// Over how long a draining server spreads the closing of its connections, at most.
    public var drainSeconds = 10
    /// How often an instance tells the others that it lives; 0: three times in `leaseSeconds`.
    public var beatSeconds = 0
    /// After how long without such a sign it counts as dead.
    public var leaseSeconds = 6
    /// How long a client that was cut off may take to come back to its session, before its user counts as gone.
    public var graceSeconds = 8
    public var appendTimeoutSeconds = 5
    /// How long a starting server waits for NATS and Redis.
    public var startupTimeoutSeconds = 30
    /// Where ten messages a second are said, those of a quarter of an hour: a client that was away for less misses nothing.
    public var retentionMessagesPerRoom = 10_000
    public var retentionDays = 30
    /// For a stream that this server creates.
    public var streamReplicas = 1
    /// 0: one per core.
    public var eventLoopThreads = 0

    public init() {}

    /// How often an instance tells the others that it lives.
    public var beat: Duration { beatSeconds == 0 ? .seconds(leaseSeconds) / 3 : .seconds(beatSeconds) }

    public var isEmbedded: Bool { natsServers.isEmpty }
}

/// What is wrong with the configuration: one line that names the key, the value and what is allowed.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    public let description: String
    /// Where the value stands: the file's path, or the environment variable. Nil where it is in no one place.
    public internal(set) var place: String?

    init(_ description: String) { self.description = description }
}
