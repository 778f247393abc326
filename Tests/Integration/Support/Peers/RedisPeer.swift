import NIOCore

/// A Redis client on the bare protocol, one command at a time: looks at the sets an original server would look at.
final class RedisPeer: Sendable {
    indirect enum Reply: Sendable, Equatable {
        case text(String)
        case integer(Int)
        case list([Reply])
        case null
        case error(String)
    }

    private let channel: ByteChannel
    private let replies: Journal<Reply>

    private init(channel: ByteChannel, replies: Journal<Reply>) {
        self.channel = channel
        self.replies = replies
    }

    static func connect(port: Int) async throws -> RedisPeer {
        let replies = Journal<Reply>()
        return RedisPeer(channel: try await .connect(port: port) { Parser(replies: replies) }, replies: replies)
    }

    @discardableResult
    func command(_ words: String...) async throws -> Reply { try await command(words) }

    @discardableResult
    func command(_ words: [String]) async throws -> Reply {
        let parts = words.map { "$\($0.utf8.count)\r\n\($0)\r\n" }
        channel.write(Array("*\(words.count)\r\n\(parts.joined())".utf8))
        return try await replies.next("a reply to \(words.prefix(8).joined(separator: " "))")
    }

    /// The members of a set, sorted as their bytes are.
    func members(_ key: String) async throws -> [String] {
        guard case .list(let members) = try await command("SMEMBERS", key) else { return [] }
        return members.compactMap { if case .text(let text) = $0 { text } else { nil } }.sorted()
    }

    func close() async { await channel.close() }

    private struct Parser: StreamParser {
        let replies: Journal<Reply>

        mutating func consume(_ bytes: inout ByteBuffer, reply: (ByteBuffer) -> Void) {
            var reader = bytes
            while let reply = read(&reader) {
                replies.append(reply)
                bytes = reader
            }
        }

        mutating func end(rest: inout ByteBuffer, error: (any Error)?) { replies.finish() }

        private func read(_ bytes: inout ByteBuffer) -> Reply? {
            guard let end = bytes.readableBytesView.firstRange(of: Array("\r\n".utf8)) else { return nil }
            let line = String(decoding: bytes.readableBytesView[..<end.lowerBound], as: UTF8.self)
            bytes.moveReaderIndex(to: end.upperBound)
            let rest = String(line.dropFirst())
            switch line.first {
            case "+": return .text(rest)
            case "-": return .error(rest)
            case ":": return .integer(Int(rest) ?? 0)
            case "$":
                guard let length = Int(rest), length >= 0 else { return .null }
                guard bytes.readableBytes >= length + 2 else { return nil }
                let text = bytes.readString(length: length) ?? ""
                bytes.moveReaderIndex(forwardBy: 2)
                return .text(text)
            case "*":
                guard let count = Int(rest), count >= 0 else { return .null }
                var list: [Reply] = []
                for _ in 0..<count {
                    guard let element = read(&bytes) else { return nil }
                    list.append(element)
                }
                return .list(list)
            default: return .error("not RESP: \(line)")
            }
        }
    }
}
