import Testing

@testable import ChatClient

@Suite struct WordCompletionTests {
    private static let vocabulary = WordCompletion.Vocabulary(
        rooms: ["global", "dev", "develop"], users: ["bob", "bobby", "Carol"], privateUsers: ["bob", "zoe"])

    /// Tab after Tab.
    private func completed(
        _ text: String, _ tabs: Int, _ vocabulary: WordCompletion.Vocabulary = vocabulary, backwards: Bool = false
    ) -> String {
        var editor = LineEditor()
        for scalar in text.unicodeScalars { _ = editor.handle(.insert(scalar)) }
        guard var completion = WordCompletion(editor.buffer, vocabulary) else { return "nothing" }
        for _ in 0..<tabs {
            let step = completion.next(backwards: backwards)
            editor.substitute(step.range, with: step.text)
        }
        return editor.text
    }

    @Test(arguments: [
        ("/jo", 1, "/join "), ("/JO", 1, "/join "), ("/join g", 1, "/join global "), ("/join +g", 1, "/join +global "),
        ("/join d", 1, "/join dev"), ("/join dev", 1, "/join dev "), ("/join dev", 2, "/join develop "),
        ("/join dev", 3, "/join dev "), ("b", 1, "bob"), ("b", 2, "bob: "), ("b", 3, "bobby: "), ("ca", 1, "Carol: "),
        ("hi ca", 1, "hi Carol "), ("@ca", 1, "@Carol "), ("hi @ca", 1, "hi @Carol "), ("/msg z", 1, "/msg zoe "),
        ("/help jo", 1, "/help join"), ("/set be", 1, "/set bell "), ("/set bell o", 1, "/set bell off"),
        ("/msg bob ca", 1, "/msg bob Carol "), ("xyz", 1, "nothing"), ("", 1, "nothing"), ("/history 1", 1, "nothing"),
        ("//jo", 1, "nothing"), ("/r", 1, "/rooms "),
    ])
    func `Tab completes what is meant here`(text: String, tabs: Int, result: String) {
        #expect(completed(text, tabs) == result)
    }

    @Test(arguments: [
        ("👩", 1, "👩‍💻: "), ("hi 👩", 1, "hi 👩‍💻 "), ("/join 🏳️", 1, "/join 🏳️‍🌈 "), ("re", 1, "René: "), ("rene", 1, "René: "),
        ("ren\u{E9}", 1, "René: "), ("rene\u{301}", 1, "René: "), ("\u{1112}\u{1161}", 1, "한글: "), ("하", 1, "한글: "),
        ("👩‍", 1, "👩‍💻: "), ("👨", 1, "👨‍🌾: "), ("👨", 2, "👨‍🚒: "), ("👨", 3, "👨‍🌾: "), ("👨‍🚒", 1, "👨‍🚒: "),
    ])
    func `What begins a name begins it, though it is drawn as something else`(text: String, tabs: Int, result: String) {
        let vocabulary = WordCompletion.Vocabulary(rooms: ["🏳️‍🌈"], users: ["👩‍💻", "René", "한글", "👨‍🌾", "👨‍🚒"])
        #expect(completed(text, tabs, vocabulary) == result)
    }

    @Test func `Backwards it begins with the last`() {
        #expect(completed("/join dev", 1, backwards: true) == "/join develop ")
    }

    @Test func `On the screen the choices are listed until the next key`() {
        var screen = ScreenFixture(columns: 80)
        screen.happen(.names(room: "global", ["bob", "bobby", "al"]))
        screen.type("b")
        screen.press(.complete)
        #expect(screen.bar.contains("bob:  bobby:"))
        #expect(screen.model.editor.text == "bob")
        screen.press(.complete, .complete)
        #expect(screen.model.editor.text == "bobby: ")
        screen.type("x")
        #expect(!screen.bar.contains("bobby"))
        screen.press(.complete)
        #expect(screen.actions.last == .bell)
    }

    @Test func `Who spoke last is completed first`() {
        var screen = ScreenFixture()
        screen.happen(.names(room: "global", ["bea", "ben", "bob"]))
        screen.happen(.came(username: "bill", room: "global", members: 5))
        screen.hear("hi", by: "bob")
        #expect(screen.model.window.names == ["bob", "bea", "ben", "bill"])
        screen.type("b")
        screen.press(.complete)
        #expect(screen.model.editor.text == "bob: ")
    }
}
