extension V2Frame {
    /// The frame a server sends.
    public var json: [UInt8] {
        var object = JSONObjectWriter(capacity: event.sizeEstimate)
        object.add("type", event.type)
        object.add("ref", ifPresent: ref)
        object.add(fieldsOf: event)
        return object.finish()
    }
}

extension JSONObjectWriter {
    /// Adds all of the event but its type.
    fileprivate mutating func add(fieldsOf event: V2Event) {
        switch event {
        case .welcome(let welcome): add(welcome)
        case .chatMessage(let message): add(message)
        case .privateMessage(let message): add(message)
        case .ack(let ack): add(ack)
        case .joined(let room, let members, let lastSequence, let epoch):
            add("room", room)
            add("members", members)
            add("last_seq", lastSequence)
            add("epoch", epoch)
        case .left(let room):
            add("room", room)
        case .history(let history): add(history)
        case .inbox(let inbox):
            add("messages", inbox.messages) { $0.add($1) }
            addEnd(more: inbox.more, truncated: inbox.truncated, epoch: inbox.epoch)
        case .gap(let room, let after, let before):
            add("room", room)
            add("after", after)
            add("before", before)
        case .userList(let room, let users, let more, let total):
            add("room", ifPresent: room)
            add("users", users)
            addEnd(more: more, total: total)
        case .roomList(let rooms, let more, let total):
            add("rooms", rooms) { writer, room in
                writer.add("name", room.name)
                writer.add("members", room.members)
            }
            addEnd(more: more, total: total)
        case .userJoined(let room, let username, let members, let timestamp),
            .userLeft(let room, let username, let members, let timestamp):
            add("room", room)
            add("username", username)
            add("members", ifPresent: members)
            add("timestamp", timestamp)
        case .roomMembers(let room, let members, let joined, let left, let timestamp):
            add("room", room)
            add("members", members)
            add("joined", joined)
            add("left", left)
            add("timestamp", timestamp)
        case .typing(let room, let username, let isTyping):
            add("room", room)
            add("username", username)
            add("is_typing", isTyping)
        case .announcement(let content, let timestamp):
            add("content", content)
            add("timestamp", timestamp)
        case .authenticated(let authenticated): add(authenticated)
        case .error(let code, let content, let retryAfter):
            add("code", code)
            add("content", content)
            add("retry_after_ms", ifPresent: retryAfter)
        case .reconnect(let reason, let delay):
            add("reason", reason)
            add("delay_ms", delay)
        }
    }

    fileprivate mutating func add(_ history: V2History) {
        add("room", history.room)
        add("messages", history.entries) { $0.add($1) }
        addEnd(more: history.more, truncated: history.truncated, epoch: history.epoch)
    }

    /// A message in a history has no type, as ever.
    fileprivate mutating func add(_ entry: V2HistoryEntry) {
        switch entry {
        case .message(let message): add(message)
        case .event(let event):
            add("type", event.type)
            add(fieldsOf: event)
        }
    }
}

extension V2History {
    /// The fields of the frame without those that make it one: what the HTTP interface answers.
    public var json: [UInt8] {
        var object = JSONObjectWriter(capacity: V2Event.history(self).sizeEstimate)
        object.add(self)
        return object.finish()
    }
}

extension V2Event {
    /// The event's name on the wire.
    public var type: String {
        switch self {
        case .welcome: "welcome"
        case .chatMessage: "chat_message"
        case .privateMessage: "private_message"
        case .ack: "ack"
        case .joined: "joined"
        case .left: "left"
        case .history: "history"
        case .inbox: "inbox"
        case .gap: "gap"
        case .userList: "user_list"
        case .roomList: "room_list"
        case .userJoined: "user_joined"
        case .userLeft: "user_left"
        case .roomMembers: "room_members"
        case .typing: "typing"
        case .announcement: "announcement"
        case .authenticated: "authenticated"
        case .error: "error"
        case .reconnect: "reconnect"
        }
    }

    /// About how many bytes the event takes, so that its buffer seldom grows.
    fileprivate var sizeEstimate: Int {
        switch self {
        case .chatMessage(let message): message.content.utf8.count + 240
        case .privateMessage(let message): message.content.utf8.count + 240
        case .history(let history): history.entries.reduce(160) { $0 + $1.sizeEstimate }
        case .inbox(let inbox): inbox.messages.reduce(160) { $0 + $1.content.utf8.count + 240 }
        case .userList(_, let users, _, _): users.reduce(192) { $0 + $1.utf8.count + 3 }
        case .roomList(let rooms, _, _): rooms.reduce(192) { $0 + $1.name.utf8.count + 32 }
        default: 192
        }
    }
}

extension V2HistoryEntry {
    fileprivate var sizeEstimate: Int {
        switch self {
        case .message(let message): message.content.utf8.count + 240
        case .event(let event): event.sizeEstimate
        }
    }
}

extension JSONObjectWriter {
    fileprivate mutating func add(_ welcome: V2Welcome) {
        add("username", welcome.username)
        add("session", welcome.session)
        add("instance", welcome.instance)
        add("version", welcome.version)
        add("rooms", welcome.rooms)
        addObject("limits") { limits in
            limits.add("message_bytes", welcome.limits.messageBytes)
            limits.add("messages_per_window", welcome.limits.messagesPerWindow)
            limits.add("window_seconds", welcome.limits.windowSeconds)
            if welcome.limits.frameBytes > 0 { limits.add("frame_bytes", welcome.limits.frameBytes) }
            if welcome.limits.roomsPerSession > 0 { limits.add("rooms_per_session", welcome.limits.roomsPerSession) }
        }
    }

    fileprivate mutating func add(_ authenticated: V2Authenticated) {
        add("expires_at", ifPresent: authenticated.expiresAt)
        add("role", authenticated.role)
        if let rooms = authenticated.rooms { add("rooms", rooms) }
        if let readRooms = authenticated.readRooms { add("read_rooms", readRooms) }
    }

    fileprivate mutating func add(_ message: V2Message) {
        add("id", message.id)
        add("room", message.room)
        add("sender", message.sender)
        add("content", message.content)
        add("timestamp", message.timestamp)
        add("seq", message.sequence)
    }

    fileprivate mutating func add(_ message: V2PrivateMessage) {
        add("id", message.id)
        add("sender", message.sender)
        add("to", message.to)
        add("content", message.content)
        add("timestamp", message.timestamp)
        add("seq", message.sequence)
    }

    fileprivate mutating func add(_ ack: V2Ack) {
        add("id", ifPresent: ack.id)
        add("room", ifPresent: ack.room)
        add("seq", ifPresent: ack.sequence)
        add("timestamp", ifPresent: ack.timestamp)
        if ack.isDuplicate { add("duplicate", true) }
    }

    /// A list that is whole has neither, as ever.
    fileprivate mutating func addEnd(more: Bool, total: Int?) {
        if more { add("more", true) }
        add("total", ifPresent: total)
    }

    fileprivate mutating func addEnd(more: Bool, truncated: Bool, epoch: String) {
        add("more", more)
        if truncated { add("truncated", true) }
        add("epoch", epoch)
    }
}
