import NIOCore
import NIOSSL

/// How the tests' own clients encrypt: all that are made while ``current`` is set do it.
struct ClientTLS: Sendable {
    /// Nil: connections are plain.
    @TaskLocal static var current: ClientTLS?

    let context: NIOSSLContext
    /// What came from the network, before it is decrypted.
    let wire = Journal<[UInt8]>()
    /// The certificates that servers have shown, in DER, one for each connection.
    let shown = Journal<[UInt8]>()

    init(trusting authority: TestAuthority) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .file(authority.file)
        configuration.shutdownTimeout = .milliseconds(200)
        context = try NIOSSLContext(configuration: configuration)
    }

    /// Runs `body` with clients that trust `authority`.
    static func trusting<Result>(
        _ authority: TestAuthority, _ body: (ClientTLS) async throws -> Result
    ) async throws -> Result {
        let tls = try ClientTLS(trusting: authority)
        return try await $current.withValue(tls) { try await body(tls) }
    }

    /// On the channel's event loop, before it is connected.
    func install(in channel: any Channel) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(WireTap(wire))
        let shown = shown
        try pipeline.addHandler(
            try NIOSSLClientHandler(context: context, serverHostname: "localhost"))
        try pipeline.addHandler(CertificateReader(shown))
    }
}

/// Keeps what passes, and passes it on.
private final class WireTap: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let journal: Journal<[UInt8]>

    init(_ journal: Journal<[UInt8]>) { self.journal = journal }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        journal.append(Array(unwrapInboundIn(data).readableBytesView))
        context.fireChannelRead(data)
    }
}

/// Notes the server's certificate as soon as something is decrypted.
private final class CertificateReader: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let journal: Journal<[UInt8]>
    private var isDone = false

    init(_ journal: Journal<[UInt8]>) { self.journal = journal }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if !isDone, let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate() {
            isDone = true
            if let bytes = try? certificate.toDERBytes() { journal.append(bytes) }
        }
        context.fireChannelRead(data)
    }
}

/// A record of TLS, as far as it can be read from outside.
struct TLSRecord: Equatable {
    static let applicationData: UInt8 = 23

    let type: UInt8
    /// Without the head of five bytes.
    let length: Int

    /// - Returns: the records that `bytes` consist of; nil if there is anything else.
    static func all(in bytes: [UInt8]) -> [TLSRecord]? {
        var records: [TLSRecord] = []
        var place = 0
        while place < bytes.count {
            guard place + 5 <= bytes.count, (20...23).contains(bytes[place]), bytes[place + 1] == 3 else { return nil }
            let length = Int(bytes[place + 3]) << 8 | Int(bytes[place + 4])
            // RFC 8446 §5.2: the most that an encrypted record may have.
            guard length <= (1 << 14) + 256, place + 5 + length <= bytes.count else { return nil }
            records.append(TLSRecord(type: bytes[place], length: length))
            place += 5 + length
        }
        return records
    }
}
