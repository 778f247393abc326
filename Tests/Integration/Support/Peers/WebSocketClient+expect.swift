import Foundation
import Synchronization
import Testing

/// A frame of the classic dialect, read leniently, for tests that look at fields and not at bytes.
struct ClassicFrame: Decodable, Equatable, Sendable {
    var type: String
    var sender: String?
    var content: String?
    var timestamp: String?
    var room: String?
    // only between instances
    var id: String?
    var at: String?

    init?(_ bytes: [UInt8]) {
        guard let frame = try? JSONDecoder().decode(ClassicFrame.self, from: Data(bytes)) else { return nil }
        self = frame
    }
}

extension TextFrame {
    var classic: ClassicFrame? { ClassicFrame(bytes) }
    /// The text of a notice, an answer or an error.
    var notice: String? { classic.flatMap { $0.type == "system_message" ? $0.content ?? "" : nil } }
    /// What a chat message says.
    var said: String? { classic.flatMap { $0.type == "chat_message" ? $0.content ?? "" : nil } }

    static func notice(_ content: String) -> TextFrame {
        let escaped = content.replacing(#"\"#, with: #"\\"#).replacing("\"", with: #"\""#)
        return TextFrame(#"{"type":"system_message","content":"\#(escaped)"}"#)
    }
}

extension WebSocketClient {
    func next(within limit: Duration = .seconds(10)) async throws -> TextFrame {
        // One's own coming is never late, though an earlier client of the name came, too.
        try await next(within: limit) { $0.notice?.hasPrefix("\(name) joined the room ") == true }
    }

    /// The next frame, but for a late notice of a join from before this client, where that is not what is expected.
    func next(
        within limit: Duration = .seconds(10), _ what: String? = nil, expecting isExpected: (TextFrame) -> Bool
    ) async throws -> TextFrame {
        while true {
            let frame = try await texts.next(what ?? "\(name) to receive a frame", within: limit)
            let isLate = lateJoins.withLock { lateJoins in
                guard let index = lateJoins.firstIndex(of: frame) else { return false }
                lateJoins.remove(at: index)
                return true
            }
            if isExpected(frame) || !isLate { return frame }
        }
    }

    /// The very next frame is this one, byte for byte.
    func hears(
        _ expected: TextFrame, within limit: Duration = .seconds(10),
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let frame = try await next(within: limit, "\(name) to receive \(expected)") { $0 == expected }
        try #require(frame == expected, "what \(name) received", sourceLocation: sourceLocation)
        if expected.notice?.hasPrefix("\(name) joined the room ") == true { Arrivals.add(expected) }
    }

    func hears(
        notice: String, within limit: Duration = .seconds(10), sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        try await hears(.notice(notice), within: limit, sourceLocation: sourceLocation)
    }

    /// Reads on until someone says `content`.
    @discardableResult
    func hearsSooner(said content: String, within limit: Duration = .seconds(10)) async throws -> TextFrame {
        try await texts.first("\(name) to hear “\(content)”", within: limit) { $0.said == content }
    }

    /// Reads on until a notice with that text.
    func hearsSooner(notice content: String, within limit: Duration = .seconds(10)) async throws {
        _ = try await texts.first("\(name) to see the notice “\(content)”", within: limit) { $0.notice == content }
    }

    /// The next frame is some `system_message` that is neither a join or leave notice nor an answer to a list; its wording is the server's choice.
    @discardableResult
    func hearsError(sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        let frame = try await next { $0.notice?.contains(" joined the room ") == false }
        let text = try #require(
            frame.notice, "\(name) expected an error in words, got \(frame)", sourceLocation: sourceLocation)
        let isOther =
            text.hasSuffix(" left the room") || text.contains(" joined the room ")
            || ["Active users:", "Users in ", "Available rooms:"].contains { text.hasPrefix($0) }
        try #require(
            !isOther && !text.isEmpty, "\(name) expected an error in words, got \(frame)",
            sourceLocation: sourceLocation)
        return text
    }

    /// Nothing has come that was not read: asks for the rooms, and the very next frame is the answer.
    ///
    /// The answer comes after everything that the server had handed to this connection before the question.
    func isQuiet(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        listRooms()
        let frame = try await next { $0.notice?.hasPrefix("Available rooms: ") == true }
        try #require(
            frame.notice?.hasPrefix("Available rooms: ") == true, "\(name) expected nothing more",
            sourceLocation: sourceLocation)
        for violation in violations.all { Issue.record("\(name): \(violation)", sourceLocation: sourceLocation) }
    }

    /// The names after the colon of an answer to `list_users`.
    func users(in room: String? = nil) async throws -> [String] {
        listUsers(room)
        let prefix = room.map { "Users in \($0):" } ?? "Active users:"
        return try await listed(prefix)
    }

    /// The names after the colon of the answer to `list_rooms`.
    func rooms() async throws -> [String] {
        listRooms()
        return try await listed("Available rooms:")
    }

    private func listed(_ prefix: String) async throws -> [String] {
        let frame = try await texts.first("\(name) to get “\(prefix) …”") { $0.notice?.hasPrefix(prefix) == true }
        let names = frame.notice.map { $0.dropFirst(prefix.count) } ?? ""
        return names.split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }.filter { !$0.isEmpty }
    }
}
