extension V2Frame {
    /// Reads one frame that a server sent. Fields that the event does not know are ignored.
    public init(json: some Collection<UInt8>) throws(V2DecodingError) {
        guard let object = try? JSONObject(json, keepingNested: true) else {
            throw V2DecodingError(reason: .notAnObject, ref: nil)
        }
        var ref: String?
        let event: V2Event?
        do throws(JSONFieldError) {
            ref = try object.text("ref")
            event = try V2Event(object)
        } catch {
            guard error.problem == .missing else { throw V2DecodingError(reason: .notAnObject, ref: nil) }
            throw V2DecodingError(reason: .badField("\(error)"), ref: ref)
        }
        guard let event else {
            let type = (try? object.text("type")) ?? ""
            throw V2DecodingError(reason: .unknownType(type), ref: ref)
        }
        self.init(event, ref: ref)
    }
}

extension V2Event {
    /// - Returns: nil for a type that nobody knows.
    fileprivate init?(_ object: JSONObject) throws(JSONFieldError) {
        switch try object.text("type") {
        case "welcome": self = .welcome(try V2Welcome(object))
        case "chat_message": self = .chatMessage(try V2Message(object))
        case "private_message": self = .privateMessage(try V2PrivateMessage(object))
        case "ack": self = .ack(try V2Ack(object))
        case "joined":
            self = .joined(
                room: try object.requiredText("room"), members: try object.requiredWhole("members"),
                lastSequence: try object.requiredWhole("last_seq"), epoch: try object.requiredText("epoch"))
        case "left": self = .left(room: try object.requiredText("room"))
        case "history": self = .history(try V2History(object))
        case "inbox": self = .inbox(try V2Inbox(object))
        case "gap":
            self = .gap(
                room: try object.requiredText("room"), after: try object.requiredWhole("after"),
                before: try object.requiredWhole("before"))
        case "user_list":
            self = .userList(
                room: try object.text("room"), users: try object.texts("users"), more: try object.flag("more") ?? false,
                total: try object.whole("total"))
        case "room_list":
            let rooms = try object.objects("rooms").map { room throws(JSONFieldError) in try V2Room(room) }
            self = .roomList(rooms, more: try object.flag("more") ?? false, total: try object.whole("total"))
        case "user_joined":
            self = .userJoined(
                room: try object.requiredText("room"), username: try object.requiredText("username"),
                members: try object.whole("members"), timestamp: try object.text("timestamp") ?? "")
        case "user_left":
            self = .userLeft(
                room: try object.requiredText("room"), username: try object.requiredText("username"),
                members: try object.whole("members"), timestamp: try object.text("timestamp") ?? "")
        case "room_members":
            self = .roomMembers(
                room: try object.requiredText("room"), members: try object.requiredWhole("members"),
                joined: try object.whole("joined") ?? 0, left: try object.whole("left") ?? 0,
                timestamp: try object.text("timestamp") ?? "")
        case "typing":
            self = .typing(
                room: try object.requiredText("room"), username: try object.requiredText("username"),
                isTyping: try object.requiredFlag("is_typing"))
        case "announcement":
            self = .announcement(
                content: try object.requiredText("content"), timestamp: try object.text("timestamp") ?? "")
        case "authenticated": self = .authenticated(try V2Authenticated(object))
        case "error":
            self = .error(
                code: try object.text("code") ?? "", content: try object.text("content") ?? "",
                retryAfterMilliseconds: try object.whole("retry_after_ms"))
        case "reconnect":
            self = .reconnect(
                reason: try object.text("reason") ?? "", delayMilliseconds: try object.whole("delay_ms") ?? 0)
        default: return nil
        }
    }
}

extension V2Welcome {
    fileprivate init(_ object: JSONObject) throws(JSONFieldError) {
        let limits = try object.object("limits")
        self.init(
            username: try object.requiredText("username"), session: try object.requiredText("session"),
            instance: try object.text("instance") ?? "", version: try object.text("version") ?? "",
            rooms: object["rooms"] == nil ? [] : try object.texts("rooms"),
            limits: .init(
                messageBytes: try limits?.whole("message_bytes") ?? 0,
                messagesPerWindow: try limits?.whole("messages_per_window") ?? 0,
                windowSeconds: try limits?.whole("window_seconds") ?? 0,
                frameBytes: try limits?.whole("frame_bytes") ?? 0,
                roomsPerSession: try limits?.whole("rooms_per_session") ?? 0))
    }
}

extension V2Authenticated {
    fileprivate init(_ object: JSONObject) throws(JSONFieldError) {
        self.init(
            expiresAt: try object.text("expires_at"), role: try object.text("role") ?? "",
            rooms: object["rooms"] == nil ? nil : try object.texts("rooms"),
            readRooms: object["read_rooms"] == nil ? nil : try object.texts("read_rooms"))
    }
}

extension V2Message {
    /// - Parameter room: that of the frame, where the message names none.
    fileprivate init(_ object: JSONObject, room: String? = nil) throws(JSONFieldError) {
        self.init(
            id: try object.requiredText("id"), room: try object.required(try object.text("room") ?? room, "room"),
            sender: try object.requiredText("sender"), content: try object.requiredText("content"),
            timestamp: try object.text("timestamp") ?? "", sequence: try object.requiredWhole("seq"))
    }
}

extension V2PrivateMessage {
    fileprivate init(_ object: JSONObject) throws(JSONFieldError) {
        self.init(
            id: try object.requiredText("id"), sender: try object.requiredText("sender"),
            to: try object.requiredText("to"), content: try object.requiredText("content"),
            timestamp: try object.text("timestamp") ?? "", sequence: try object.requiredWhole("seq"))
    }
}

extension V2Ack {
    fileprivate init(_ object: JSONObject) throws(JSONFieldError) {
        self.init(
            id: try object.text("id"), room: try object.text("room"), sequence: try object.whole("seq"),
            timestamp: try object.text("timestamp"), isDuplicate: try object.flag("duplicate") ?? false)
    }
}

extension V2History {
    fileprivate init(_ object: JSONObject) throws(JSONFieldError) {
        let room = try object.requiredText("room")
        self.init(
            room: room,
            entries: try object.objects("messages").map { entry throws(JSONFieldError) in
                try V2HistoryEntry(entry, room: room)
            }.compactMap(\.self),
            more: try object.flag("more") ?? false, truncated: try object.flag("truncated") ?? false,
            epoch: try object.requiredText("epoch"))
    }
}

extension V2HistoryEntry {
    /// - Returns: nil for a type that nobody knows: a later version may have entries that are no messages.
    fileprivate init?(_ object: JSONObject, room: String) throws(JSONFieldError) {
        switch try object.text("type") {
        case nil, "chat_message":
            self = .message(try V2Message(object, room: room))
        default:
            guard let event = try V2Event(object) else { return nil }
            self = .event(event)
        }
    }
}

extension V2Inbox {
    fileprivate init(_ object: JSONObject) throws(JSONFieldError) {
        self.init(
            messages: try object.objects("messages").map { message throws(JSONFieldError) in
                try V2PrivateMessage(message)
            },
            more: try object.flag("more") ?? false, truncated: try object.flag("truncated") ?? false,
            epoch: try object.requiredText("epoch"))
    }
}

extension V2Room {
    fileprivate init(_ object: JSONObject) throws(JSONFieldError) {
        self.init(name: try object.requiredText("name"), members: try object.requiredWhole("members"))
    }
}

extension JSONObject {
    fileprivate func texts(_ key: String) throws(JSONFieldError) -> [String] {
        try required(try list(key), key).map { value throws(JSONFieldError) in
            guard case .text(let text) = value else { throw JSONFieldError(key, .notList) }
            return text
        }
    }

    fileprivate func objects(_ key: String) throws(JSONFieldError) -> [JSONObject] {
        try required(try list(key), key).map { value throws(JSONFieldError) in
            guard case .object(let object) = value else { throw JSONFieldError(key, .notList) }
            return object
        }
    }
}
