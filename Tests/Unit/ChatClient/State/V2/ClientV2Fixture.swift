import NIOCore
import Synchronization
import Testing
import Transport
import Wire

@testable import ChatClient

/// The side of the server in a conversation in `chat.v2`. What a test does not mention is in order.
extension Client {
    static let epoch = "e1"

    /// A client that chose `chat.v2`, whose message ids are `m1`, `m2` and so on.
    static func v2(
        room: String? = nil, interactive: Bool = true, windows: Bool = false, random: Double = 1
    ) -> Client {
        let count = Mutex(0)
        var client = Client(
            room: room, interactive: interactive, editor: interactive, windows: windows, random: random
        ) {
            count.withLock { count in
                count += 1
                return "m\(count)"
            }
        }
        client.open()
        return client
    }

    /// A client in its room, which has read all there is: `last` messages of which it was shown none.
    static func live(room: String = "global", last: UInt64 = 0, interactive: Bool = true, random: Double = 1) -> Client
    {
        var client = v2(room: room, interactive: interactive, random: random)
        client.enter(room, last: last)
        client.effects = []
        return client
    }

    /// The upgrade, and the welcome.
    mutating func open(limits: V2Welcome.Limits = .init(messageBytes: 8192, messagesPerWindow: 0, windowSeconds: 0)) {
        connection(.opened(subprotocol: "chat.v2"))
        hear(
            .welcome(
                V2Welcome(
                    username: "al", session: "secret", instance: "i", version: "1", rooms: ["global"], limits: limits)))
    }

    /// The answers to the two requests with which every connection begins.
    mutating func enter(
        _ room: String = "global", last: UInt64 = 0, epoch: String = Client.epoch, missed: [V2Message] = [],
        truncated: Bool = false, missedPrivately: [V2PrivateMessage] = []
    ) {
        hear(.inbox(V2Inbox(messages: missedPrivately, more: false, truncated: false, epoch: epoch)), ref: "inbox")
        hear(.joined(room: room, members: 1, lastSequence: last, epoch: epoch), ref: "resume")
        hear(.history(V2History(room: room, messages: missed, more: false, truncated: truncated, epoch: epoch)))
    }

    /// The connection breaks, and the next one is welcomed.
    mutating func comeBack() {
        lose()
        effects = []
        passDeadline()
        open()
    }

    /// The server sends a frame of `chat.v2`.
    mutating func hear(_ event: V2Event, ref: String? = nil) {
        connection(.received(ByteBuffer(bytes: V2Frame(event, ref: ref).json)))
    }

    /// The server answers a request that was sent.
    mutating func answer(_ type: String, with event: V2Event) {
        guard let request = requestsSent.last(where: { $0.command.type == type }) else {
            Issue.record("no \(type) was sent")
            return
        }
        hear(event, ref: request.ref)
    }

    /// The last message is stored.
    mutating func acknowledge(_ sequence: UInt64, room: String? = "global", duplicate: Bool = false) {
        answer(
            room == nil ? "private_message" : "chat_message",
            with: .ack(V2Ack(id: nil, room: room, sequence: sequence, timestamp: "", isDuplicate: duplicate)))
    }

    mutating func refuse(_ type: String = "chat_message", _ code: String, after milliseconds: Int? = nil) {
        answer(type, with: .error(code: code, content: "\(code)!", retryAfterMilliseconds: milliseconds))
    }

    var requestsSent: [V2Request] {
        effects.compactMap { if case .send(_, number: nil, .v2(let request)) = $0 { request } else { nil } }
    }

    var commands: [V2Command] { requestsSent.map(\.command) }

    /// Contents and ids of the messages sent to rooms.
    var messages: [String] {
        commands.compactMap { command in
            guard case .chatMessage(let content, let room, let id) = command else { return nil }
            return "\(room ?? "-")/\(id ?? "-"): \(content)"
        }
    }

    /// What others said, as shown.
    var heard: [String] {
        shown.compactMap {
            if case .message(_, _, let sender, let content) = $0 { "\(sender): \(content)" } else { nil }
        }
    }
}

extension V2Message {
    static func said(
        _ content: String, _ sequence: UInt64, by sender: String = "bob", in room: String = "global", id: String? = nil
    ) -> V2Message {
        V2Message(
            id: id ?? "x\(sequence)", room: room, sender: sender, content: content,
            timestamp: "2026-01-02T03:04:05.678Z", sequence: sequence)
    }
}

extension V2PrivateMessage {
    static func told(
        _ content: String, _ sequence: UInt64, by sender: String = "bob", to: String = "al", id: String? = nil
    ) -> V2PrivateMessage {
        V2PrivateMessage(
            id: id ?? "p\(sequence)", sender: sender, to: to, content: content, timestamp: "2026-01-02T03:04:05.678Z",
            sequence: sequence)
    }
}
