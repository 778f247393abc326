import Testing

@testable import ChatClient

@Suite struct ScreenModelTests {
    @Test func `The screen is what was said, how things stand, and what is being written`() {
        var screen = ScreenFixture(columns: 60, rows: 8)
        screen.happen(.hasOlder(room: "global", false))
        screen.hear("hello there")
        screen.hear("/me waves", by: "carol")
        screen.happen(.members(room: "global", count: 3))
        screen.type("hi b")
        #expect(
            screen.screen == [
                "", "", "",
                "───────────────── the beginning of global ──────────────────",
                "11:58      bob │ hello there",
                "11:58    carol * waves",
                " global (3) · al@host:1",
                "> hi b",
            ])
        #expect(screen.model.frame(at: .zero).cursor == Frame.Position(row: 7, column: 6))
    }

    @Test func `One's own message is pending below all others until it is stored, in its place`() {
        var screen = ScreenFixture()
        screen.enter("mine")
        #expect(screen.asked == [.say("mine", in: .room("global"))])
        screen.happen(.pending(id: "m1", .room("global"), content: "mine", isOffline: false))
        screen.hear("theirs")
        #expect(screen.pane.suffix(2) == ["11:58      bob │ theirs", "12:00       al … mine"])
        screen.happen(
            .stored(id: "m1", .room("global"), content: "mine", timestamp: "2026-11-21T11:59:00.000Z", sequence: 7))
        screen.hear("later")
        #expect(
            screen.pane.suffix(3) == ["11:58      bob │ theirs", "11:59       al │ mine", "11:58      bob │ later"])
    }

    @Test func `A message that failed says why, and is sent again when asked for`() {
        var screen = ScreenFixture(columns: 80)
        screen.happen(.pending(id: "m1", .room("global"), content: "mine", isOffline: false))
        screen.happen(
            .failed(id: "m1", .room("global"), content: "mine", line: "mine", reason: "too long"))
        #expect(screen.pane.last == "12:00         al ✗ mine (not sent: too long; /resend tries again)")
        screen.enter("/resend")
        screen.enter("/resend")
        #expect(screen.asked == [.say("mine", in: .room("global"))])
        #expect(screen.pane.last?.hasSuffix("nothing failed here") == true)
    }

    @Test func `Comings and goings share a line, and cancel out`() {
        var screen = ScreenFixture(columns: 80)
        screen.happen(.came(username: "bob", room: "global", members: 2))
        screen.happen(.came(username: "eve", room: "global", members: 3))
        screen.happen(.went(username: "carol", room: "global", members: 2))
        #expect(screen.pane.last == "12:00            ┊ → bob, eve joined  ← carol left")
        screen.happen(.went(username: "eve", room: "global", members: 1))
        #expect(screen.pane.last == "12:00            ┊ → bob joined  ← carol left")
        #expect(screen.bar.hasPrefix(" global (1)"))
        screen.hear("x")
        screen.happen(.came(username: "dan", room: "global", members: 2))
        #expect(screen.pane.last == "12:00            ┊ → dan joined")
        screen.enter("/set notices off")
        screen.happen(.came(username: "fay", room: "global", members: 3))
        #expect(screen.pane.last == "12:00            ┊ → dan joined")
        #expect(screen.bar.hasPrefix(" global (3)"))
        #expect(screen.actions.contains(.keepSettings))
    }

    @Test func `In another window unread messages and mentions are counted`() {
        var screen = ScreenFixture(columns: 80)
        screen.enterRoom("dev")
        screen.hear("one")
        screen.hear("hey AL, look")
        screen.hear("alfred is not al's name")
        screen.hear("nobody in particular: total")
        #expect(screen.model.windows[0].unread == 4)
        #expect(screen.model.windows[0].mentions == 2)
        #expect(screen.screen[0].hasPrefix("1 global       4! │"))
        screen.press(.nextActiveWindow)
        #expect(screen.model.window.place == .room("global"))
        #expect(screen.model.window.unread == 0)
        screen.press(.nextActiveWindow)
        #expect(screen.model.window.place == .room("dev"), "back where one was")
    }

    @Test func `A mark stands above what came while one looked elsewhere`() {
        var screen = ScreenFixture(columns: 70)
        screen.hear("read")
        screen.enterRoom("dev")
        screen.hear("not read")
        screen.press(.window(1))
        #expect(screen.pane.suffix(3).map { $0.contains("new") } == [false, true, false])
        screen.enter("answer")
        #expect(!screen.pane.contains { $0.contains(" new ") })
        screen.press(.focused(false), .focused(true))
        screen.hear("seen")
        #expect(!screen.pane.contains { $0.contains(" new ") }, "nothing came while one was away")
    }

    @Test func `Each window keeps what is being written in it`() {
        var screen = ScreenFixture()
        screen.type("for global")
        screen.enterRoom("dev")
        #expect(screen.model.editor.isEmpty)
        screen.type("for dev")
        screen.press(.previousWindow)
        #expect(screen.model.editor.text == "for global")
        screen.press(.nextWindow)
        #expect(screen.model.editor.text == "for dev")
        #expect(screen.model.leftBehind.count == 2)
    }

    @Test func `A private message opens a window, and what is typed there goes to that user only`() {
        var screen = ScreenFixture(columns: 90)
        screen.hearPrivately("psst")
        #expect(screen.screen[1].hasPrefix("2 @bob         1! │"))
        screen.press(.window(2))
        screen.enter("secret")
        #expect(screen.asked == [.say("secret", in: .user("bob"))])
        #expect(!screen.actions.contains(.remember("secret")), "not for the file")
        screen.enter("/leave")
        #expect(screen.model.window.place == .room("global"))
        #expect(screen.model.listed.count == 1)
    }

    @Test func `Joining switches, and with a plus it keeps the other rooms`() {
        var screen = ScreenFixture()
        screen.enter("/join dev")
        screen.enter("/join +ops")
        #expect(screen.asked == [.join("dev", stay: false), .join("ops", stay: true)])
        screen.enterRoom("dev")
        screen.happen(.left(room: "global"))
        #expect(screen.model.listed.map { screen.model.windows[$0].title } == ["dev"])
        screen.enterRoom("ops")
        #expect(screen.model.window.place == .room("ops"))
        screen.happen(.left(room: "ops"))
        #expect(screen.model.window.place == .room("dev"), "one looks at a room one is in")
        screen.enter("/leave")
        #expect(screen.asked.last == .leave("dev"))
    }

    @Test func `What cannot be said goes back to where it was written`() {
        var screen = ScreenFixture()
        screen.enterRoom("dev")
        screen.happen(.left(room: "global"))
        screen.model.activate(0)
        screen.enter("anybody?")
        #expect(screen.asked == [])
        #expect(screen.model.editor.text == "anybody?")
    }

    @Test func `The bell rings for mentions, and only while one looks elsewhere`() {
        var screen = ScreenFixture()
        screen.hear("hello al")
        #expect(screen.actions == [.bell], "the terminal has not said whether it is looked at")
        screen.press(.focused(true))
        screen.hear("hello al")
        screen.hearPrivately("al?")
        #expect(screen.actions == [.bell])
        screen.press(.focused(false))
        screen.hear("hello you")
        #expect(screen.actions == [.bell])
        screen.hearPrivately("hello")
        #expect(screen.actions == [.bell, .bell])
        screen.model.settings.bell = .off
        screen.hear("al")
        #expect(screen.actions.count == 2)
        screen.model.settings.bell = .all
        screen.hear("x")
        #expect(screen.actions.count == 3)
    }

    @Test func `Writing is told to the room sparingly, and its end once`() {
        var screen = ScreenFixture()
        screen.type("hel")
        screen.now = .seconds(2)
        screen.type("lo")
        #expect(screen.typing == [.typing(room: "global", isTyping: true)])
        screen.now = .seconds(4)
        screen.type("!")
        #expect(screen.typing.count == 2)
        screen.press(.killToStart)
        #expect(screen.typing.last == .typing(room: "global", isTyping: false))
        screen.type("/join x")
        #expect(screen.typing.count == 3, "a command is nobody's business")
        screen.press(.killToStart)
        screen.enter("hi")
        #expect(screen.typing.count == 4, "the message itself says that it is over")
    }

    @Test func `Who writes is shown, and forgotten`() {
        var screen = ScreenFixture(columns: 80)
        screen.happen(.typing(room: "global", username: "bob", isTyping: true))
        #expect(screen.bar.contains("bob is typing"))
        #expect(screen.model.nextChange(at: .zero) == ScreenModel.typingLasts)
        screen.happen(.typing(room: "global", username: "eve", isTyping: true))
        #expect(screen.bar.contains("bob and eve are typing"))
        screen.hear("done")
        #expect(screen.bar.contains("eve is typing"))
        screen.now = ScreenModel.typingLasts + .seconds(1)
        #expect(!screen.bar.contains("typing"))
    }

    @Test func `A paste of many lines is asked about, and is one message`() {
        var screen = ScreenFixture(rows: 30)
        let text = (1...20).map { "line \($0)" }.joined(separator: "\n")
        screen.type(text)
        screen.press(.enter)
        #expect(screen.asked == [])
        #expect(screen.bar.contains("Send 20 lines as one message?"))
        screen.press(.ignored)
        #expect(screen.model.editor.text == text)
        screen.press(.enter, .enter)
        #expect(screen.asked == [.say(text, in: .room("global"))])
    }

    @Test func `A text that no server takes stays where it is`() {
        var screen = ScreenFixture()
        screen.model.status.messageBytes = 10
        screen.enter("twelve bytes")
        #expect(screen.asked == [])
        #expect(screen.bar.contains("too long by 2 bytes"))
        #expect(screen.model.editor.text == "twelve bytes")
    }

    @Test(arguments: ["/quit\nand more", "/leave now\nplease", "/nonsense\n"])
    func `A command that takes one line does not lose the others`(text: String) {
        var screen = ScreenFixture(columns: 100)
        screen.enter(text)
        #expect(screen.actions.isEmpty)
        #expect(screen.bar.contains("takes one line"))
        #expect(screen.model.editor.text == text)
    }

    @Test(arguments: ["//quit\nand more", "/me waves\nand goes", "hello\n/quit"])
    func `Other texts may have as many lines as they like`(text: String) {
        var screen = ScreenFixture()
        screen.enter(text)
        #expect(screen.asked.count == 1)
        #expect(screen.model.editor.isEmpty)
    }

    @Test func `What is written stays with its window, also while the history is walked through`() {
        var screen = ScreenFixture(history: ["old one"])
        screen.happen(.entered(room: "dev", username: "al", members: 1, isNew: true, isReturn: false))
        screen.press(.window(1))
        screen.type("draft")
        screen.press(.up, .window(2))
        #expect(screen.model.editor.text == "")
        screen.press(.down)
        #expect(screen.model.editor.text == "")
        screen.enter("x")
        screen.press(.window(1))
        #expect(screen.model.editor.text == "draft")
    }

    @Test func `An old line that was changed is what is being written; what it replaced can be yanked`() {
        var screen = ScreenFixture(history: ["old one"])
        screen.happen(.entered(room: "dev", username: "al", members: 1, isNew: true, isReturn: false))
        screen.press(.window(1))
        screen.type("draft")
        screen.press(.up, .insert("!"), .window(2), .yank)
        #expect(screen.model.editor.text == "draft")
        screen.press(.window(1))
        #expect(screen.model.editor.text == "old one!")
    }

    @Test func `Where all is in view, going up does not stop what comes from being shown`() {
        var screen = ScreenFixture()
        screen.hear("one")
        screen.press(.pageUp, .scrollToTop)
        for number in 0..<20 { screen.hear("message \(number)") }
        #expect(screen.pane.last?.contains("message 19") == true)
    }

    @Test func `A paste that does not fit says so`() {
        var screen = ScreenFixture()
        screen.model.editor.buffer = EditBuffer(Array(repeating: "x", count: LineEditor.capacity))
        screen.press(.insert("x"))
        #expect(screen.actions == [.bell])
        #expect(screen.bar.contains("no more fits"))
        screen.press(.enter)
        #expect(screen.bar.contains("too long by"))
    }

    @Test func `After a window is cleared a notice takes nobody's place`() {
        var screen = ScreenFixture()
        screen.happen(.came(username: "bob", room: "global", members: 2))
        screen.enter("/clear")
        screen.happen(.came(username: "carol", room: "global", members: 3))
        #expect(screen.pane.contains { $0.contains("carol") && !$0.contains("bob") })
    }

    @Test func `The connection's state is on the screen, and counts down`() {
        var screen = ScreenFixture(columns: 80)
        screen.model.status.lag = .milliseconds(12)
        #expect(screen.bar.hasSuffix("lag 12 ms"))
        screen.model.status.connection = .waiting(until: .milliseconds(4_300))
        #expect(screen.bar.contains("offline, trying again in 5 s"))
        #expect(screen.model.nextChange(at: .zero) == .milliseconds(300))
        screen.now = .milliseconds(300)
        #expect(screen.bar.contains("trying again in 4 s"))
        screen.model.status.connection = .open
        screen.model.status.unansweredSince = .zero
        screen.now = .seconds(9)
        #expect(screen.bar.contains("lag 9 s"))
        screen.model.status.unsent = 3
        #expect(screen.bar.contains("3 unsent"))
    }

    @Test func `An outage is one line, however many attempts it takes`() {
        var screen = ScreenFixture(columns: 80)
        screen.happen(.offline(words: "connection lost"), .offline(words: "cannot connect, 1 s"))
        screen.happen(.offline(words: "cannot connect, 2 s"))
        #expect(screen.pane.filter { $0.contains("connect") }.count == 1)
        #expect(screen.pane.last?.hasSuffix("cannot connect, 2 s") == true)
        screen.happen(.recovered(words: "reconnected, 3 messages recovered"))
        screen.happen(.offline(words: "again"))
        #expect(screen.pane.suffix(2).map { $0.contains("again") } == [false, true])
        screen.happen(.gap(room: "global", words: "some messages are gone"))
        #expect(screen.pane.last == "12:00            ! some messages are gone")
    }

    @Test func `Ctrl-C clears what is written before it ends anything`() {
        var screen = ScreenFixture()
        screen.type("half a thought")
        screen.press(.interrupt)
        #expect(screen.model.editor.isEmpty)
        screen.press(.yank)
        #expect(screen.model.editor.text == "half a thought")
        screen.press(.interrupt, .interrupt)
        #expect(screen.actions.last == .interrupt)
    }

    @Test func `A search goes to the line that was said`() {
        var screen = ScreenFixture(columns: 60, rows: 10)
        for number in 0..<100 { screen.hear("line \(number)") }
        screen.enter("/search LINE 4")
        #expect(screen.model.window.found == 49)
        #expect(screen.pane.contains { $0.hasSuffix("line 49") })
        screen.enter("/search")
        #expect(screen.pane.contains { $0.hasSuffix("line 48") })
        screen.enter("/search nothing like it")
        #expect(screen.bar.contains("not found"))
        screen.press(.end)
        #expect(screen.pane.last?.hasSuffix("line 99") == true)
        #expect(screen.model.window.found == nil)
    }
}
