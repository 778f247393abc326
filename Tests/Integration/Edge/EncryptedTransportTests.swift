import InfrastructureObservability
import NIOCore
import NIOPosix
import NIOSSL
import NIOWebSocket
import Testing

@testable import ChatServer

extension Integration {
    /// A connection whose pipeline encrypts, as it would where the server ended TLS itself.
    @Suite("Encrypted transport")
    struct EncryptedTransport {
        /// Keeps what passes, and passes it on.
        private final class Tap: ChannelInboundHandler {
            typealias InboundIn = ByteBuffer
            typealias InboundOut = ByteBuffer

            private let journal: Journal<[UInt8]>

            init(_ journal: Journal<[UInt8]>) { self.journal = journal }

            func channelRead(context: ChannelHandlerContext, data: NIOAny) {
                journal.append(Array(unwrapInboundIn(data).readableBytesView))
                context.fireChannelRead(data)
            }
        }

        private let encoding: Encoding
        private let fanout: Fanout
        private let metrics: EdgeMetrics
        private let group = MultiThreadedEventLoopGroup.singleton

        init() {
            metrics = EdgeMetrics(PrometheusRegistry())
            var encodings = EncodingTable()
            encoding = encodings.register(readsLog: false) { _ in nil }
            fanout = Fanout(
                eventLoopGroup: group, encodings: encodings, goodbyes: .init(window: .seconds(1)), metrics: metrics)
        }

        /// Serves WebSocket frames, without a handshake, behind `encryption`; and notes whether the transport was plain.
        private func serve(
            _ isPlain: Journal<Bool>, _ connections: Journal<Connection> = Journal(),
            encryption: @escaping @Sendable (any Channel) throws -> Void
        ) async throws -> any Channel {
            try await ServerBootstrap(group: group)
                .childChannelInitializer { [fanout, encoding, metrics] channel in
                    channel.eventLoop.makeCompletedFuture {
                        try encryption(channel)
                        let loop = try #require(fanout.loop(of: channel))
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(WebSocketFrameEncoder())
                        try pipeline.addHandler(ByteToMessageHandler(WebSocketFrameDecoder()))
                        let connection = Connection(
                            channel: channel, connectionLoop: loop, dialect: "test", encoding: encoding,
                            framing: ServerFrame.self,
                            settings: .init(
                                fanout: fanout, gate: Gate(DoorRules(maximumConnections: 10), metrics: metrics),
                                sendBufferBytes: 1 << 20, metrics: metrics))
                        try pipeline.addHandler(WebSocketHandler(connection, maximumBytes: 1024))
                        connections.append(connection)
                        isPlain.append(PlainTransport(of: channel) != nil)
                    }
                }
                .bind(host: "127.0.0.1", port: try FreePort.pick()).get()
        }

        private static let words = Array("nobody else may read this".utf8)
        private static let ping = WebSocketFrame(opcode: WebSocketFrame.Opcode.ping, payload: words).bytes

        /// Sends pings until `clear` has some answers; all of them but the first meet a channel in which nothing waits.
        private func converse(_ channel: any Channel, _ clear: Journal<[UInt8]>) async throws {
            for count in 1...3 {
                try await channel.writeAndFlush(ByteBuffer(bytes: Self.ping)).get()
                try await eventually(
                    "answer \(count)", seen: { "\(clear.all)" },
                    until: { clear.all.reduce(0) { $0 + $1.count } >= count * (Self.words.count + 2) })
            }
            let answer = [0x8A, UInt8(Self.words.count)] + Self.words
            #expect(clear.all.flatMap { $0 } == answer + answer + answer)
        }

        /// A listener whose connections are encrypted, and a client of it.
        private func encrypted(
            _ isPlain: Journal<Bool>, _ connections: Journal<Connection> = Journal(), wire: Journal<[UInt8]>,
            clear: Journal<[UInt8]>
        ) async throws -> (listener: any Channel, client: any Channel) {
            let authority = try await TestAuthority.make()
            let files = authority.certificate()
            let certificate = try CertificateFiles(certificate: files.certificate, privateKey: files.key).read()
            var trust = TLSConfiguration.makeClientConfiguration()
            trust.trustRoots = .file(authority.file)
            let client = try NIOSSLContext(configuration: trust)
            let listener = try await serve(isPlain, connections) { channel in
                try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: certificate.context))
            }
            let channel = try await ClientBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let pipeline = channel.pipeline.syncOperations
                        try pipeline.addHandler(Tap(wire))
                        try pipeline.addHandler(NIOSSLClientHandler(context: client, serverHostname: "localhost"))
                        try pipeline.addHandler(Tap(clear))
                    }
                }
                .connect(to: try #require(listener.localAddress)).get()
            return (listener, channel)
        }

        @Test("All that a tick writes to a connection leaves in as few records as can be")
        func records() async throws {
            let (connections, wire, clear) = (Journal<Connection>(), Journal<[UInt8]>(), Journal<[UInt8]>())
            let (listener, client) = try await encrypted(Journal(), connections, wire: wire, clear: clear)
            try await converse(client, clear)
            let connection = try await connections.next()
            for (frames, bytes, records) in [(100, 50, 1), (40, 1000, 3), (1, 40_000, 3)] {
                let before = try #require(TLSRecord.all(in: wire.all.flatMap { $0 })).count
                let heard = clear.all.reduce(0) { $0 + $1.count }
                let frame = ByteBuffer(repeating: 1, count: bytes)
                // One tick takes what is posted while its loop does something else.
                try await connection.connectionLoop.eventLoop.submit {
                    for _ in 0..<frames { connection.send(frame) }
                }.get()
                try await eventually(
                    "all to come", until: { clear.all.reduce(0) { $0 + $1.count } == heard + frames * bytes })
                let all = try #require(TLSRecord.all(in: wire.all.flatMap { $0 }))
                #expect(all.count - before == records, "\(frames) frames of \(bytes) bytes")
            }
            try await client.close().get()
            try await listener.close().get()
        }

        @Test("What a connection is told goes through the encryption, never past it to the socket")
        func encrypted() async throws {
            let (isPlain, wire, clear) = (Journal<Bool>(), Journal<[UInt8]>(), Journal<[UInt8]>())
            let (listener, channel) = try await encrypted(isPlain, wire: wire, clear: clear)
            try await converse(channel, clear)
            #expect(wire.all.flatMap { $0 }.firstRange(of: Self.words) == nil)
            #expect(isPlain.all == [false])
            try await channel.close().get()
            try await listener.close().get()
        }

        @Test("Without encryption the same connection has its socket to itself")
        func plain() async throws {
            let isPlain = Journal<Bool>()
            let listener = try await serve(isPlain) { _ in }
            let wire = Journal<[UInt8]>()
            let channel = try await ClientBootstrap(group: group)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Tap(wire))
                    }
                }
                .connect(to: try #require(listener.localAddress)).get()
            try await converse(channel, wire)
            #expect(isPlain.all == [true])
            try await channel.close().get()
            try await listener.close().get()
        }
    }
}
