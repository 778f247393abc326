import Domain
import Testing

@testable import InfrastructureNATS

struct SubjectTests {
    @Test(
        arguments: [
            ("global", "global"), ("a.b", "a%2Eb"), ("*", "%2A"), (">", "%3E"), ("%", "%25"), ("a%2Eb", "a%252Eb"),
            ("...", "%2E%2E%2E"), ("日本語", "日本語"), ("😀", "😀"), ("é", "é"), ("a-b_c$d", "a-b_c$d"), ("\"", "\""),
        ])
    func `a name becomes one token of a subject`(name: String, token: String) throws {
        #expect(Subject.token(name) == token)
        let room = try RoomName(name)
        #expect(Subject.stored(.room(room)) == "chat.room." + token)
        #expect(Subject.live(.room(room)) == "chat.live." + token)
        #expect(Subject.presence(room) == "chat.presence." + token)
        let user = try Username(name)
        #expect(Subject.stored(.inbox(user)) == "chat.user." + token)
        #expect(Subject.live(.inbox(user)) == "chat.inbox." + token)
    }

    // The last two begin with what would be one `Character` with the point before it.
    @Test(
        arguments: [
            "global", "a.b", "*", ">", "%", "a%2Eb", "日本語", "😀", "...%%%", "a%61", "\u{301}x", "\u{302}\u{301}x",
        ])
    func `the topic is found again from its subject`(name: String) throws {
        for topic in [Topic.room(try RoomName(name)), .inbox(try Username(name))] {
            #expect(Subject.topic(of: Subject.stored(topic)) == topic)
        }
    }

    @Test(
        arguments: [
            "", "chat.room", "chat.room.", "chat.live.global", "chat.room.a b", "chat.room.a%00", "chat.room.%FF",
            "chat.room.%", "chat.room.%4", "chat.room.%zz", "chat.room.a%61", "chat.room.a%2e", "chat.room.e\u{301}",
            "chat.room.a.b", "chat.room.*", "xchat.room.global",
            "chat.user", "chat.user.", "chat.inbox.bob", "chat.user.a b", "chat.user.a%2e", "chat.user.*",
            "chat.user.\(String(repeating: "x", count: 33))",
        ])
    func `a subject that we would not have made has no topic`(subject: String) {
        #expect(Subject.topic(of: subject) == nil)
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

    @Test func `the copies of a private message have ids of their own, and those of no other message`() throws {
        let texts = ["a", ".", "copy", "a.copy", "%", "日"]
        var ids: [String: String] = [:]
        for sender in texts {
            for recipient in texts {
                for id in texts {
                    for owner in Set([sender, recipient]) {
                        let draft = Draft(
                            id: MessageID(id), in: try Username(owner), from: try Username(sender),
                            to: try Username(recipient), content: "", timestamp: Timestamp(millisecondsSince1970: 0))
                        let parts = "\(sender)|\(recipient)|\(id)|\(owner)"
                        let messageID = Subject.messageID(of: draft)
                        #expect(ids.updateValue(parts, forKey: messageID) == nil, "\(messageID) of \(parts)")
                        #expect(messageID.split(separator: ".").count == (owner == recipient ? 3 : 4))
                    }
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
