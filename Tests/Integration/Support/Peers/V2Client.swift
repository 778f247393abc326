import Foundation
import Synchronization
import Testing
import Wire

/// A client of `chat.v2` that takes nothing for granted: what a test does not expect fails it.
///
/// It reads one frame after the other. The only frames that it passes over are notices of comings and goings from before
/// it joined their room: those travel between two instances, and may still be on their way.
final class V2Client: Sendable {
    let socket: WebSocketClient
    let welcome: V2Welcome
    /// When the latest `join_room` for each room was sent.
    private let joins = Mutex<[String: Date]>([:])
    private let lastReference = Mutex(0)

    var name: String { socket.name }
    /// The secret that lets a later connection take the session over.
    var secret: String { welcome.session }

    init(socket: WebSocketClient, welcome: V2Welcome) {
        self.socket = socket
        self.welcome = welcome
    }

    /// Everything that has come so far, `welcome` first; what is no frame of `chat.v2` is an issue.
    var frames: [V2Frame] {
        socket.texts.all.compactMap { text in
            guard let frame = try? V2Frame(json: text.bytes) else {
                Issue.record("\(name) got what is no frame of chat.v2: \(text)")
                return nil
            }
            return frame
        }
    }

    // MARK: Sending

    /// - Returns: the request's reference.
    @discardableResult
    func send(_ command: V2Command, ref: String? = nil) -> String {
        let ref = ref ?? makeReference()
        if case .joinRoom(let join) = command { joins.withLock { $0[join.room] = Date() } }
        socket.send(WebSocketFrame(opcode: WebSocketFrame.Opcode.text, payload: V2Request(command, ref: ref).json))
        return ref
    }

    /// Sends a text, be it a request or not.
    func send(text: String) {
        if case .joinRoom(let join)? = (try? V2Request(json: text.utf8))?.command {
            joins.withLock { $0[join.room] = Date() }
        }
        socket.send(text)
    }

    func makeReference() -> String {
        lastReference.withLock { last in
            last += 1
            return "\(name)-\(last)"
        }
    }

    // MARK: Receiving

    /// The very next frame.
    func next(
        _ what: String? = nil, within limit: Duration = .seconds(10), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> V2Frame {
        try await nextText(what, within: limit, sourceLocation: sourceLocation).frame
    }

    /// The very next frame, as it came and decoded.
    func nextText(
        _ what: String? = nil, within limit: Duration = .seconds(10), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> (text: TextFrame, frame: V2Frame) {
        while true {
            let text = try await socket.texts.next(what ?? "\(name) to receive a frame", within: limit)
            let frame = try #require(
                try? V2Frame(json: text.bytes), "\(name): no frame of chat.v2: \(text)", sourceLocation: sourceLocation)
            if !isLate(frame.event) { return (text, frame) }
        }
    }

    /// Reads on to the first frame that matches.
    func first(
        _ what: String, within limit: Duration = .seconds(10), where matches: @Sendable (V2Frame) -> Bool
    ) async throws -> V2Frame {
        let text = try await socket.texts.first("\(name): \(what)", within: limit) { text in
            (try? V2Frame(json: text.bytes)).map(matches) ?? false
        }
        return try V2Frame(json: text.bytes)
    }

    private func isLate(_ event: V2Event) -> Bool {
        switch event {
        case .userJoined(let room, _, _, let timestamp), .userLeft(let room, _, _, let timestamp):
            guard let joined = joins.withLock({ $0[room] }), let date = Timestamps.date(timestamp) else { return false }
            return date < joined
        default:
            return false
        }
    }

    // MARK: Ending

    /// The orderly end with 1000, after which nobody waits for the client to come back.
    @discardableResult
    func close() async throws -> Closing { try await socket.close() }

    /// Ends the connection without a word, as a network does.
    func cut() async throws { try await socket.reset() }

    func closed(within limit: Duration = .seconds(10)) async throws -> Closing {
        try await socket.closed(within: limit)
    }
}

extension ChatInstance {
    static let v2 = "Sec-WebSocket-Protocol: chat.v2"

    /// Connects a client of `chat.v2`, whose first frame is a `welcome`.
    func v2(
        _ username: String, room: String? = nil, session: String? = nil, receiveBuffer: Int? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> V2Client {
        let socket = try await v2Socket(username, room: room, session: session, receiveBuffer: receiveBuffer)
        let first = try await socket.texts.next("\(username)'s welcome", within: .seconds(15))
        guard case .welcome(let welcome)? = (try? V2Frame(json: first.bytes))?.event else {
            throw SpawnFailed(description: "\(username) was to be welcomed and got \(first)")
        }
        #expect(welcome.username == username, sourceLocation: sourceLocation)
        return V2Client(socket: socket, welcome: welcome)
    }

    /// Connects for `chat.v2`, welcome or not.
    func v2Socket(
        _ username: String, room: String? = nil, session: String? = nil, receiveBuffer: Int? = nil
    ) async throws -> WebSocketClient {
        var path = "/ws?username=\(WebSocketClient.escape(username))"
        if let room { path += "&room=\(WebSocketClient.escape(room))" }
        if let session { path += "&session=\(session)" }
        return try await client(username, path: path, headers: [Self.v2], receiveBuffer: receiveBuffer)
    }

    /// Connects a client of `chat.v2` that reads `room` from its present end on.
    func enterV2(_ username: String, _ room: String = "global") async throws -> V2Client {
        let client = try await v2(username, room: room)
        try await client.join(room, history: 0)
        return client
    }
}

/// RFC 3339 in UTC with milliseconds.
enum Timestamps {
    static func date(_ text: String) -> Date? {
        guard text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil else { return nil }
        return try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
