import Domain
import Service
import Wire

/// The texts of the classic dialect, as its clients have always seen them (docs/protocol.md).
extension ClassicEvent {
    /// Nil for what this dialect has no words for.
    init?(_ event: TopicEvent) {
        switch event {
        case .entry(let entry): self.init(entry)
        case .notice(let notice): self.init(notice)
        }
    }

    private init?(_ entry: Entry) {
        switch entry.body {
        case .contribution(.message(let message)):
            guard let room = entry.topic.room else { return nil }
            self = .chatMessage(
                sender: message.sender, content: message.content, timestamp: message.timestamp.classicText,
                room: room.text)
        case .foreignNotice(let content):
            self = .system(content: content)
        case .unknown, .unreadable:
            return nil
        }
    }

    private init?(_ notice: Notice) {
        switch notice {
        case .membership(let notice):
            switch notice.change {
            case .joined: self = .system(content: "\(notice.username) joined the room \(notice.room)")
            case .left: self = .system(content: "\(notice.username) left the room")
            }
        case .members(let notice):
            self = .system(
                content: Self.crowd(
                    in: notice.room.text, members: notice.members, joined: notice.joined, left: notice.left))
        case .typing, .gap:
            return nil
        }
    }

    init(_ error: ChatError) { self = .system(content: error.message) }

    static func users(_ users: ListPage<String>, in room: RoomName?) -> ClassicEvent {
        let list = list(users) { $0 }
        return .system(content: room.map { "Users in \($0): \(list)" } ?? "Active users: \(list)")
    }

    static func rooms(_ rooms: ListPage<RoomSummary>) -> ClassicEvent {
        .system(content: "Available rooms: " + list(rooms, \.name))
    }

    /// This dialect has no pages: what does not fit on the first one is only counted.
    private static func list<Element>(_ page: ListPage<Element>, _ name: (Element) -> String) -> String {
        let names = page.elements.map(name).joined(separator: ", ")
        guard page.more else { return names }
        return page.total.map { "\(names) and \($0 - page.elements.count) more" } ?? "\(names) and more"
    }
}

extension ChatError {
    init(_ error: ClassicDecodingError) {
        switch error {
        case .notAnObject:
            self.init(.badRequest, "not understood: a message must be a JSON object with text fields")
        case .unknownType(let type):
            self.init(.unknownType, "unknown message type \"\(type.prefix(64))\"")
        }
    }
}
