/// What has a log of its own: a room, or the inbox of a user's private messages.
public enum Topic: Hashable, Sendable {
    case room(RoomName)
    case inbox(Username)

    /// Topics of one kind share their sequence numbers and their log's incarnation.
    public enum Kind: Hashable, Sendable, CaseIterable {
        case rooms
        case inboxes
    }

    public var kind: Kind {
        switch self {
        case .room: .rooms
        case .inbox: .inboxes
        }
    }

    /// Nil for an inbox.
    public var room: RoomName? {
        if case .room(let room) = self { room } else { nil }
    }
}

extension Topic: CustomStringConvertible {
    public var description: String {
        switch self {
        case .room(let room): "room \(room)"
        case .inbox(let username): "inbox of \(username)"
        }
    }
}

/// Names the incarnation of a log: where it differs, sequence numbers of one say nothing about the other.
public struct Epoch: Hashable, Sendable, CustomStringConvertible {
    private let exact: ExactText

    public var text: String { exact.text }

    public init(_ text: String) { exact = ExactText(text) }

    public var description: String { text }
}
