import Domain
import Testing

@testable import Infrastructure

struct SubjectTests {
    @Test(
        arguments: [
            ("global", "global"), ("a.b", "a%2Eb"), ("*", "%2A"), (">", "%3E"), ("%", "%25"), ("a%2Eb", "a%252Eb"),
            ("...", "%2E%2E%2E"), ("日本語", "日本語"), ("😀", "😀"), ("é", "é"), ("a-b_c$d", "a-b_c$d"), ("\"", "\""),
        ])
    func `a name becomes one token of a subject`(name: String, token: String) throws {
        #expect(Subject.token(name) == token)
        let room = try RoomName(name)
        #expect(Subject.room(room) == "chat.room." + token)
        #expect(Subject.live(room) == "chat.live." + token)
        #expect(Subject.presence(room) == "chat.presence." + token)
    }

    @Test(arguments: ["global", "a.b", "*", ">", "%", "a%2Eb", "日本語", "😀", "...%%%", "a%61"])
    func `the room is found again from its subject`(name: String) throws {
        let room = try RoomName(name)
        #expect(Subject.room(of: Subject.room(room)) == room)
    }

    @Test(
        arguments: [
            "", "chat.room", "chat.room.", "chat.live.global", "chat.room.a b", "chat.room.a%00", "chat.room.%FF",
            "chat.room.%", "chat.room.%4", "chat.room.%zz", "chat.room.a%61", "chat.room.a%2e", "chat.room.e\u{301}",
            "chat.room.a.b", "chat.room.*", "xchat.room.global",
        ])
    func `a subject that we would not have made has no room`(subject: String) {
        #expect(Subject.room(of: subject) == nil)
    }

    @Test func `no two names share a token, and no token is a wildcard or two tokens`() {
        let characters = ["a", ".", "*", ">", "%", "2", "E", "日"]
        let pairs = characters.flatMap { first in characters.map { first + $0 } }
        let names = characters + pairs + pairs.flatMap { pair in characters.map { pair + $0 } }
        let tokens = names.map(Subject.token)
        #expect(Set(tokens).count == names.count)
        #expect(tokens.allSatisfy { !$0.isEmpty && !$0.contains(where: { ".*> \t\r\n\0".contains($0) }) })
    }

    @Test func `sender, room and id of a message cannot run into each other`() throws {
        let texts = ["a", ".", "a.a", "a.", ".a", "%", "%2E", "a%2Ea", "*", ">", "日"]
        var ids: [String: String] = [:]
        for sender in texts {
            for room in texts {
                for id in texts + ["", " ", "\n", "\0", "a b", "\u{7F}"] {
                    let draft = Draft(
                        id: MessageID(id), room: try RoomName(room), sender: try Username(sender), content: "",
                        timestamp: Timestamp(millisecondsSince1970: 0))
                    let parts = "\(sender)|\(room)|\(id)"
                    let messageID = Subject.messageID(of: draft)
                    #expect(ids.updateValue(parts, forKey: messageID) == nil, "\(messageID) of \(parts)")
                }
            }
        }
    }

    @Test func `an id chosen by a client cannot break out of the header`() throws {
        let draft = Draft(
            id: MessageID("x\r\nNats-Expected-Stream: OTHER\u{0}"), room: .global, sender: try Username("eve"),
            content: "", timestamp: Timestamp(millisecondsSince1970: 0))
        #expect(Subject.messageID(of: draft) == "eve.global.x%0D%0ANats-Expected-Stream:%20OTHER%00")
    }
}
