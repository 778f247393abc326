import NIOCore
import Synchronization

/// A message as core NATS delivers it.
struct NATSMessage: Sendable, CustomStringConvertible {
    var subject: String
    var reply: String?
    /// The raw header block, empty where there is none.
    var headers: String
    var payload: [UInt8]

    var description: String { "\(subject): \(headers)\(String(decoding: payload, as: UTF8.self))" }
}

/// A core NATS client on the bare text protocol: plays an original Go server, and asks JetStream about its streams.
final class NATSPeer: Sendable {
    private let channel: ByteChannel
    private let shared: Shared

    fileprivate final class Shared: Sendable {
        let subscriptions = Mutex<[Int: Journal<NATSMessage>]>([:])
        let pongs = Journal<Void>()
        let errors = Journal<String>()
    }

    private init(channel: ByteChannel, shared: Shared) {
        self.channel = channel
        self.shared = shared
    }

    static func connect(port: Int) async throws -> NATSPeer {
        let shared = Shared()
        let channel = try await ByteChannel.connect(port: port) { Parser(shared: shared) }
        let peer = NATSPeer(channel: channel, shared: shared)
        peer.write(
            #"CONNECT {"verbose":false,"pedantic":false,"headers":true,"name":"test-peer","lang":"test","version":"1"}"#
        )
        try await peer.flush()
        return peer
    }

    /// What the server complained about.
    var errors: [String] { shared.errors.all }

    func publish(_ subject: String, _ payload: String, reply: String? = nil) {
        let bytes = Array(payload.utf8)
        let head = "PUB \(subject) \(reply.map { "\($0) " } ?? "")\(bytes.count)\r\n"
        channel.write(Array(head.utf8) + bytes + Array("\r\n".utf8))
    }

    /// - Parameter headers: the raw header block; empty: none.
    func publish(_ subject: String, headers: String, _ payload: String, reply: String) {
        guard !headers.isEmpty else { return publish(subject, payload, reply: reply) }
        let size = headers.utf8.count
        let head = "HPUB \(subject) \(reply) \(size) \(size + payload.utf8.count)\r\n"
        channel.write(Array((head + headers + payload + "\r\n").utf8))
    }

    /// Subscribes and waits until the server knows.
    func subscribe(_ subject: String) async throws -> Journal<NATSMessage> {
        let journal = Journal<NATSMessage>()
        let id = shared.subscriptions.withLock { subscriptions in
            let id = subscriptions.count + 1
            subscriptions[id] = journal
            return id
        }
        write("SUB \(subject) \(id)")
        try await flush()
        return journal
    }

    /// Returns when the server has handled everything sent before.
    func flush() async throws {
        write("PING")
        _ = try await shared.pongs.next("a PONG from nats-server")
    }

    /// Request and reply, over an inbox of its own.
    func request(_ subject: String, headers: String = "", _ payload: String = "") async throws -> String {
        let inbox = "_INBOX.test.\(UInt64.random(in: 0...UInt64.max))"
        let replies = try await subscribe(inbox)
        publish(subject, headers: headers, payload, reply: inbox)
        return String(decoding: try await replies.next("a reply to \(subject)").payload, as: UTF8.self)
    }

    func close() async { await channel.close() }

    private func write(_ line: String) { channel.write(Array((line + "\r\n").utf8)) }

    private struct Parser: StreamParser {
        let shared: Shared

        mutating func consume(_ bytes: inout ByteBuffer, reply: (ByteBuffer) -> Void) {
            while takeOne(&bytes, reply: reply) {}
        }

        mutating func end(rest: inout ByteBuffer, error: (any Error)?) {
            shared.pongs.finish()
            shared.errors.finish()
            for journal in shared.subscriptions.withLock({ Array($0.values) }) { journal.finish() }
        }

        private func takeOne(_ bytes: inout ByteBuffer, reply: (ByteBuffer) -> Void) -> Bool {
            guard let end = bytes.readableBytesView.firstRange(of: Array("\r\n".utf8)) else { return false }
            let line = String(decoding: bytes.readableBytesView[..<end.lowerBound], as: UTF8.self)
            let words = line.split(separator: " ").map(String.init)
            var after = bytes
            after.moveReaderIndex(to: end.upperBound)
            switch words.first {
            case "MSG", "HMSG":
                guard let message = read(words, from: &after) else { return false }
                let id = Int(words[2]) ?? 0
                shared.subscriptions.withLock { $0[id] }?.append(message)
            case "PING": reply(ByteBuffer(string: "PONG\r\n"))
            case "PONG": shared.pongs.append(())
            case "-ERR": shared.errors.append(line)
            default: break
            }
            bytes = after
            return true
        }

        /// `MSG subject sid [reply] size`, `HMSG subject sid [reply] headersize size`.
        private func read(_ words: [String], from bytes: inout ByteBuffer) -> NATSMessage? {
            let sizes = words[0] == "HMSG" ? 2 : 1
            guard let total = words.last.flatMap({ Int($0) }), bytes.readableBytes >= total + 2 else { return nil }
            let headerSize = sizes == 2 ? Int(words[words.count - 2]) ?? 0 : 0
            let headers = bytes.readString(length: headerSize) ?? ""
            let payload = bytes.readBytes(length: total - headerSize) ?? []
            bytes.moveReaderIndex(forwardBy: 2)
            return NATSMessage(
                subject: words[1], reply: words.count == 4 + sizes ? words[3] : nil, headers: headers, payload: payload)
        }
    }
}
