import Domain
import Wire

/// The NATS subjects of the cluster (docs/protocol.md, “Between instances”).
enum Subject {
    /// What is to be stored is published here, by us and, in rooms, by original servers.
    static func stored(_ topic: Topic) -> String { topic.kind.storedPrefix + token(topic.name) }

    /// What was stored comes out here, republished by the NATS server.
    static func live(_ topic: Topic) -> String { topic.kind.livePrefix + token(topic.name) }

    /// The topic whose entries a subject stores; nil for a subject that we would not have made.
    static func topic(of subject: String) -> Topic? {
        // By bytes: where a name begins with a combining mark, the point before it and the mark are one `Character`.
        for kind in Topic.Kind.allCases where subject.utf8.starts(with: kind.storedPrefix.utf8) {
            let token = Substring(subject.utf8.dropFirst(kind.storedPrefix.utf8.count))
            guard let name = try? PercentCoding.decoded(token, as: .url), let topic = Topic(kind, name),
                stored(topic).utf8.elementsEqual(subject.utf8)
            else { return nil }
            return topic
        }
        return nil
    }

    static func presence(_ room: RoomName) -> String { "chat.presence." + token(room.text) }

    static let allPresence = "chat.presence.*"

    /// That a session was taken over.
    static let succession = "chat.session.succeeded"

    /// The header that holds ``messageID(of:)``.
    static let messageIDHeader = "Nats-Msg-Id"

    /// Stored like a topic's, and no topic: no name is written like that.
    static func nobodys(_ kind: Topic.Kind) -> String { kind.storedPrefix + "%" }

    /// Heard like a topic's; see ``nobodys(_:)``.
    static func nobodysLive(_ kind: Topic.Kind) -> String { kind.livePrefix + "%" }

    /// Where instances agree on who makes a stream that is missing.
    static func making(_ kind: Topic.Kind) -> String { "chat.making.\(kind.stream)" }

    /// What JetStream tells about what happens to a stream; the token for the star names it.
    static func advisories(_ kind: Topic.Kind) -> String { "$JS.EVENT.ADVISORY.STREAM.*.\(kind.stream)" }

    /// A name as one token of a subject: `.` `*` `>` `%` become `%XX`, so that no name can be two tokens or a wildcard.
    static func token(_ name: String) -> String { PercentCoding.encoded(name, where: hasMeaning) }

    private static func hasMeaning(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "*"), UInt8(ascii: ">"), UInt8(ascii: "%"): true
        default: false
        }
    }

    /// The id under which JetStream knows a message again: sender, room or recipient, and id, none able to run into the
    /// next. The sender's own copy of a private message has a fourth part.
    static func messageID(of draft: Draft) -> String {
        var id = ""
        id.reserveCapacity(96)  // two names of up to a dozen characters, and 32 random digits, with room to spare
        let message = draft.message
        id += part(message.sender)
        id += "."
        id += part(message.recipient ?? draft.topic.name)
        id += "."
        id += part(message.id.text)
        if case .inbox(let owner) = draft.topic, message.recipient != owner.text { id += ".copy" }
        return id
    }

    private static func part(_ text: String) -> String {
        PercentCoding.encoded(text) { $0 <= 0x20 || $0 == 0x7F || hasMeaning($0) }
    }
}

extension Topic.Kind {
    fileprivate var storedPrefix: String {
        switch self {
        case .rooms: "chat.room."
        case .inboxes: "chat.user."
        }
    }

    fileprivate var livePrefix: String {
        switch self {
        case .rooms: "chat.live."
        case .inboxes: "chat.inbox."
        }
    }

    /// All that the kind's stream stores.
    var allStored: String { storedPrefix + "*" }

    /// Where the stream republishes it, in NATS's own notation.
    var republished: String { livePrefix + "{{wildcard(1)}}" }
}

extension Topic {
    fileprivate init?(_ kind: Kind, _ name: String) {
        switch kind {
        case .rooms:
            guard let room = try? RoomName(name) else { return nil }
            self = .room(room)
        case .inboxes:
            guard let username = try? Username(name) else { return nil }
            self = .inbox(username)
        }
    }

    fileprivate var name: String {
        switch self {
        case .room(let room): room.text
        case .inbox(let username): username.text
        }
    }
}
