import Testing

@testable import ChatClient

@Suite struct UserInputTests {
    @Test(
        arguments: [
            ("hi there", .say("hi there")),
            ("  indented", .say("  indented")),
            ("//etc/passwd", .say("/etc/passwd")),
            ("", .nothing), ("   \t", .nothing),
            ("/join dev", .join(room: "dev")), ("/JOIN  Dev ", .join(room: "Dev")), ("/join 日本語", .join(room: "日本語")),
            ("/leave", .leave), ("/users", .users(room: nil)), ("/users dev", .users(room: "dev")),
            ("/msg bob  hi  there ", .tell("hi  there ", to: "bob")), ("/MSG bob /quit", .tell("/quit", to: "bob")),
            ("/history", .history(50)), ("/history 1", .history(1)), ("/history 100", .history(100)),
            ("/rooms", .rooms()), ("/rooms after dev", .rooms(after: "dev")),
            ("/users after", .users(room: "after")), ("/users after bob", .users(room: nil, after: "bob")),
            ("/users dev after bob", .users(room: "dev", after: "bob")),
            ("/users after after after", .users(room: "after", after: "after")), ("/help", .help),
            ("/help me", .helpOn("/me")), ("/help /JOIN", .helpOn("/join")), ("/help //", .helpOn("//")),
            ("/join +dev", .join(room: "dev", stay: true)), ("/join +", .join(room: "+")),
            ("/me  waves at  bob", .say("/me waves at  bob")),
            ("/query bob", .window(.query(user: "bob", text: nil))),
            ("/query bob hi there", .window(.query(user: "bob", text: "hi there"))),
            ("/search two words", .window(.search("two words"))), ("/search", .window(.search(nil))),
            ("/set", .window(.set(name: nil, value: nil))),
            ("/set bell off", .window(.set(name: "bell", value: "off"))), ("/clear", .window(.clear)),
            ("/resend", .window(.resend)), ("/reconnect", .reconnect), ("/quit", .quit),
        ] as [(String, UserInput)])
    func `A line is read as`(line: String, input: UserInput) {
        #expect(UserInput(line: line) == input)
    }

    @Test(arguments: [
        ("/join", "/join dev"), ("/join a b", "/join a-b"), ("/users a b", "/users a-b"),
        ("/users dev bob", "/users dev-bob"), ("/users after a b", "/users after-a-b"),
        ("/rooms dev", "/rooms after dev"),
        ("/rooms after", "/rooms after dev"),
        ("/leave dev", "/join <room>"),
        ("/jion dev", "Did you mean /join?"), ("/user", "Did you mean /users?"), ("/exit", "Did you mean /quit?"),
        ("/msg", "/msg bob hello"), ("/msg bob", "/msg bob hello"), ("/msg bob  ", "/msg bob hello"),
        ("/msg \(String(repeating: "b", count: 33)) hi", "at most 32"),
        ("/history 0", "1 to 100"), ("/history 101", "1 to 100"), ("/history -1", "1 to 100"),
        ("/history ten", "1 to 100"), ("/history 1 2", "one number"), ("/histroy", "Did you mean /history?"),
        ("/frobnicate", "/help lists them"), ("/help jion", "Did you mean /join?"), ("/me", "/me waves"),
        ("/query", "/query bob"), ("/set a b c", "/set notices off"), ("/topic x", "no topics"),
        ("/q", "Did you mean /quit?"), ("/", "/help lists them"), ("/etc/passwd", "write //"),
    ])
    func `A mistake is explained`(line: String, hint: String) {
        guard case .mistake(let words) = UserInput(line: line) else {
            Issue.record("\(line) was taken as \(UserInput(line: line))")
            return
        }
        #expect(words.contains(hint))
    }

    @Test func `A room name of more than 64 characters is a mistake`() {
        #expect(
            UserInput(line: "/join " + String(repeating: "r", count: 64))
                == .join(room: String(repeating: "r", count: 64)))
        guard case .mistake = UserInput(line: "/join " + String(repeating: "r", count: 65)) else {
            Issue.record("the name was taken")
            return
        }
    }

    @Test(arguments: [("", "", 0), ("join", "join", 0), ("jion", "join", 1), ("user", "users", 1), ("abc", "xyz", 3)])
    func `Edits are counted with swaps as one`(source: String, target: String, edits: Int) {
        #expect(Suggestion.edits(from: source, to: target) == edits)
    }
}
