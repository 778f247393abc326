import Foundation
import NIOCore
import Synchronization
import Testing

/// The server answered the upgrade with something else than 101.
struct UpgradeRefused: Error, CustomStringConvertible {
    let answer: HTTPAnswer
    var description: String { "upgrade refused: \(answer)" }
}

/// How a WebSocket connection ended.
struct Closing: Equatable, Sendable {
    /// The code of the peer's close frame; `nil` where the connection ended without one.
    var code: UInt16?
    /// What the close frame said, or, where there was none, the error that the socket ended with; empty for an orderly end.
    var reason: String = ""
}

/// An independent client: a handshake written by hand and frames that need not be legal; every text frame is kept as it came.
final class WebSocketClient: Sendable {
    let name: String
    /// The server's 101 with its headers.
    let handshake: HTTPAnswer
    let texts: Journal<TextFrame>
    /// Payloads of pongs.
    let pongs: Journal<[UInt8]>
    /// One entry: how it ended.
    let closings: Journal<Closing>
    /// What a server must not send: masked frames, reserved bits, fragments, binary, bad UTF-8, anything after its close.
    let violations: Journal<String>
    /// The sizes on the wire of those texts that came compressed.
    let compressed: Journal<Int>
    /// Joins from before this client that it may still hear of. See ``Arrivals``.
    let lateJoins = Mutex(Arrivals.latest)
    private let channel: ByteChannel

    private init(
        name: String, handshake: HTTPAnswer, journals: WebSocketParser.Journals, channel: ByteChannel
    ) {
        self.name = name
        self.handshake = handshake
        texts = journals.texts
        pongs = journals.pongs
        closings = journals.closings
        violations = journals.violations
        compressed = journals.compressed
        self.channel = channel
    }

    /// Connects as `name`, with the query `?username=name` and what `query` adds.
    ///
    /// - Throws: ``UpgradeRefused``.
    static func open(
        port: Int, _ name: String, room: String? = nil, headers: [String] = [], receiveBuffer: Int? = nil
    ) async throws -> WebSocketClient {
        let room = room.map { "&room=\(escape($0))" } ?? ""
        return try await open(
            port: port, path: "/ws?username=\(escape(name))\(room)", name: name, headers: headers,
            receiveBuffer: receiveBuffer)
    }

    /// What a connection is used for before it is upgraded.
    enum Prelude {
        /// Requests, each sent when the one before it is answered, as proxies do.
        case oneByOne([String])
        /// Requests that are sent in one piece with the upgrade, and frames right behind it.
        case atOnce([String], [WebSocketFrame])
    }

    static func open(
        port: Int, path: String, name: String, headers: [String] = [], receiveBuffer: Int? = nil,
        after prelude: Prelude = .oneByOne([])
    ) async throws -> WebSocketClient {
        let journals = WebSocketParser.Journals()
        let channel = try await ByteChannel.connect(port: port, receiveBuffer: receiveBuffer) {
            WebSocketParser(journals: journals)
        }
        // The key of RFC 6455 §1.3, so that the accept value is known without computing a digest.
        let lines =
            [
                "GET \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Upgrade: websocket", "Connection: Upgrade",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13",
            ] + headers
        let upgrade = lines.joined(separator: "\r\n") + "\r\n\r\n"
        let answer: HTTPAnswer
        do {
            switch prelude {
            case .oneByOne(let requests):
                for request in requests {
                    channel.write(Array(request.utf8))
                    _ = try await journals.handshake.next("an answer to \(request)", within: .seconds(20))
                }
                channel.write(Array(upgrade.utf8))
            case .atOnce(let requests, let frames):
                channel.write(Array((requests.joined() + upgrade).utf8) + frames.flatMap(\.bytes))
                for request in requests {
                    _ = try await journals.handshake.next("an answer to \(request)", within: .seconds(20))
                }
            }
            answer = try await journals.handshake.next("an answer to the upgrade of \(name)", within: .seconds(20))
        } catch {
            await channel.close()
            throw error
        }
        guard answer.status == 101, answer["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" else {
            await channel.close()
            throw UpgradeRefused(answer: answer)
        }
        return WebSocketClient(name: name, handshake: answer, journals: journals, channel: channel)
    }

    static func escape(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }

    // MARK: Sending

    func send(_ frame: WebSocketFrame) { channel.write(frame.bytes) }
    func send(raw bytes: [UInt8]) { channel.write(bytes) }
    func send(_ text: String) { send(.text(text)) }

    /// Sends and waits until the kernel has taken it: for those who send much, or piecemeal.
    func sendThrough(raw bytes: [UInt8]) async throws { try await channel.writeThrough(bytes) }
    func sayThrough(_ content: String) async throws {
        try await sendThrough(raw: WebSocketFrame.text(#"{"type":"chat_message","content":\#(json(content))}"#).bytes)
    }

    func say(_ content: String) { send(#"{"type":"chat_message","content":\#(json(content))}"#) }
    func join(_ room: String) { send(#"{"type":"join_room","room":\#(json(room))}"#) }
    func leaveRoom() { send(#"{"type":"leave_room"}"#) }
    func listUsers(_ room: String? = nil) {
        send(#"{"type":"list_users"\#(room.map { #","room":\#(json($0))"# } ?? "")}"#)
    }
    func listRooms() { send(#"{"type":"list_rooms"}"#) }

    private func json(_ text: String) -> String {
        let encoded = try? JSONEncoder().encode(text)
        return encoded.map { String(decoding: $0, as: UTF8.self) } ?? #""""#
    }

    // MARK: Ending

    /// The orderly end: a close frame with 1000, and the server's answer to it.
    @discardableResult
    func close() async throws -> Closing {
        send(.close(1000))
        return try await closed()
    }

    /// Closes the socket without a word.
    func drop() async { await channel.close() }
    func reset() async throws { try await channel.reset() }
    func closeOutput() async throws { try await channel.closeOutput() }
    func setReading(_ isReading: Bool) async throws { try await channel.setReading(isReading) }

    func closed(within limit: Duration = .seconds(10)) async throws -> Closing {
        try await closings.next("\(name)'s connection to end", within: limit)
    }
}
