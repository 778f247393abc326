// swift-tools-version: 6.2
import PackageDescription

// `.ci/run` sets CHAT_STRICT so that a warning fails the build; newcomers with a newer compiler are not stopped by one.
let strict: [SwiftSetting] = Context.environment["CHAT_STRICT"] == nil ? [] : [.treatAllWarnings(as: .error)]

let settings: [SwiftSetting] =
    strict + [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ]

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioWebSocket: Target.Dependency = .product(name: "NIOWebSocket", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let coreMetrics: Target.Dependency = .product(name: "CoreMetrics", package: "swift-metrics")
let lifecycle: Target.Dependency = .product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals: Target.Dependency = .product(name: "UnixSignals", package: "swift-service-lifecycle")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let httpTypes: Target.Dependency = .product(name: "HTTPTypes", package: "swift-http-types")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let deque: Target.Dependency = .product(name: "DequeModule", package: "swift-collections")

let fuzzTargetDependencies: [Target.Dependency] = [
    "Domain", "Wire", "WebSocketRules", "Service", "InfrastructureNATS", "InfrastructureEmbedded",
    "InfrastructureIdentity", "Transport", "ChatServer", "ChatClient", nioCore, nioEmbedded, nioHTTP1, nioWebSocket,
    crypto, logging,
]

let package = Package(
    name: "chat-cluster",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "server", targets: ["ChatServer"]),
        .executable(name: "chat-client", targets: ["ChatClient"]),
        .executable(name: "chat-bench", targets: ["ChatBench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-nio-extras", exact: "1.35.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", exact: "2.13.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    ],
    targets: [
        .systemLibrary(
            name: "CNATS", pkgConfig: "libnats", providers: [.apt(["libnats-dev"]), .brew(["cnats"])]),
        // No pkgConfig here: Debian's hiredis.pc carries -D flags that SwiftPM warns about on every build.
        .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),

        // permessage-deflate: docs/decisions/0029-compression.md.
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),

        // epoll, timerfd, signalfd and scheduling policies; headers only, and empty where there is no Linux.
        .systemLibrary(name: "CLinux"),

        .target(name: "Domain", swiftSettings: settings),
        .target(name: "Wire", swiftSettings: settings),
        .target(name: "Search", swiftSettings: settings),
        .target(
            name: "WebSocketRules", dependencies: ["Wire", "CZlib", nioCore, nioWebSocket], swiftSettings: settings),
        .target(
            name: "Service", dependencies: ["Domain", "Search", deque, logging, coreMetrics], swiftSettings: settings),
        // One target for each adapter, so that C and NIO are imported where they are wanted and nowhere else.
        .adapter("NATS", ["Domain", "Service", "Wire", "CNATS", crypto, nioCore, nioPosix, deque, logging, lifecycle]),
        .adapter(
            "Redis",
            [
                "Domain", "Service", "InfrastructurePresence", "CHiredis", nioCore, nioPosix, nioSSL, deque, logging,
                coreMetrics, lifecycle,
            ]),
        // What every store has to decide that several instances share, whatever the store.
        .adapter("Presence", ["Domain"]),
        .adapter("Embedded", ["Domain", "Service", "Search", deque, logging, lifecycle]),
        .adapter("Threads", [deque]),
        .adapter("Files", []),
        .adapter(
            "Identity",
            [
                "Domain", "Service", "Wire", "InfrastructureFiles", crypto, cryptoExtras, nioCore, nioPosix, nioHTTP1,
                nioSSL, logging,
            ]),
        .adapter("Observability", ["Domain", "Service", "Wire", logging, coreMetrics]),
        .adapter(
            "Configuration",
            [
                "Domain", "Wire", "InfrastructureNATS", "InfrastructureRedis", "InfrastructureEmbedded",
                "InfrastructureIdentity", "InfrastructureObservability", logging,
            ]),
        .executableTarget(
            name: "ChatServer",
            dependencies: [
                "Domain", "Service", "Wire", "WebSocketRules", "InfrastructureNATS", "InfrastructureRedis",
                "InfrastructureEmbedded", "InfrastructureThreads", "InfrastructureFiles", "InfrastructureIdentity",
                "InfrastructureObservability", "InfrastructureConfiguration", "CLinux", "CZlib",
                nioCore, nioPosix, nioTLS, nioHTTP1, nioWebSocket, nioSSL, deque, logging, coreMetrics, lifecycle,
                arguments, httpTypes,
                .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
            ],
            exclude: ["Web/Pages"],
            swiftSettings: settings,
            // In place of the C library's allocator: docs/decisions/0020-jemalloc.md.
            linkerSettings: [.linkedLibrary("jemalloc", .when(platforms: [.linux]))],
            plugins: ["EmbedPages"]),
        // Puts the pages into the server.
        .plugin(name: "EmbedPages", capability: .buildTool(), dependencies: ["PageEmbedder"]),
        .executableTarget(name: "PageEmbedder", path: "Plugins/PageEmbedder", swiftSettings: settings),
        .target(
            name: "Transport",
            dependencies: ["Wire", "WebSocketRules", nioCore, nioPosix, nioHTTP1, nioWebSocket, nioSSL],
            swiftSettings: settings),
        .executableTarget(
            name: "ChatClient", dependencies: ["Wire", "Transport", "Search", nioCore, deque, arguments],
            swiftSettings: settings),
        .executableTarget(
            name: "ChatBench",
            dependencies: [
                "Wire", "Transport", "WebSocketRules", "Search", "CLinux", nioCore, nioPosix, unixSignals, arguments,
                histogram, crypto,
            ],
            swiftSettings: settings),

        // Support for the unit tests. They are test targets, so that only builds for tests compile them: `@testable` needs
        // modules that are compiled for it.
        .testTarget(name: "TestSupport", dependencies: ["Domain"], path: "Tests/Unit/Support", swiftSettings: settings),
        .testTarget(
            name: "SteppedService",
            dependencies: [
                "Domain", "Service", "InfrastructureEmbedded", "InfrastructureObservability", deque, logging,
            ],
            path: "Tests/Unit/Stepped", swiftSettings: settings),

        // One target of unit tests for each target of the sources.
        .unitTests(of: "Domain", []),
        .unitTests(of: "Wire", []),
        .unitTests(of: "Search", []),
        .unitTests(of: "WebSocketRules", ["Wire", nioCore, nioWebSocket]),
        .unitTests(
            of: "Service",
            [
                "SteppedService", "Domain", "InfrastructureEmbedded", "InfrastructureObservability",
                "InfrastructureThreads", logging,
            ]),
        .unitTests(ofAdapter: "NATS", ["Domain", "Service", "Wire", "InfrastructureConfiguration", "CNATS"]),
        .unitTests(ofAdapter: "Redis", ["Domain", "Service", "InfrastructurePresence", nioCore, nioEmbedded]),
        .unitTests(ofAdapter: "Presence", ["Domain"]),
        .unitTests(ofAdapter: "Embedded", ["Domain", "Service", "InfrastructureConfiguration", logging]),
        .unitTests(ofAdapter: "Threads", []),
        .unitTests(ofAdapter: "Files", []),
        .unitTests(
            ofAdapter: "Identity",
            [
                "Domain", "Service", "Wire", "InfrastructureFiles", crypto, nioCore, nioPosix, nioEmbedded, nioHTTP1,
                logging,
            ]),
        .unitTests(ofAdapter: "Observability", ["Service", logging, coreMetrics]),
        .unitTests(ofAdapter: "Configuration", ["InfrastructureNATS", "InfrastructureObservability"]),
        .unitTests(
            of: "ChatServer",
            [
                "SteppedService", "Domain", "Wire", "WebSocketRules", "Service", "InfrastructureConfiguration",
                "InfrastructureObservability", "CZlib", nioCore, nioEmbedded, nioHTTP1, nioWebSocket, nioSSL,
                httpTypes,
            ]),
        .unitTests(of: "Transport", ["Wire", nioCore, nioEmbedded, nioHTTP1, nioWebSocket]),
        .unitTests(of: "ChatClient", ["Wire", "Transport", nioCore]),
        .unitTests(of: "ChatBench", ["Wire"]),
        // What the fuzzer calls, without the fuzzer: scripts/fuzz has more time.
        .testTarget(
            name: "FuzzTargets", dependencies: fuzzTargetDependencies, path: "Fuzz/Targets", swiftSettings: settings),
        .testTarget(
            name: "FuzzTests", dependencies: ["TestSupport", "FuzzTargets"], path: "Tests/Unit/Fuzz",
            swiftSettings: settings),
        // They compare the pages with the program.
        .testTarget(
            name: "DocumentationTests",
            dependencies: [
                "TestSupport", "Domain", "Wire", "Service", "InfrastructureNATS", "InfrastructureObservability",
                "InfrastructureConfiguration", "ChatServer", httpTypes, nioHTTP1,
            ],
            path: "Tests/Unit/Documentation", swiftSettings: settings),
        .testTarget(
            name: "IntegrationTests",
            dependencies: [
                "TestSupport", "SteppedService", "Domain", "Wire", "Service", "InfrastructureNATS",
                "InfrastructureRedis", "InfrastructurePresence", "InfrastructureEmbedded", "InfrastructureThreads",
                "InfrastructureObservability", "InfrastructureConfiguration", "ChatServer", "Transport",
                "WebSocketRules",
                "ChatBench",
                nioCore, nioPosix, nioHTTP1, nioWebSocket, nioSSL, logging, coreMetrics, lifecycle, crypto,
            ],
            path: "Tests", exclude: ["Unit", "Fixtures", "Hostile", "API", "Browser"],
            sources: ["Integration", "Measurements"],
            swiftSettings: settings),
    ]
)

// `scripts/fuzz` sets CHAT_FUZZ. The package is then the fuzzer, and of the program the parts that it calls: an executable
// cannot be linked into another one, and what only does I/O would make the build longer.
if Context.environment["CHAT_FUZZ"] != nil {
    let whole = [
        "CNATS", "CZlib", "Domain", "Wire", "Search", "WebSocketRules", "Service", "InfrastructureNATS",
        "InfrastructureEmbedded",
    ]
    package.products = []
    package.targets =
        package.targets.filter { whole.contains($0.name) } + [
            .systemLibrary(name: "CFuzzer", path: "Fuzz/CFuzzer"),
            .part(
                "InfrastructureIdentity", "Infrastructure/Identity",
                ["Domain", "Service", "Wire", crypto, cryptoExtras],
                ["Tokens", "Keys/PublishedKeys.swift", "Keys/VerificationKey.swift"]),
            .part(
                "Transport", "Transport", ["Wire", nioCore],
                ["ClientTransport.swift", "ConnectionEvent.swift", "ServerAddress.swift", "UpgradeRequest.swift"]),
            .part(
                "ChatClient", "ChatClient", ["Wire", "Transport", "Search", nioCore, deque],
                ["State", "Input", "Text", "Screen", "Terminal", "Configuration/Credential.swift"]),
            .part(
                "ChatServer", "ChatServer",
                [
                    "Domain", "Wire", "Service", "WebSocketRules", nioCore, nioHTTP1, httpTypes, coreMetrics,
                    .product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras"),
                ],
                [
                    "Access", "EdgeMetrics.swift", "HTTP/Endpoint.swift", "HTTP/Refusal.swift", "HTTP/Response.swift",
                    "HTTP/Admin/AdminBody.swift", "HTTP/Admin/AdminRoute.swift", "HTTP/Admin/APIError.swift",
                    "HTTP/Admin/LoopbackRule.swift", "Proxies/ProxyHeader.swift", "Proxies/TrustedProxies.swift",
                    "WebSocket/Goodbye.swift",
                ]),
            .target(
                name: "FuzzTargets", dependencies: fuzzTargetDependencies, path: "Fuzz/Targets", swiftSettings: settings
            ),
            .executableTarget(
                name: "Fuzz", dependencies: ["FuzzTargets", "CFuzzer"], path: "Fuzz/Driver", swiftSettings: settings),
        ]
}

extension Target {
    /// Some files and folders of a target.
    static func part(_ name: String, _ folder: String, _ dependencies: [Dependency], _ sources: [String]) -> Target {
        .target(
            name: name, dependencies: dependencies, path: "Sources/" + folder, sources: sources, swiftSettings: settings
        )
    }

    /// The target of one folder in Sources/Infrastructure.
    static func adapter(_ name: String, _ dependencies: [Dependency]) -> Target {
        .target(
            name: "Infrastructure" + name, dependencies: dependencies, path: "Sources/Infrastructure/" + name,
            swiftSettings: settings)
    }

    /// The unit tests of a target, which are in the folder with its name.
    static func unitTests(of target: String, _ dependencies: [Dependency]) -> Target {
        .testTarget(
            name: target + "Tests", dependencies: [.init(stringLiteral: target), "TestSupport"] + dependencies,
            path: "Tests/Unit/" + target, swiftSettings: settings)
    }

    /// The unit tests of the target of one folder in Sources/Infrastructure.
    static func unitTests(ofAdapter name: String, _ dependencies: [Dependency]) -> Target {
        let target = "Infrastructure" + name
        return .testTarget(
            name: target + "Tests", dependencies: [.init(stringLiteral: target), "TestSupport"] + dependencies,
            path: "Tests/Unit/Infrastructure/" + name, swiftSettings: settings)
    }
}
