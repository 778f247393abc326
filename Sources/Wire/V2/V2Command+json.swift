import Foundation

extension V2Request {
    /// The fields of all commands; each takes those that it knows.
    private struct Fields: Decodable {
        var type: String?
        var ref: String?
        var content: String?
        var room: String?
        var id: String?
        var to: String?
        var after: Place?
        var before: UInt64?
        var epoch: String?
        var history: Int?
        var limit: Int?
        var stay: Bool?
        var isTyping: Bool?
        var token: String?

        enum CodingKeys: String, CodingKey {
            case type, ref, content, room, id, to, after, before, epoch, history, limit, stay, token
            case isTyping = "is_typing"
        }
    }

    /// Where one stopped: a number in a log, a name in a list.
    private enum Place: Decodable {
        case sequence(UInt64)
        case name(String)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let name = try? container.decode(String.self) {
                self = .name(name)
            } else {
                self = .sequence(try container.decode(UInt64.self))
            }
        }
    }

    private struct Reference: Decodable {
        var ref: String?
    }

    private struct Numbers: Decodable {
        /// A text in lists.
        var after: Double?
        var before: Double?
        var history: Double?
        var limit: Double?

        enum CodingKeys: CodingKey {
            case after, before, history, limit
        }

        init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            after = try? container.decode(Double.self, forKey: .after)
            before = try container.decodeIfPresent(Double.self, forKey: .before)
            history = try container.decodeIfPresent(Double.self, forKey: .history)
            limit = try container.decodeIfPresent(Double.self, forKey: .limit)
        }
    }

    /// Reads one frame that a client sent. Fields that the command does not know are ignored.
    public init(json: some Collection<UInt8>) throws(V2DecodingError) {
        if let message = FlatObject(json).flatMap(Self.init(message:)) {
            self = message
            return
        }
        let data = Data(json)
        let fields: Fields
        do {
            fields = try JSONDecoder().decode(Fields.self, from: data)
        } catch {
            let ref = (try? JSONDecoder().decode(Reference.self, from: data))?.ref
            throw V2DecodingError(
                reason: Self.reason(of: error, in: data), ref: ref.flatMap { Self.isAllowed($0) ? $0 : nil })
        }
        if let ref = fields.ref, !Self.isAllowed(ref) {
            let words = "ref must not be longer than \(Self.maximumReferenceLength) characters"
            throw V2DecodingError(reason: .badField(words), ref: nil)
        }
        do throws(Missing) {
            self.init(try Self.command(fields), ref: fields.ref)
        } catch {
            throw V2DecodingError(reason: error.reason, ref: fields.ref)
        }
    }

    /// A message as clients send them; what is wrong with any other frame is said elsewhere.
    private init?(message object: FlatObject) {
        guard object["type"] == "chat_message", let content = object["content"],
            object.keys.allSatisfy({ ["type", "ref", "content", "room", "id"].contains($0) }),
            object["ref"].map(Self.isAllowed) ?? true
        else { return nil }
        self.init(.chatMessage(content: content, room: object["room"], id: object["id"]), ref: object["ref"])
    }

    private struct Missing: Error {
        let reason: V2DecodingError.Reason
    }

    private static func command(_ fields: Fields) throws(Missing) -> V2Command {
        func required<Value>(_ value: Value?, _ name: String) throws(Missing) -> Value {
            guard let value else { throw Missing(reason: .badField("\(name) is missing")) }
            return value
        }
        switch fields.type {
        case "chat_message":
            return .chatMessage(content: try required(fields.content, "content"), room: fields.room, id: fields.id)
        case "join_room":
            return .joinRoom(
                V2Join(
                    room: try required(fields.room, "room"), resume: try position(fields),
                    history: try checked(fields.history, "history", 0...100), stay: fields.stay ?? false))
        case "leave_room":
            return .leaveRoom(fields.room)
        case "list_users":
            return .listUsers(room: fields.room, try listRange(fields))
        case "list_rooms":
            return .listRooms(try listRange(fields))
        case "private_message":
            return .privateMessage(
                to: try required(fields.to, "to"), content: try required(fields.content, "content"), id: fields.id)
        case "inbox":
            return .inbox(resume: try position(fields), limit: try checked(fields.limit, "limit", 1...100))
        case "history":
            let room = try required(fields.room, "room")
            let limit = try checked(fields.limit, "limit", 1...100)
            return .history(room: room, try range(fields), limit: limit)
        case "typing":
            return .typing(isTyping: try required(fields.isTyping, "is_typing"), room: fields.room)
        case "authenticate":
            return .authenticate(token: try required(fields.token, "token"))
        default:
            throw Missing(reason: .unknownType(fields.type ?? ""))
        }
    }

    private static func position(_ fields: Fields) throws(Missing) -> V2Position? {
        try sequence(fields.after).map { V2Position(after: $0, epoch: fields.epoch) }
    }

    private static func sequence(_ place: Place?) throws(Missing) -> UInt64? {
        switch place {
        case nil: return nil
        case .sequence(let sequence)?: return sequence
        case .name?: throw Missing(reason: .badField("after must be \(words(for: UInt64.self))"))
        }
    }

    private static func listRange(_ fields: Fields) throws(Missing) -> V2ListRange {
        let limit = try checked(fields.limit, "limit", 1...1000)
        switch fields.after {
        case nil: return V2ListRange(limit: limit)
        case .name(let name)?: return V2ListRange(after: name, limit: limit)
        case .sequence?: throw Missing(reason: .badField("after must be \(words(for: String.self))"))
        }
    }

    private static func range(_ fields: Fields) throws(Missing) -> V2HistoryRange {
        switch (fields.before, try sequence(fields.after)) {
        case (nil, nil): return .latest
        case (let before?, nil): return .before(before)
        case (nil, let after?): return .after(after)
        case (_?, _?): throw Missing(reason: .badField("history takes before or after, not both"))
        }
    }

    private static func checked(_ value: Int?, _ name: String, _ range: ClosedRange<Int>) throws(Missing) -> Int? {
        guard let value else { return nil }
        guard range.contains(value) else {
            throw Missing(reason: .badField("\(name) must be from \(range.lowerBound) to \(range.upperBound)"))
        }
        return value
    }

    private static func isAllowed(_ ref: String) -> Bool { ref.unicodeScalars.count <= maximumReferenceLength }

    private static func reason(of error: any Error, in data: Data) -> V2DecodingError.Reason {
        switch error {
        case DecodingError.typeMismatch(let type, let context) where !context.codingPath.isEmpty:
            .badField("\(context.codingPath[0].stringValue) must be \(words(for: type))")
        case DecodingError.dataCorrupted:
            impossibleNumber(in: data).map { .badField("\($0) must be a whole number in range") } ?? .notAnObject
        default: .notAnObject
        }
    }

    /// The decoder calls the whole frame corrupt where a number is none of the field's type, and does not say which.
    private static func impossibleNumber(in data: Data) -> String? {
        guard let numbers = try? JSONDecoder().decode(Numbers.self, from: data) else { return nil }
        return if let after = numbers.after, UInt64(exactly: after) == nil {
            "after"
        } else if let before = numbers.before, UInt64(exactly: before) == nil {
            "before"
        } else if let history = numbers.history, Int(exactly: history) == nil {
            "history"
        } else if let limit = numbers.limit, Int(exactly: limit) == nil {
            "limit"
        } else {
            nil
        }
    }

    private static func words(for type: Any.Type) -> String {
        switch type {
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        default: "a whole number that is not negative"
        }
    }
}

extension V2Request {
    /// The frame a client sends.
    public var json: [UInt8] {
        var object = JSONObjectWriter()
        object.add("type", command.type)
        object.add("ref", ifPresent: ref)
        switch command {
        case .chatMessage(let content, let room, let id):
            object.add("content", content)
            object.add("room", ifPresent: room)
            object.add("id", ifPresent: id)
        case .joinRoom(let join):
            object.add("room", join.room)
            object.add(join.resume)
            object.add("history", ifPresent: join.history)
            if join.stay { object.add("stay", true) }
        case .leaveRoom(let room):
            object.add("room", ifPresent: room)
        case .listUsers(let room, let range):
            object.add("room", ifPresent: room)
            object.add(range)
        case .listRooms(let range):
            object.add(range)
        case .privateMessage(let to, let content, let id):
            object.add("to", to)
            object.add("content", content)
            object.add("id", ifPresent: id)
        case .inbox(let resume, let limit):
            object.add(resume)
            object.add("limit", ifPresent: limit)
        case .history(let room, let range, let limit):
            object.add("room", room)
            switch range {
            case .latest: break
            case .before(let sequence): object.add("before", sequence)
            case .after(let sequence): object.add("after", sequence)
            }
            object.add("limit", ifPresent: limit)
        case .typing(let isTyping, let room):
            object.add("is_typing", isTyping)
            object.add("room", ifPresent: room)
        case .authenticate(let token):
            object.add("token", token)
        }
        return object.finish()
    }
}

extension V2Command {
    /// The command's name on the wire.
    public var type: String {
        switch self {
        case .chatMessage: "chat_message"
        case .joinRoom: "join_room"
        case .leaveRoom: "leave_room"
        case .listUsers: "list_users"
        case .listRooms: "list_rooms"
        case .privateMessage: "private_message"
        case .inbox: "inbox"
        case .history: "history"
        case .typing: "typing"
        case .authenticate: "authenticate"
        }
    }
}

extension JSONObjectWriter {
    fileprivate mutating func add(_ range: V2ListRange) {
        add("after", ifPresent: range.after)
        add("limit", ifPresent: range.limit)
    }

    fileprivate mutating func add(_ position: V2Position?) {
        guard let position else { return }
        add("after", position.after)
        add("epoch", ifPresent: position.epoch)
    }
}
