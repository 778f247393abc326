import Domain
import Wire

/// The NATS subjects of the cluster (docs/protocol.md, “Between instances”).
enum Subject {
    /// The subject to which entries are published to be stored, by us and, for rooms, by original servers.
    static func stored(_ topic: Topic) -> String { topic.kind.storedPrefix + token(topic.name) }

    /// The subject to which the NATS server republishes stored entries.
    static func live(_ topic: Topic) -> String { topic.kind.livePrefix + token(topic.name) }

    /// The topic whose entries a subject stores; nil for a subject that this server would not make.
    static func topic(of subject: String) -> Topic? {
        // Compares bytes: if a name begins with a combining mark, the point before it and the mark form one
        // `Character`.
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

    /// Announces that a session was taken over.
    static let succession = "chat.session.succeeded"

    /// What instances tell each other for administrators.
    static let administration = "chat.administration"

    /// The header that holds ``messageID(of:)``.
    static let messageIDHeader = "Nats-Msg-Id"

    /// A subject that is stored like a topic's and belongs to none, because no encoded name looks like it.
    static func nobodys(_ kind: Topic.Kind) -> String { kind.storedPrefix + "%" }

    /// The live counterpart of ``nobodys(_:)``.
    static func nobodysLive(_ kind: Topic.Kind) -> String { kind.livePrefix + "%" }

    /// The subject on which instances agree who creates a missing stream.
    static func making(_ kind: Topic.Kind) -> String { "chat.making.\(kind.stream)" }

    /// The subjects of JetStream's advisories about a stream; the star stands for the kind of event.
    static func advisories(_ kind: Topic.Kind) -> String { "$JS.EVENT.ADVISORY.STREAM.*.\(kind.stream)" }

    /// A name as one token of a subject: `.` `*` `>` `%` become `%XX`, so that a name can be neither two tokens nor a
    /// wildcard.
    static func token(_ name: String) -> String { PercentCoding.encoded(name, where: hasMeaning) }

    private static func hasMeaning(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "."), UInt8(ascii: "*"), UInt8(ascii: ">"), UInt8(ascii: "%"): true
        default: false
        }
    }

    /// The id by which JetStream recognises a draft of any kind: author, room or recipient, and id, encoded so that the
    /// parts cannot run into each other. The author's own copy of a private message has a fourth part.
    static func messageID(of draft: Draft) -> String {
        var id = ""
        id.reserveCapacity(96)  // two names of up to a dozen characters, and 32 random digits
        let traits = draft.contribution.traits
        id += part(traits.author)
        id += "."
        id += part(traits.recipient ?? draft.topic.name)
        id += "."
        id += part(traits.id.text)
        if case .inbox(let owner) = draft.topic, traits.recipient != owner.text { id += ".copy" }
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

    /// All subjects that the kind's stream stores.
    var allStored: String { storedPrefix + "*" }

    /// The destination of the stream's republishing, in NATS's notation.
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
