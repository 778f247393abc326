extension V2Request {
    /// Reads one frame that a client sent. Fields that the command does not know are ignored.
    public init(json: some Collection<UInt8>) throws(V2DecodingError) {
        guard let object = try? JSONObject(json) else { throw V2DecodingError(reason: .notAnObject, ref: nil) }
        var ref: String?
        let command: V2Command?
        do throws(JSONFieldError) {
            ref = try object.reference()
            command = try V2Command(object)
        } catch {
            throw V2DecodingError(reason: .badField("\(error)"), ref: ref)
        }
        guard let command else {
            let type = (try? object.text("type")) ?? ""
            throw V2DecodingError(reason: .unknownType(type), ref: ref)
        }
        self.init(command, ref: ref)
    }
}

extension V2Command {
    /// - Returns: nil for a type that nobody knows.
    fileprivate init?(_ object: JSONObject) throws(JSONFieldError) {
        switch try object.text("type") {
        case "chat_message":
            self = .chatMessage(
                content: try object.requiredText("content"), room: try object.text("room"), id: try object.text("id"))
        case "join_room":
            self = .joinRoom(
                V2Join(
                    room: try object.requiredText("room"), resume: try object.position(),
                    history: try object.count("history", 0...100), stay: try object.flag("stay") ?? false))
        case "leave_room":
            self = .leaveRoom(try object.text("room"))
        case "list_users":
            self = .listUsers(room: try object.text("room"), try object.listRange())
        case "list_rooms":
            self = .listRooms(try object.listRange())
        case "private_message":
            self = .privateMessage(
                to: try object.requiredText("to"), content: try object.requiredText("content"),
                id: try object.text("id"))
        case "inbox":
            self = .inbox(resume: try object.position(), limit: try object.count("limit", 1...100))
        case "history":
            self = .history(
                room: try object.requiredText("room"), try object.historyRange(),
                limit: try object.count("limit", 1...100))
        case "typing":
            self = .typing(isTyping: try object.requiredFlag("is_typing"), room: try object.text("room"))
        case "authenticate":
            self = .authenticate(token: try object.requiredText("token"))
        default:
            return nil
        }
    }
}

extension JSONObject {
    fileprivate func reference() throws(JSONFieldError) -> String? {
        guard let ref = try text("ref") else { return nil }
        // Whatever is in a text, it has no more scalars than bytes.
        guard
            ref.utf8.count <= V2Request.maximumReferenceLength
                || ref.unicodeScalars.count <= V2Request.maximumReferenceLength
        else { throw JSONFieldError("ref", .longerThan(V2Request.maximumReferenceLength)) }
        return ref
    }

    fileprivate func position() throws(JSONFieldError) -> V2Position? {
        let epoch = try text("epoch")
        return try whole("after").map { V2Position(after: $0, epoch: epoch) }
    }

    fileprivate func listRange() throws(JSONFieldError) -> V2ListRange {
        V2ListRange(after: try text("after"), limit: try count("limit", 1...1000))
    }

    fileprivate func historyRange() throws(JSONFieldError) -> V2HistoryRange {
        switch (try whole("before", as: UInt64.self), try whole("after", as: UInt64.self)) {
        case (nil, nil): return .latest
        case (let before?, nil): return .before(before)
        case (nil, let after?): return .after(after)
        case (_?, _?): throw JSONFieldError("history", .takesOne(of: "before", "after"))
        }
    }

    fileprivate func count(_ key: String, _ range: ClosedRange<Int>) throws(JSONFieldError) -> Int? {
        guard let count = try whole(key, as: Int.self) else { return nil }
        guard range.contains(count) else { throw JSONFieldError(key, .outside(range)) }
        return count
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
