import Testing
import Wire

/// How a client came into a room: what `joined` said, and the history that followed it.
struct V2Entry: Sendable {
    var members: Int
    var lastSequence: UInt64
    var epoch: String
    /// Oldest first.
    var messages: [V2Message] = []
    var isTruncated = false
    /// Of the last history frame.
    var more = false
    var historyFrames = 0

    /// Where the reader stands now.
    var position: V2Position {
        V2Position(after: max(lastSequence, messages.last?.sequence ?? 0), epoch: epoch)
    }

    mutating func add(_ history: V2History) {
        historyFrames += 1
        messages += history.messages
        isTruncated = isTruncated || history.truncated
        more = history.more
    }
}

extension V2Client {
    /// Joins a room; the very next frames are `joined` and its history.
    @discardableResult
    func join(
        _ room: String, after position: V2Position? = nil, history: Int? = nil, stay: Bool = false,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> V2Entry {
        let ref = send(.joinRoom(V2Join(room: room, resume: position, history: history, stay: stay)))
        return try await entry(room, ref: ref, isResume: position != nil, sourceLocation: sourceLocation)
    }

    /// The very next frames are `joined` and its history.
    func entry(
        _ room: String, ref: String?, isResume: Bool = false, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> V2Entry {
        let joined = try await next("\(name) to have joined \(room)", sourceLocation: sourceLocation)
        guard case .joined(room, let members, let lastSequence, let epoch) = joined.event, joined.ref == ref else {
            throw Unexpected("\(name) was to join \(room) and got \(joined)")
        }
        var entry = V2Entry(members: members, lastSequence: lastSequence, epoch: epoch)
        repeat {
            let frame = try await next("\(name) to get the history of \(room)", sourceLocation: sourceLocation)
            guard case .history(let history) = frame.event, history.room == room, frame.ref == nil else {
                throw Unexpected("\(name) was to get history of \(room) and got \(frame)")
            }
            #expect(history.epoch == epoch, sourceLocation: sourceLocation)
            entry.add(history)
            // One that could not resume gets one frame, whose `more` means older messages.
        } while isResume && entry.more && !entry.isTruncated
        return entry
    }

    /// Says something; the very next frame is its acknowledgement.
    @discardableResult
    func say(
        _ content: String, in room: String? = nil, id: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> V2Ack {
        let ref = send(.chatMessage(content: content, room: room, id: id))
        return try await acknowledgement(ref, sourceLocation: sourceLocation)
    }

    @discardableResult
    func tell(
        _ user: String, _ content: String, id: String? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> V2Ack {
        let ref = send(.privateMessage(to: user, content: content, id: id))
        return try await acknowledgement(ref, sourceLocation: sourceLocation)
    }

    func acknowledgement(
        _ ref: String, within limit: Duration = .seconds(10), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> V2Ack {
        let frame = try await next(
            "\(name) to get the ack of \(ref)", within: limit, sourceLocation: sourceLocation)
        guard case .ack(let ack) = frame.event, frame.ref == ref else {
            throw Unexpected("\(name) was to get the ack of \(ref) and got \(frame)")
        }
        return ack
    }

    /// The very next frame is a refusal with that code. - Returns: the wait it asks for, in milliseconds.
    @discardableResult
    func isRefused(_ code: String, ref: String?, sourceLocation: SourceLocation = #_sourceLocation) async throws -> Int?
    {
        let frame = try await next("\(name) to be refused with \(code)", sourceLocation: sourceLocation)
        guard case .error(code, let words, let retryAfter) = frame.event, frame.ref == ref else {
            throw Unexpected("\(name) was to be refused with \(code) and got \(frame)")
        }
        #expect(!words.isEmpty, sourceLocation: sourceLocation)
        return retryAfter
    }

    /// The very next frame is a message in a room. - Returns: it.
    @discardableResult
    func hears(
        _ content: String, from sender: String, in room: String = "global",
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> V2Message {
        let frame = try await next("\(name) to hear “\(content)”", sourceLocation: sourceLocation)
        guard case .chatMessage(let message) = frame.event, message.content == content, message.sender == sender,
            message.room == room, frame.ref == nil
        else { throw Unexpected("\(name) was to hear “\(content)” from \(sender) in \(room) and got \(frame)") }
        return message
    }

    /// The very next frame is a private message. - Returns: it.
    @discardableResult
    func hearsPrivately(
        _ content: String, from sender: String, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> V2PrivateMessage {
        let frame = try await next("\(name) to hear “\(content)”", sourceLocation: sourceLocation)
        guard case .privateMessage(let message) = frame.event, message.content == content, message.sender == sender
        else { throw Unexpected("\(name) was to hear “\(content)” privately from \(sender) and got \(frame)") }
        return message
    }

    /// The very next frame says that somebody came.
    func seesJoined(
        _ user: String, _ room: String = "global", members: Int, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let frame = try await next("\(name) to see \(user) join \(room)", sourceLocation: sourceLocation)
        guard case .userJoined(room, user, members, _) = frame.event else {
            throw Unexpected("\(name) was to see \(user) join \(room), \(members) members, and got \(frame)")
        }
    }

    /// The very next frame says that somebody went.
    func seesLeft(
        _ user: String, _ room: String = "global", members: Int, within limit: Duration = .seconds(10),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let frame = try await next(
            "\(name) to see \(user) leave \(room)", within: limit, sourceLocation: sourceLocation)
        guard case .userLeft(room, user, members, _) = frame.event else {
            throw Unexpected("\(name) was to see \(user) leave \(room), \(members) members, and got \(frame)")
        }
    }

    /// A stretch of history; the very next frame is the answer.
    func history(
        _ room: String, _ range: V2HistoryRange = .latest, limit: Int? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> V2History {
        let ref = send(.history(room: room, range, limit: limit))
        let frame = try await next("\(name) to get history of \(room)", sourceLocation: sourceLocation)
        guard case .history(let history) = frame.event, frame.ref == ref, history.room == room else {
            throw Unexpected("\(name) was to get history of \(room) and got \(frame)")
        }
        return history
    }

    /// The own inbox; the very next frame is the answer.
    func inbox(
        after position: V2Position? = nil, limit: Int? = nil, sourceLocation: SourceLocation = #_sourceLocation
    ) async throws -> V2Inbox {
        let ref = send(.inbox(resume: position, limit: limit))
        let frame = try await next("\(name) to get the inbox", sourceLocation: sourceLocation)
        guard case .inbox(let inbox) = frame.event, frame.ref == ref else {
            throw Unexpected("\(name) was to get the inbox and got \(frame)")
        }
        return inbox
    }

    /// Nothing has come that was not read: the very next frame answers a question asked now.
    func isQuiet(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let ref = send(.listRooms())
        let frame = try await next("\(name) to hear nothing", sourceLocation: sourceLocation)
        guard case .roomList = frame.event, frame.ref == ref else {
            throw Unexpected("\(name) was to hear nothing and got \(frame)")
        }
        for violation in socket.violations.all { Issue.record("\(name): \(violation)", sourceLocation: sourceLocation) }
    }
}

/// A client got something else than it was to get.
struct Unexpected: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
