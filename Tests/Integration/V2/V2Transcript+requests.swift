extension V2Transcript {
    /// Everything else that a client may ask for.
    static let requests: [V2Transcript] = [
        V2Transcript(
            "lists are sorted and cover the whole cluster",
            [.connects("zoe", room: "dev"), .connects("bob"), .connects("Alice")] + [
                .sends("bob", #"{"type":"list_users"}"#),
                .sees("bob", #"{"type":"user_list","users":["Alice","bob","zoe"]}"#),
                .sends("zoe", #"{"type":"list_users","room":"global","ref":"u"}"#),
                .sees("zoe", #"{"type":"user_list","ref":"u","room":"global","users":["Alice","bob"]}"#),
                .sends("zoe", #"{"type":"list_users","room":"nowhere"}"#),
                .sees("zoe", #"{"type":"user_list","room":"nowhere","users":[]}"#),
                .sends("Alice", #"{"type":"list_rooms","ref":"r"}"#),
                .sees(
                    "Alice",
                    #"{"type":"room_list","ref":"r","rooms":[{"name":"dev","members":1},{"name":"global","members":2}]}"#
                ),
            ]),
        V2Transcript(
            "a list can be read in parts, from any text on",
            [.connects("zoe", room: "dev"), .connects("bob"), .connects("Alice")] + [
                .sends("bob", #"{"type":"list_users","limit":2}"#),
                .sees("bob", #"{"type":"user_list","users":["Alice","bob"],"more":true,"total":3}"#),
                .sends("bob", #"{"type":"list_users","limit":2,"after":"bob"}"#),
                .sees("bob", #"{"type":"user_list","users":["zoe"],"total":3}"#),
                .sends("bob", #"{"type":"list_users","after":"no name, *(["}"#),
                .sees("bob", #"{"type":"user_list","users":["zoe"],"total":3}"#),
                .sends("bob", #"{"type":"list_users","after":"zoe"}"#),
                .sees("bob", #"{"type":"user_list","users":[],"total":3}"#),
                .sends("bob", #"{"type":"list_users","after":""}"#),
                .sees("bob", #"{"type":"user_list","users":["Alice","bob","zoe"]}"#),
                .sends("zoe", #"{"type":"list_users","room":"global","limit":1,"ref":"u"}"#),
                .sees(
                    "zoe", #"{"type":"user_list","ref":"u","room":"global","users":["Alice"],"more":true,"total":2}"#),
                .sends("zoe", #"{"type":"list_rooms","limit":1}"#),
                .sees("zoe", #"{"type":"room_list","rooms":[{"name":"dev","members":1}],"more":true,"total":2}"#),
                .sends("zoe", #"{"type":"list_rooms","after":"dev","limit":1}"#),
                .sees("zoe", #"{"type":"room_list","rooms":[{"name":"global","members":2}],"total":2}"#),
            ]),
        V2Transcript(
            "history pages both ways to its ends",
            [.connects("alice", room: "paging")] + Step.enters("alice", "paging", members: 1, head: "0")
                + (1...5).flatMap { number -> [Step] in
                    [
                        .sends("alice", #"{"type":"chat_message","id":"p\#(number)","content":"\#(number)"}"#),
                        .sees(
                            "alice",
                            #"{"type":"ack","id":"p\#(number)","room":"paging","seq":<\#(number)>,"timestamp":"<t\#(number)>"}"#
                        ),
                    ]
                } + [
                    .sends("alice", #"{"type":"history","room":"paging","limit":2,"ref":"h"}"#),
                    history("alice", 4...5, more: true),
                    .sends("alice", #"{"type":"history","room":"paging","before":<4>,"limit":2,"ref":"h"}"#),
                    history("alice", 2...3, more: true),
                    .sends("alice", #"{"type":"history","room":"paging","before":<2>,"limit":2,"ref":"h"}"#),
                    history("alice", 1...1, more: false),
                    .sends("alice", #"{"type":"history","room":"paging","before":<3>,"limit":2,"ref":"h"}"#),
                    history("alice", 1...2, more: false),
                    .sends("alice", #"{"type":"history","room":"paging","before":<1>,"ref":"h"}"#),
                    history("alice", nil, more: false),
                    .sends("alice", #"{"type":"history","room":"paging","after":<1>,"limit":2,"ref":"h"}"#),
                    history("alice", 2...3, more: true),
                    .sends("alice", #"{"type":"history","room":"paging","after":<3>,"limit":2,"ref":"h"}"#),
                    history("alice", 4...5, more: false),
                    .sends("alice", #"{"type":"history","room":"paging","after":<5>,"ref":"h"}"#),
                    history("alice", nil, more: false),
                    .sends("alice", #"{"type":"history","room":"paging","ref":"h"}"#),
                    history("alice", 1...5, more: false),
                    .sends("alice", #"{"type":"history","room":"elsewhere","ref":"no"}"#),
                    .isRefused("alice", code: "not_in_room", ref: "no"),
                ]),
        V2Transcript(
            "typing is shown to the others and answered to nobody",
            aliceAndBob + [
                .sends("alice", #"{"type":"typing","is_typing":true}"#),
                .sees("bob", #"{"type":"typing","room":"global","username":"alice","is_typing":true}"#),
                .sends("alice", #"{"type":"typing","is_typing":false,"room":"global","ref":"t"}"#),
                .sees("bob", #"{"type":"typing","room":"global","username":"alice","is_typing":false}"#),
                .sends("alice", #"{"type":"typing","is_typing":true,"room":"dev","ref":"no"}"#),
                .isRefused("alice", code: "not_in_room", ref: "no"),
            ]),
        V2Transcript(
            "private messages go to both inboxes, and are shown live once the inbox has been asked for",
            [.connects("alice", room: "dev"), .connects("bob")] + [
                .sends("alice", #"{"type":"private_message","to":"bob","content":"unread","id":"pm-1","ref":"p"}"#),
                .sees("alice", #"{"type":"ack","ref":"p","id":"pm-1","seq":<2>,"timestamp":"<t1>"}"#),
                .sends("bob", #"{"type":"inbox","ref":"i"}"#),
                .sees(
                    "bob",
                    #"{"type":"inbox","ref":"i","messages":[{"id":"pm-1","sender":"alice","to":"bob","content":"unread","timestamp":"<t1>","seq":<1>}],"more":false,"epoch":"<inbox epoch>"}"#
                ),
                .sends("alice", #"{"type":"private_message","to":"bob","content":"read","id":"pm-2"}"#),
                .sees("alice", #"{"type":"ack","id":"pm-2","seq":<4>,"timestamp":"<t2>"}"#),
                .sees(
                    "bob",
                    #"{"type":"private_message","id":"pm-2","sender":"alice","to":"bob","content":"read","timestamp":"<t2>","seq":<3>}"#
                ),
                .sends("alice", #"{"type":"private_message","to":"bob","content":"read","id":"pm-2","ref":"again"}"#),
                .sees(
                    "alice",
                    #"{"type":"ack","ref":"again","id":"pm-2","seq":<4>,<any>duplicate":true}"#),
                .sends("alice", #"{"type":"inbox","ref":"i"}"#),
                .sees(
                    "alice",
                    #"{"type":"inbox","ref":"i","messages":[{"id":"pm-1","sender":"alice","to":"bob","content":"unread","timestamp":"<t1>","seq":<2>},{"id":"pm-2","sender":"alice","to":"bob","content":"read","timestamp":"<t2>","seq":<4>}],"more":false,"epoch":"<inbox epoch>"}"#
                ),
                // To oneself: one copy, acknowledged in its place.
                .sends("alice", #"{"type":"private_message","to":"alice","content":"note","id":"pm-3","ref":"o"}"#),
                .sees("alice", #"{"type":"ack","ref":"o","id":"pm-3","seq":<5>,"timestamp":"<t3>"}"#),
                .sends("alice", #"{"type":"inbox","after":<2>,"epoch":"<inbox epoch>","limit":1}"#),
                .sees(
                    "alice",
                    #"{"type":"inbox","messages":[{"id":"pm-2","sender":"alice","to":"bob","content":"read","timestamp":"<t2>","seq":<4>}],"more":true,"epoch":"<inbox epoch>"}"#
                ),
                .sends("alice", #"{"type":"inbox","after":<4>,"epoch":"<inbox epoch>","limit":1}"#),
                .sees(
                    "alice",
                    #"{"type":"inbox","messages":[{"id":"pm-3","sender":"alice","to":"alice","content":"note","timestamp":"<t3>","seq":<5>}],"more":false,"epoch":"<inbox epoch>"}"#
                ),
            ]),
        V2Transcript(
            "requests sent at once are answered in their order",
            [.connects("alice")] + [
                .sends("alice", #"{"type":"list_users","ref":"1"}"#),
                .sends("alice", #"{"type":"nonsense","ref":"2"}"#),
                .sends("alice", #"{"type":"list_users","room":"global","ref":"3"}"#),
                .sends("alice", #"{"type":"authenticate","token":"x","ref":"4"}"#),
                .sends("alice", #"{"type":"list_rooms","ref":"5"}"#),
                .sees("alice", #"{"type":"user_list","ref":"1","users":["alice"]}"#),
                .isRefused("alice", code: "unknown_type", ref: "2"),
                .sees("alice", #"{"type":"user_list","ref":"3","room":"global","users":["alice"]}"#),
                .isRefused("alice", code: "forbidden", ref: "4"),
                .sees("alice", #"{"type":"room_list","ref":"5","rooms":[{"name":"global","members":1}]}"#),
            ]),
    ]

    private static func history(_ who: String, _ numbers: ClosedRange<Int>?, more: Bool) -> Step {
        let messages = (numbers.map(Array.init) ?? []).map { number in
            #"{"id":"p\#(number)","room":"paging","sender":"alice","content":"\#(number)","timestamp":"<t\#(number)>","seq":<\#(number)>}"#
        }
        return .sees(
            who,
            #"{"type":"history","ref":"h","room":"paging","messages":[\#(messages.joined(separator: ","))],"more":\#(more),<end>}"#
        )
    }
}
