extension Transcript {
    /// The classic dialect, as its clients have always seen it.
    static let classic: [Transcript] = [
        Transcript(
            "who connects hears of it, and nothing else",
            [.enters("alice"), .sends("alice", #"{"type":"list_rooms"}"#), .sees("alice", "Available rooms: global")]),
        Transcript(
            "a message goes to all others in the room and not to its sender",
            [
                .enters("alice"), .enters("bob"), .sees("alice", "bob joined the room global"),
                .enters("carol"), .sees("alice", "carol joined the room global"),
                .sees("bob", "carol joined the room global"),
                .says("alice", "hello"), .hears("bob", from: "alice", "hello"), .hears("carol", from: "alice", "hello"),
                .says("bob", "hi alice"), .hears("alice", from: "bob", "hi alice"),
                .hears("carol", from: "bob", "hi alice"),
            ]),
        Transcript(
            "join_room leaves the current room first and tells both",
            [
                .enters("alice"), .enters("bob"), .sees("alice", "bob joined the room global"),
                .enters("carol", room: "dev"),
                .joins("alice", "dev"), .sees("alice", "alice joined the room dev"),
                .sees("bob", "alice left the room"), .sees("carol", "alice joined the room dev"),
                .says("alice", "only dev"), .hears("carol", from: "alice", "only dev", room: "dev"),
                .says("bob", "only global"),
                .sends("alice", #"{"type":"list_users","room":"dev"}"#), .sees("alice", "Users in dev: alice, carol"),
            ]),
        Transcript(
            "leave_room goes back to global",
            [
                .enters("alice", room: "dev"), .enters("bob", room: "dev"), .sees("alice", "bob joined the room dev"),
                .enters("carol"),
                .sends("alice", #"{"type":"leave_room"}"#), .sees("alice", "alice joined the room global"),
                .sees("bob", "alice left the room"), .sees("carol", "alice joined the room global"),
                .says("carol", "welcome back"), .hears("alice", from: "carol", "welcome back"),
            ]),
        Transcript(
            "a client that goes is noticed by those who remain, and its empty room is gone from the list",
            [
                .enters("alice"), .enters("bob"), .sees("alice", "bob joined the room global"),
                .enters("carol", room: "dev"), .goes("carol"),
                .goes("bob"), .sees("alice", "bob left the room"),
                .sends("alice", #"{"type":"list_rooms"}"#), .sees("alice", "Available rooms: global"),
            ]),
        Transcript(
            "who joins the room they are in, or leaves global, is told so in words and nobody else hears of it",
            [
                .enters("alice"), .enters("bob"), .sees("alice", "bob joined the room global"),
                .joins("alice", "global"), .isRefused("alice"),
                .sends("alice", #"{"type":"leave_room"}"#), .isRefused("alice"),
                .says("alice", "still here"), .hears("bob", from: "alice", "still here"),
            ]),
        Transcript(
            "the users of a room that nobody is in are none",
            [
                .enters("alice"), .sends("alice", #"{"type":"list_users","room":"nowhere"}"#),
                .sees("alice", "Users in nowhere: "),
            ]),
        Transcript(
            "commands sent at once are answered one after the other",
            [
                .enters("alice"), .joins("alice", "dev"), .sends("alice", #"{"type":"list_users","room":"dev"}"#),
                .joins("alice", "ops"), .sends("alice", "nonsense"), .sends("alice", #"{"type":"list_rooms"}"#),
                .sends("alice", #"{"type":"leave_room"}"#), .sends("alice", #"{"type":"list_rooms"}"#),
                .sees("alice", "alice joined the room dev"), .sees("alice", "Users in dev: alice"),
                .sees("alice", "alice joined the room ops"), .isRefused("alice"),
                .sees("alice", "Available rooms: ops"), .sees("alice", "alice joined the room global"),
                .sees("alice", "Available rooms: global"),
            ]),
        Transcript(
            "lists are sorted and cover the whole cluster",
            [
                .enters("zoe", room: "dev"), .enters("bob"), .enters("alice"),
                .sees("bob", "alice joined the room global"),
                .sends("alice", #"{"type":"list_users"}"#), .sees("alice", "Active users: alice, bob, zoe"),
                .sends("zoe", #"{"type":"list_users"}"#), .sees("zoe", "Active users: alice, bob, zoe"),
                .sends("zoe", #"{"type":"list_users","room":"global"}"#), .sees("zoe", "Users in global: alice, bob"),
                .sends("alice", #"{"type":"list_users","room":""}"#), .sees("alice", "Active users: alice, bob, zoe"),
                .sends("bob", #"{"type":"list_rooms"}"#), .sees("bob", "Available rooms: dev, global"),
            ]),
        Transcript(
            "names are case-sensitive and sorted so that capitals come first",
            [
                .enters("alice", room: "dev"), .enters("Alice", room: "Dev"),
                .says("alice", "small"), .says("Alice", "large"),
                .sends("alice", #"{"type":"list_users"}"#), .sees("alice", "Active users: Alice, alice"),
                .sends("Alice", #"{"type":"list_rooms"}"#), .sees("Alice", "Available rooms: Dev, dev"),
            ]),
        Transcript(
            "sender, room and timestamp that a client sends are ignored",
            [
                .enters("alice"), .enters("bob"), .sees("alice", "bob joined the room global"),
                .enters("carol", room: "dev"),
                .sends(
                    "alice",
                    #"{"type":"chat_message","sender":"bob","content":"it is me","timestamp":"1999-01-01 00:00:00","room":"dev"}"#
                ),
                .hears("bob", from: "alice", "it is me"),
            ]),
        Transcript(
            "fields that nobody knows are ignored",
            [
                .enters("alice"), .enters("bob"), .sees("alice", "bob joined the room global"),
                .sends("alice", #" { "mood" : {"a":[1,2]} , "content":"ok" ,"type":"chat_message"} "#),
                .hears("bob", from: "alice", "ok"),
            ]),
        Transcript(
            "text comes through as it was written",
            [
                .enters("alice"), .enters("bob"), .sees("alice", "bob joined the room global"),
                .says("alice", #"a \"quote\", a \\ and a \/"#),
                .hears("bob", from: "alice", #"a \"quote\", a \\ and a /"#),
                .says("alice", #"two\nlines\tand a tab"#), .hears("bob", from: "alice", #"two\nlines\tand a tab"#),
                .says("alice", #"Gr\u00fc\u00dfe, \ud83d\udc4b 日本語"#), .hears("bob", from: "alice", "Grüße, 👋 日本語"),
                // Content is not normalised: e + combining acute stays two scalars.
                .says("alice", "cafe\u{301}"), .hears("bob", from: "alice", "cafe\u{301}"),
                .says("alice", "  spaces stay  "), .hears("bob", from: "alice", "  spaces stay  "),
            ]),
        Transcript(
            "one client's messages keep their order",
            [.enters("alice"), .enters("bob"), .sees("alice", "bob joined the room global")]
                + (1...50).map { .says("alice", "message \($0)") }
                + (1...50).map { .hears("bob", from: "alice", "message \($0)") }),
    ]

    /// Frames that a server must answer in words, and that change nothing.
    static let refused: [Transcript] = [
        ("an unknown type", #"{"type":"dance"}"#),
        ("no type", #"{"content":"hello"}"#),
        ("an empty object", "{}"),
        ("a type of another case", #"{"type":"Chat_Message","content":"x"}"#),
        ("broken JSON", #"{"type":"chat_message","content":"x""#),
        ("text that is no JSON", "hello"),
        ("an empty frame", ""),
        ("an array", #"[{"type":"chat_message","content":"x"}]"#),
        ("a string", #""chat_message""#),
        ("a number", "42"),
        ("null", "null"),
        ("two objects", #"{"type":"chat_message","content":"x"}{"type":"chat_message","content":"y"}"#),
        ("a type that is a number", #"{"type":5}"#),
        ("a content that is a number", #"{"type":"chat_message","content":7}"#),
        ("a content that is an object", #"{"type":"chat_message","content":{"text":"x"}}"#),
        ("half a surrogate pair", #"{"type":"chat_message","content":"\ud83d"}"#),
        ("arrays nested too deep", String(repeating: "[", count: 20_000)),
        ("an empty message", #"{"type":"chat_message","content":""}"#),
        ("a message without content", #"{"type":"chat_message"}"#),
        ("a message of spaces", #"{"type":"chat_message","content":"  \n "}"#),
        ("a room that is an array", #"{"type":"join_room","room":["dev"]}"#),
        ("a join without a room", #"{"type":"join_room"}"#),
        ("a room with an empty name", #"{"type":"join_room","room":""}"#),
        ("a room name with a space", #"{"type":"join_room","room":"two words"}"#),
        ("a room name with a line break", #"{"type":"join_room","room":"two\nlines"}"#),
        ("a room name with a control character", #"{"type":"join_room","room":"a\u0007b"}"#),
        ("a room name with an invisible end", #"{"type":"join_room","room":"dev\u200b"}"#),
        ("a room name that is too long", #"{"type":"join_room","room":"\#(String(repeating: "r", count: 65))"}"#),
    ].map { title, frame in
        Transcript(
            title,
            [
                .enters("alice"), .enters("bob"), .sees("alice", "bob joined the room global"),
                .sends("alice", frame), .isRefused("alice"),
                // Nothing changed: still in the room, still heard, and bob's next frame is this one.
                .says("alice", "still here"), .hears("bob", from: "alice", "still here"),
                .sends("alice", #"{"type":"list_users","room":"global"}"#),
                .sees("alice", "Users in global: alice, bob"),
                .sends("alice", #"{"type":"list_rooms"}"#), .sees("alice", "Available rooms: global"),
            ])
    }

    /// Room names that mean something to NATS or Redis, and must not.
    static let awkwardRooms: [Transcript] = [
        "a.b", "a>b", "*", ">", "a.*", "日本語", "a%b", "a%2Eb", "$SYS", "room:dev", "..", "-", "👩‍💻", "a,b",
        String(repeating: "é", count: 64), "../../etc", "#general", "NULL", "{x}", "a'b&c?d",
        #"a"b"#, #"a\b"#, #"\""#, #"x","y":"z"#,
    ].map { room in
        let quoted = room.replacing(#"\"#, with: #"\\"#).replacing("\"", with: #"\""#)
        return Transcript(
            "a room called \(room)",
            [
                .enters("alice", room: room), .enters("bob"), .joins("bob", quoted),
                .sees("bob", "bob joined the room \(room)"), .sees("alice", "bob joined the room \(room)"),
                .says("alice", "in here"), .hears("bob", from: "alice", "in here", room: quoted),
                .sends("alice", #"{"type":"list_users","room":"\#(quoted)"}"#),
                .sees("alice", "Users in \(room): alice, bob"),
                .sends("bob", #"{"type":"list_rooms"}"#), .sees("bob", "Available rooms: \(room)"),
                .sends("bob", #"{"type":"leave_room"}"#), .sees("bob", "bob joined the room global"),
                .sees("alice", "bob left the room"), .says("alice", "alone"), .says("bob", "alone too"),
            ])
    }
}
