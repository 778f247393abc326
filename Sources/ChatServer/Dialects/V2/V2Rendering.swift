import Domain
import NIOCore
import Service
import Wire

/// The service's words in the `chat.v2` dialect (docs/protocol.md).
extension V2Event {
    /// Nil for what this dialect has no words for.
    init?(_ event: TopicEvent) {
        switch event {
        case .entry(let entry): self.init(entry)
        case .notice(let notice): self.init(notice)
        }
    }

    /// Nil for what this dialect has no words for.
    init?(_ entry: Entry) {
        switch entry.body {
        case .contribution(.message(let message)):
            switch entry.topic {
            case .room(let room): self = .chatMessage(V2Message(message, in: room, at: entry.sequence))
            case .inbox(let owner): self = .privateMessage(V2PrivateMessage(message, of: owner, at: entry.sequence))
            }
        case .foreignNotice, .unknown, .unreadable:
            return nil
        }
    }

    private init?(_ notice: Notice) {
        switch notice {
        case .membership(let notice):
            let (room, username, timestamp) = (notice.room.text, notice.username.text, notice.timestamp.rfc3339Text)
            switch notice.change {
            case .joined:
                self = .userJoined(room: room, username: username, members: notice.members, timestamp: timestamp)
            case .left:
                self = .userLeft(room: room, username: username, members: notice.members, timestamp: timestamp)
            }
        case .members(let notice):
            self = .roomMembers(notice)
        case .typing(let notice):
            self = .typing(room: notice.room.text, username: notice.username.text, isTyping: notice.isTyping)
        case .gap(.room(let room), let after, let before):
            self = .gap(room: room.text, after: after.value, before: before.value)
        case .gap(.inbox, _, _):
            return nil
        }
    }

    static func roomMembers(_ notice: MembersNotice) -> V2Event {
        .roomMembers(
            room: notice.room.text, members: notice.members, joined: notice.joined, left: notice.left,
            timestamp: notice.timestamp.rfc3339Text)
    }

    /// What a token gives its user.
    init(_ principal: Principal) {
        let permissions = principal.permissions
        self = .authenticated(
            V2Authenticated(
                expiresAt: principal.expiresAt?.rfc3339Text, role: principal.role.text,
                rooms: permissions.rooms?.map(\.description),
                readRooms: permissions.readRooms.isEmpty ? nil : permissions.readRooms.map(\.description)))
    }

    init(_ error: ChatError) {
        let retryAfter = error.retryAfter.map { Int(($0 / .milliseconds(1)).rounded(.up)) }
        self = .error(code: error.code.rawValue, content: error.message, retryAfterMilliseconds: retryAfter)
    }
}

extension V2Welcome {
    init(_ session: Session, _ edge: Edge) {
        let limits = edge.service.limits
        self.init(
            username: session.username.text, session: session.secret?.text ?? "", instance: edge.welcome.instance,
            version: edge.welcome.version, rooms: session.rooms.map(\.text),
            limits: .init(
                messageBytes: limits.messageBytes, messagesPerWindow: limits.rate?.messages ?? 0,
                windowSeconds: Int(limits.rate?.window.components.seconds ?? 0),
                frameBytes: FrameLimit.bytes(forContentOf: limits.messageBytes),
                roomsPerSession: limits.roomsPerSession))
    }
}

extension V2Message {
    fileprivate init(_ message: Message, in room: RoomName, at sequence: SequenceNumber) {
        self.init(
            id: message.id.text, room: room.text, sender: message.sender, content: message.content,
            timestamp: message.timestamp.rfc3339Text, sequence: sequence.value)
    }
}

extension V2PrivateMessage {
    fileprivate init(_ message: Message, of owner: Username, at sequence: SequenceNumber) {
        self.init(
            id: message.id.text, sender: message.sender, to: message.recipient ?? owner.text, content: message.content,
            timestamp: message.timestamp.rfc3339Text, sequence: sequence.value)
    }
}

extension V2Ack {
    init(_ draft: Draft, _ stored: Stored) {
        self.init(
            id: draft.id.text, room: draft.topic.room?.text, sequence: stored.sequence.value,
            timestamp: stored.timestamp?.rfc3339Text, isDuplicate: stored.isDuplicate)
    }
}

extension ReadingPage {
    /// A room's entries as a resume has them.
    var historyEntries: [V2HistoryEntry] { entries.compactMap { V2Event($0).map(V2HistoryEntry.init) } }

    /// Those of a room's entries that stand in a page which is read from the latest.
    var latestEntries: [V2HistoryEntry] {
        entries.compactMap { entry in
            entry.visibility >= .history ? V2Event(entry).map(V2HistoryEntry.init) : nil
        }
    }

    var privateMessages: [V2PrivateMessage] {
        entries.compactMap { if case .privateMessage(let message)? = V2Event($0) { message } else { nil } }
    }
}

extension ChatError {
    init(_ error: V2DecodingError) {
        switch error.reason {
        case .notAnObject:
            self.init(.badRequest, "not understood: a message must be a JSON object")
        case .unknownType(let type):
            self.init(.unknownType, "unknown message type \"\(type.prefix(64))\"")
        case .badField(let words):
            self.init(.badRequest, words)
        }
    }
}
