import Testing
import Transport
import Wire

@testable import ChatClient

@Suite struct ClientV2ReadingTests {
    @Test func `A message is shown with its time, once and in order`() {
        var client = Client.live(last: 3)
        client.hear(.chatMessage(.said("old", 3)))
        client.hear(.chatMessage(.said("hi", 5)))
        client.hear(.chatMessage(.said("hi", 5)))
        client.hear(.chatMessage(.said("late", 4)))
        #expect(
            client.shown == [
                .message(timestamp: "2026-01-02 03:04:05", room: "global", sender: "bob", content: "hi")
            ])
    }

    @Test func `One's own messages in the history are shown, except those shown as sent`() {
        var client = Client.v2()
        client.enter(last: 2, missed: [.said("yesterday", 2, by: "al")])
        #expect(client.heard == ["al: yesterday"])
        client.handle(.line("today"))
        client.acknowledge(3)
        client.comeBack()
        client.enter(last: 4, missed: [.said("today", 3, by: "al", id: "m1"), .said("hi", 4)])
        #expect(client.heard == ["bob: hi"])
    }

    @Test func `A message of one whose name has other bytes is somebody else's, whatever its id`() {
        var client = Client.v2()
        client.lose()
        client.passDeadline()
        client.connection(.opened(subprotocol: "chat.v2"))
        client.hear(
            .welcome(
                V2Welcome(
                    username: "caf\u{E9}", session: "secret", instance: "i", version: "1", rooms: ["global"],
                    limits: .init(messageBytes: 8192, messagesPerWindow: 0, windowSeconds: 0))))
        client.enter(last: 0)
        client.effects = []
        client.handle(.line("mine"))
        client.hear(.chatMessage(.said("theirs", 1, by: "cafe\u{301}", id: "m1")))
        #expect(client.heard == ["cafe\u{301}: theirs"])
        client.hear(.chatMessage(.said("mine", 2, by: "caf\u{E9}", id: "m1")))
        #expect(client.shown.contains(.sent(room: "global", content: "mine")))
    }

    @Test func `An acknowledgement moves the place in the room, a repeated one does not`() {
        var first = Client.live(last: 3)
        first.handle(.line("mine"))
        var repeated = first
        first.acknowledge(6)
        first.hear(.chatMessage(.said("early", 5)))
        #expect(first.heard.isEmpty)
        repeated.acknowledge(6, duplicate: true)
        repeated.hear(.chatMessage(.said("early", 5)))
        repeated.hear(.chatMessage(.said("mine", 6, by: "al", id: "m1")))
        repeated.hear(.chatMessage(.said("next", 7)))
        #expect(repeated.heard == ["bob: early", "bob: next"])
        #expect(repeated.shown.first == .sent(room: "global", content: "mine"))
    }

    @Test func `A gap is told`() {
        var client = Client.live()
        client.hear(.gap(room: "global", after: 3, before: 9))
        #expect(client.statuses == ["some messages in global are gone for good"])
    }

    @Test func `What may be missing on coming back to a room is told, at the first visit nothing is missing`() {
        var client = Client.v2()
        client.enter(last: 9, missed: [.said("hi", 9)], truncated: true)
        #expect(client.statuses == ["connected to h:1 as al"])
        client.enterByHand("dev", missed: [])
        client.effects = []
        client.enterByHand("global", missed: [.said("more", 50)], truncated: true)
        #expect(client.heard == ["bob: more"])
        #expect(client.statuses == ["some messages of global may be missing"])
    }

    @Test func `What an administrator tells everybody is a line`() {
        var client = Client.live()
        client.hear(.announcement(content: "The server restarts at noon.", timestamp: ""))
        #expect(client.shown == [.system("The server restarts at noon.")])
    }

    @Test func `Entering the room one is in says so`() {
        var client = Client.live()
        client.enterByHand("global", missed: [])
        #expect(client.shown == [.status("you are in the room global")])
    }

    @Test func `Who comes and goes is told as ever, oneself excepted`() {
        var client = Client.live()
        for name in ["al", "bob"] {
            client.hear(.userJoined(room: "global", username: name, members: 2, timestamp: ""))
            client.hear(.userLeft(room: "global", username: name, members: nil, timestamp: ""))
        }
        for (joined, left) in [(3, 1), (1, 0), (0, 2), (0, 0)] {
            client.hear(.roomMembers(room: "global", members: 240, joined: joined, left: left, timestamp: ""))
        }
        client.hear(.typing(room: "global", username: "bob", isTyping: true))
        #expect(
            client.shown == [
                .system("bob joined the room global"), .system("bob left the room global"),
                .system("3 users joined the room global, 1 left: 240 users are here now"),
                .system("1 user joined the room global: 240 users are here now"),
                .system("2 users left the room global: 240 users are here now"),
            ])
    }

    @Test func `An error that answers nothing is shown`() {
        var client = Client.live()
        client.hear(.error(code: "bad_request", content: "no", retryAfterMilliseconds: nil))
        #expect(client.shown == [.system("no")])
    }

    @Test func `Put into another room by the server it asks for that room`() {
        var client = Client.live(room: "dev")
        client.hear(.left(room: "dev"))
        client.hear(.joined(room: "global", members: 1, lastSequence: 0, epoch: "e1"))
        #expect(client.statuses == ["you are no longer in the room dev"])
        #expect(client.commands == [.joinRoom(V2Join(room: "global", resume: nil, history: 50))])
        client.handle(.line("hi"))
        #expect(client.messages.isEmpty)
        client.enter()
        #expect(client.messages == ["global/m1: hi"])
    }

    // MARK: Older messages

    @Test func `Older messages are asked for before the oldest one shown, page by page`() {
        var client = Client.v2()
        client.enter(last: 12, missed: [.said("eleven", 11), .said("twelve", 12)])
        client.effects = []
        client.handle(.line("/history 2"))
        #expect(client.commands == [.history(room: "global", .before(11), limit: 2)])
        client.answerHistory([.said("nine", 9), .said("ten", 10, by: "al")], more: true)
        #expect(client.heard == ["bob: nine", "al: ten"])
        #expect(client.statuses == ["2 older messages in global"])
        client.handle(.line("/history"))
        #expect(client.commands.last == .history(room: "global", .before(9), limit: 50))
        client.answerHistory([.said("one", 1)], more: false)
        #expect(client.statuses.last == "1 older message in global; there is nothing before them")
        client.handle(.line("/history"))
        client.answerHistory([], more: false)
        #expect(client.statuses.last == "there are no older messages in global")
        client.hear(.chatMessage(.said("thirteen", 13)))
        #expect(client.heard.last == "bob: thirteen")
    }

    // MARK: Private messages

    @Test func `The first look into the inbox shows nothing, live messages are shown apart`() {
        var client = Client.v2()
        client.enter(missedPrivately: [.told("old", 3)])
        #expect(!client.shown.contains { if case .privateMessage = $0 { true } else { false } })
        client.effects = []
        client.hear(.privateMessage(.told("old", 3)))
        client.hear(.privateMessage(.told("psst", 4)))
        #expect(client.shown == [.privateMessage(timestamp: "2026-01-02 03:04:05", sender: "bob", content: "psst")])
    }

    @Test func `A reconnect reads the inbox on to its end`() {
        var client = Client.live()
        client.hear(.privateMessage(.told("psst", 4)))
        client.comeBack()
        #expect(client.commands.first == .inbox(resume: V2Position(after: 4, epoch: "e1"), limit: 50))
        client.hear(
            .inbox(V2Inbox(messages: [.told("a", 5)], more: true, truncated: false, epoch: "e1")), ref: "inbox")
        #expect(client.commands.last == .inbox(resume: V2Position(after: 5, epoch: "e1"), limit: 50))
        client.handle(.line("/msg bob later"))
        #expect(!client.commands.contains { $0.type == "private_message" })
        client.enter(missedPrivately: [.told("b", 6)])
        #expect(client.commands.contains { $0.type == "private_message" })
        #expect(client.statuses.last == "reconnected, 2 messages recovered")
    }

    @Test func `An inbox begun anew is told`() {
        var client = Client.live()
        client.comeBack()
        client.enter(epoch: "e2", missedPrivately: [.told("a", 1)])
        #expect(client.statuses.contains("the private messages were begun anew; some may be missing"))
    }

    @Test func `A private message is pending until its acknowledgement, whose place others may still precede`() {
        var client = Client.live()
        client.handle(.line("/msg bob psst"))
        #expect(client.state.prompt == "[global]…")
        client.acknowledge(5, room: nil)
        client.hear(.privateMessage(.told("crossed", 4)))
        client.hear(.privateMessage(.told("psst", 5, by: "al", to: "bob", id: "m1")))
        #expect(
            client.shown == [
                .sentPrivately(to: "bob", content: "psst"),
                .privateMessage(timestamp: "2026-01-02 03:04:05", sender: "bob", content: "crossed"),
            ])
    }

    @Test(arguments: ["m1", "derived"])
    func `One's own copy in the inbox is shown once, whatever id it has`(id: String) {
        var client = Client.live()
        client.handle(.line("/msg bob psst"))
        client.comeBack()
        client.enter(missedPrivately: [.told("psst", 5, by: "al", to: "bob", id: id)])
        if id != "m1" { client.acknowledge(5, room: nil, duplicate: true) }
        #expect(client.shown.filter { $0 == .sentPrivately(to: "bob", content: "psst") }.count == 1)
        #expect(client.state.status.unsent == 0)
    }

    @Test func `A user who is not there is told apart from a failure of the server`() {
        var client = Client.live()
        client.handle(.line("/msg bob psst"))
        client.refuse("private_message", "no_such_user")
        #expect(client.shown == [.failed(line: "/msg bob psst", reason: "no_such_user!")])
    }

    @Test func `A server without private messages does not hold up the rest`() {
        var client = Client.live()
        client.comeBack()
        client.refuse("inbox", "unknown_type")
        client.hear(.joined(room: "global", members: 1, lastSequence: 0, epoch: "e1"), ref: "resume")
        client.hear(.history(V2History(room: "global", messages: [], more: false, truncated: false, epoch: "e1")))
        #expect(client.statuses.last == "reconnected")
    }
}

extension Client {
    /// The user enters a room, and the server does its part.
    fileprivate mutating func enterByHand(_ room: String, missed: [V2Message], truncated: Bool = false) {
        handle(.line("/join \(room)"))
        answer("join_room", with: .joined(room: room, members: 1, lastSequence: 100, epoch: Client.epoch))
        hear(.history(V2History(room: room, messages: missed, more: false, truncated: truncated, epoch: Client.epoch)))
    }

    fileprivate mutating func answerHistory(_ messages: [V2Message], more: Bool) {
        answer(
            "history",
            with: .history(
                V2History(room: "global", messages: messages, more: more, truncated: false, epoch: Client.epoch)))
    }
}
