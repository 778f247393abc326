extension V2Transcript {
    /// Frames that are refused with a code, and change nothing: their title, the frame, the code, and whether its reference was read.
    static let refused: [V2Transcript] = [
        ("an unknown type", #"{"type":"dance","ref":"no"}"#, "unknown_type", true),
        ("no type", #"{"content":"hello","ref":"no"}"#, "unknown_type", true),
        ("an empty object", "{}", "unknown_type", false),
        ("broken JSON", #"{"type":"chat_message","ref":"no","#, "bad_request", false),
        ("an array", #"[{"type":"chat_message","content":"x"}]"#, "bad_request", false),
        ("null", "null", "bad_request", false),
        ("an empty frame", "", "bad_request", false),
        ("arrays nested too deep", String(repeating: "[", count: 20_000), "bad_request", false),
        ("a type that is a number", #"{"type":5,"ref":"no"}"#, "bad_request", true),
        (
            "a reference of 65 characters",
            #"{"type":"list_rooms","ref":"\#(String(repeating: "r", count: 65))"}"#, "bad_request", false
        ),
        ("a reference that is a number", #"{"type":"list_rooms","ref":7}"#, "bad_request", false),
        ("a message without content", #"{"type":"chat_message","ref":"no"}"#, "bad_request", true),
        ("a content that is a number", #"{"type":"chat_message","content":7,"ref":"no"}"#, "bad_request", true),
        ("an empty message", #"{"type":"chat_message","content":"","ref":"no"}"#, "empty_message", true),
        ("a message of spaces", #"{"type":"chat_message","content":" \n\t ","ref":"no"}"#, "empty_message", true),
        (
            "a message of a byte too many",
            #"{"type":"chat_message","content":"\#(String(repeating: "x", count: 16_385))","ref":"no"}"#,
            "message_too_long", true
        ),
        ("an empty id", #"{"type":"chat_message","content":"x","id":"","ref":"no"}"#, "bad_request", true),
        (
            "an id of 65 characters",
            #"{"type":"chat_message","content":"x","id":"\#(String(repeating: "é", count: 65))","ref":"no"}"#,
            "bad_request", true
        ),
        (
            "an id with a control character", #"{"type":"chat_message","content":"x","id":"a\u0000b","ref":"no"}"#,
            "bad_request", true
        ),
        ("an id that is a number", #"{"type":"chat_message","content":"x","id":1,"ref":"no"}"#, "bad_request", true),
        (
            "a room one is not in", #"{"type":"chat_message","content":"x","room":"dev","ref":"no"}"#, "not_in_room",
            true
        ),
        (
            "a room name with a space", #"{"type":"chat_message","content":"x","room":"a b","ref":"no"}"#,
            "invalid_room", true
        ),
        ("a join without a room", #"{"type":"join_room","ref":"no"}"#, "bad_request", true),
        ("a join of a room without a name", #"{"type":"join_room","room":"","ref":"no"}"#, "invalid_room", true),
        (
            "a join of a room with too long a name",
            #"{"type":"join_room","room":"\#(String(repeating: "r", count: 65))","ref":"no"}"#, "invalid_room", true
        ),
        (
            "a join with too much history", #"{"type":"join_room","room":"dev","history":101,"ref":"no"}"#,
            "bad_request", true
        ),
        (
            "a join with less than no history", #"{"type":"join_room","room":"dev","history":-1,"ref":"no"}"#,
            "bad_request", true
        ),
        (
            "a join after a negative number", #"{"type":"join_room","room":"dev","after":-1,"ref":"no"}"#,
            "bad_request", true
        ),
        (
            "a join after a fraction", #"{"type":"join_room","room":"dev","after":1.5,"ref":"no"}"#, "bad_request",
            true
        ),
        ("a stay that is a text", #"{"type":"join_room","room":"dev","stay":"yes","ref":"no"}"#, "bad_request", true),
        ("leaving a room one is not in", #"{"type":"leave_room","room":"dev","ref":"no"}"#, "not_in_room", true),
        ("the users of a room with a space", #"{"type":"list_users","room":"a b","ref":"no"}"#, "invalid_room", true),
        ("no users at all", #"{"type":"list_users","limit":0,"ref":"no"}"#, "bad_request", true),
        ("too many rooms", #"{"type":"list_rooms","limit":1001,"ref":"no"}"#, "bad_request", true),
        ("users after a number", #"{"type":"list_users","after":5,"ref":"no"}"#, "bad_request", true),
        ("history without a room", #"{"type":"history","ref":"no"}"#, "bad_request", true),
        ("no history", #"{"type":"history","room":"global","limit":0,"ref":"no"}"#, "bad_request", true),
        (
            "history in both directions", #"{"type":"history","room":"global","after":1,"before":2,"ref":"no"}"#,
            "bad_request", true
        ),
        ("typing without saying what", #"{"type":"typing","ref":"no"}"#, "bad_request", true),
        (
            "a private message to nobody", #"{"type":"private_message","content":"x","ref":"no"}"#, "bad_request", true
        ),
        (
            "a private message to somebody unknown",
            #"{"type":"private_message","to":"nemo","content":"x","ref":"no"}"#, "no_such_user", true
        ),
        (
            "a private message to no name", #"{"type":"private_message","to":"a b","content":"x","ref":"no"}"#,
            "invalid_username", true
        ),
        (
            "an empty private message", #"{"type":"private_message","to":"bob","content":"","ref":"no"}"#,
            "empty_message", true
        ),
        ("too long an inbox", #"{"type":"inbox","limit":101,"ref":"no"}"#, "bad_request", true),
        ("a token that nobody asked for", #"{"type":"authenticate","token":"x","ref":"no"}"#, "forbidden", true),
    ].map { title, frame, code, hasReference in
        V2Transcript(
            title,
            [.connects("alice"), .connects("bob")] + Step.enters("bob", members: 2) + [
                .sends("alice", frame), .isRefused("alice", code: code, ref: hasReference ? "no" : nil),
                // Nothing has changed: still in the room, still heard, and bob's next frame is this one.
                .sends(
                    "alice",
                    #"{"type":"chat_message","content":"still here","ref":"\#(String(repeating: "é", count: 64))"}"#),
                .sees(
                    "alice", #"{"type":"ack","ref":"<any>","id":"<id>","room":"global","seq":<1>,"timestamp":"<t1>"}"#),
                .sees(
                    "bob",
                    #"{"type":"chat_message","id":"<id>","room":"global","sender":"alice","content":"still here","timestamp":"<t1>","seq":<1>}"#
                ),
                .sends("bob", #"{"type":"list_rooms"}"#),
                .sees("bob", #"{"type":"room_list","rooms":[{"name":"global","members":2}]}"#),
            ])
    }

    /// Names and ids that mean something to NATS or Redis or JSON, and must not.
    static let awkward: [V2Transcript] = [
        "a.b", "*", ">", "日本語", "a%b", "$SYS", "room:dev", "👩‍💻", #"a\"b"#, #"a\\b"#, "{x}",
    ].map { name in
        V2Transcript(
            "a room and an id called \(name)",
            [.connects("alice"), .connects("bob")] + Step.enters("alice", name, members: 1, head: "0")
                + Step.enters("bob", name, members: 2, head: "0") + [
                    .seesJoined("alice", "bob", name, members: 2),
                    .sends("alice", #"{"type":"chat_message","content":"in here","id":"\#(name)","ref":"\#(name)"}"#),
                    .sees(
                        "alice",
                        #"{"type":"ack","ref":"\#(name)","id":"\#(name)","room":"\#(name)","seq":<1>,"timestamp":"<t1>"}"#
                    ),
                    .sees(
                        "bob",
                        #"{"type":"chat_message","id":"\#(name)","room":"\#(name)","sender":"alice","content":"in here","timestamp":"<t1>","seq":<1>}"#
                    ),
                    .sends("alice", #"{"type":"chat_message","content":"in here","id":"\#(name)"}"#),
                    .sees(
                        "alice",
                        #"{"type":"ack","id":"\#(name)","room":"\#(name)","seq":<1>,"timestamp":"<t1>","duplicate":true}"#
                    ),
                    .sends("bob", #"{"type":"leave_room"}"#),
                    .sees("bob", #"{"type":"left","room":"\#(name)"}"#),
                    .sees("bob", #"{"type":"joined","room":"global","members":1,"last_seq":<any>,"epoch":"<epoch>"}"#),
                    .sees("bob", #"{"type":"history","room":"global","messages":[],"more":<any>,"epoch":"<epoch>"}"#),
                    .seesLeft("alice", "bob", name, members: 1),
                ])
    }
}
