extension V2Transcript {
    /// Alice and bob in one room, each of whom sees the other.
    static let aliceAndBob: [Step] =
        [.connects("alice")] + Step.enters("alice", members: 1)
        + [.connects("bob"), .seesJoined("alice", "bob", members: 2)] + Step.enters("bob", members: 2)

    /// Rooms and what is said in them.
    static let rooms: [V2Transcript] = [
        V2Transcript(
            "who connects is welcomed, and shown nothing of a room before joining it",
            [.connects("alice", room: "dev"), .connects("bob", room: "dev")] + Step.enters("bob", "dev", members: 2) + [
                .sends("bob", #"{"type":"chat_message","content":"anybody?","ref":"1"}"#),
                .sees("bob", #"{"type":"ack","ref":"1","id":"<id>","room":"dev","seq":<1>,"timestamp":"<now>"}"#),
                .sends("bob", #"{"type":"typing","is_typing":true}"#),
                .connects("carol", room: "dev"), .seesJoined("bob", "carol", "dev", members: 3),
                .goes("carol"), .seesLeft("bob", "carol", "dev", members: 2),
            ]),
        V2Transcript(
            "a message is acknowledged to its sender and shown to all others, under the same id, time and number",
            aliceAndBob + [
                .sends("alice", #"{"type":"chat_message","ref":"r1","id":"own-1","content":"hello"}"#),
                .sees(
                    "alice", #"{"type":"ack","ref":"r1","id":"own-1","room":"global","seq":<1>,"timestamp":"<t1>"}"#),
                .sees(
                    "bob",
                    #"{"type":"chat_message","id":"own-1","room":"global","sender":"alice","content":"hello","timestamp":"<t1>","seq":<1>}"#
                ),
                // Without id and ref.
                .sends("bob", #"{"type":"chat_message","content":"hi","room":"global"}"#),
                .sees("bob", #"{"type":"ack","id":"<id2>","room":"global","seq":<2>,"timestamp":"<t2>"}"#),
                .sees(
                    "alice",
                    #"{"type":"chat_message","id":"<id2>","room":"global","sender":"bob","content":"hi","timestamp":"<t2>","seq":<2>}"#
                ),
                // The same id again: the same number, nobody else sees it, and what it says does not matter.
                .sends("alice", #"{"type":"chat_message","ref":"r2","id":"own-1","content":"hello?"}"#),
                .sees(
                    "alice",
                    #"{"type":"ack","ref":"r2","id":"own-1","room":"global","seq":<1>,"timestamp":"<t1>","duplicate":true}"#
                ),
                // Another sender's message of that id is another message.
                .sends("bob", #"{"type":"chat_message","ref":"r2","id":"own-1","content":"mine"}"#),
                .sees("bob", #"{"type":"ack","ref":"r2","id":"own-1","room":"global","seq":<3>,"timestamp":"<t3>"}"#),
                .sees(
                    "alice",
                    #"{"type":"chat_message","id":"own-1","room":"global","sender":"bob","content":"mine","timestamp":"<t3>","seq":<3>}"#
                ),
            ]),
        V2Transcript(
            "join_room leaves the other rooms unless it says stay, and both rooms are told how many remain",
            aliceAndBob + [.connects("carol", room: "dev")] + Step.enters("carol", "dev", members: 1)
                + Step.enters("alice", "dev", members: 2) + [
                    .seesLeft("bob", "alice", members: 1), .seesJoined("carol", "alice", "dev", members: 2),
                    .sends("bob", #"{"type":"join_room","room":"dev","history":0,"stay":true,"ref":"j"}"#),
                    .sees(
                        "bob",
                        #"{"type":"joined","ref":"j","room":"dev","members":3,"last_seq":<any>,"epoch":"<epoch>"}"#),
                    .sees("bob", #"{"type":"history","room":"dev","messages":[],"more":<any>,"epoch":"<epoch>"}"#),
                    .seesJoined("alice", "bob", "dev", members: 3), .seesJoined("carol", "bob", "dev", members: 3),
                    // The current room is the one that was joined last; any other one is named.
                    .sends("bob", #"{"type":"chat_message","id":"stay-1","content":"in dev"}"#),
                    .sees("bob", #"{"type":"ack","id":"stay-1","room":"dev","seq":<1>,"timestamp":"<t1>"}"#),
                    .sees(
                        "carol",
                        #"{"type":"chat_message","id":"stay-1","room":"dev","sender":"bob","content":"in dev","timestamp":"<t1>","seq":<1>}"#
                    ),
                    .sees(
                        "alice",
                        #"{"type":"chat_message","id":"stay-1","room":"dev","sender":"bob","content":"in dev","timestamp":"<t1>","seq":<1>}"#
                    ),
                    .sends("bob", #"{"type":"chat_message","id":"stay-2","content":"in global","room":"global"}"#),
                    .sees("bob", #"{"type":"ack","id":"stay-2","room":"global","seq":<2>,"timestamp":"<now>"}"#),
                    .sends("carol", #"{"type":"chat_message","content":"x","room":"global","ref":"no"}"#),
                    .isRefused("carol", code: "not_in_room", ref: "no"),
                    .goes("bob"), .seesLeft("alice", "bob", "dev", members: 2),
                    .seesLeft("carol", "bob", "dev", members: 2),
                ]),
        V2Transcript(
            "joining a room one is in already is told to nobody",
            aliceAndBob + Step.enters("alice", members: 2) + [
                .sends("alice", #"{"type":"chat_message","id":"again-1","content":"still here"}"#),
                .sees("alice", #"{"type":"ack","id":"again-1","room":"global","seq":<1>,"timestamp":"<t1>"}"#),
                .sees(
                    "bob",
                    #"{"type":"chat_message","id":"again-1","room":"global","sender":"alice","content":"still here","timestamp":"<t1>","seq":<1>}"#
                ),
                .sends("alice", #"{"type":"join_room","room":"global","history":1,"ref":"again"}"#),
                .sees(
                    "alice",
                    #"{"type":"joined","ref":"again","room":"global","members":2,"last_seq":<1>,"epoch":"<epoch>"}"#),
                .sees(
                    "alice",
                    #"{"type":"history","room":"global","messages":[{"id":"again-1","room":"global","sender":"alice","content":"still here","timestamp":"<t1>","seq":<1>}],"more":<any>,"epoch":"<epoch>"}"#
                ),
            ]),
        V2Transcript(
            "leave_room of the last room leads to global",
            [.connects("alice", room: "dev")] + Step.enters("alice", "dev", members: 1)
                + [.connects("bob")] + Step.enters("bob", members: 1) + [
                    .sends("alice", #"{"type":"leave_room","ref":"l"}"#),
                    .sees("alice", #"{"type":"left","ref":"l","room":"dev"}"#),
                    .sees(
                        "alice",
                        #"{"type":"joined","room":"global","members":2,"last_seq":<any>,"epoch":"<epoch>"}"#),
                    .sees("alice", #"{"type":"history","room":"global","messages":[],"more":<any>,"epoch":"<epoch>"}"#),
                    .seesJoined("bob", "alice", members: 2),
                    .sends("bob", #"{"type":"chat_message","id":"leave-1","content":"welcome"}"#),
                    .sees("bob", #"{"type":"ack","id":"leave-1","room":"global","seq":<1>,"timestamp":"<t1>"}"#),
                    .sees(
                        "alice",
                        #"{"type":"chat_message","id":"leave-1","room":"global","sender":"bob","content":"welcome","timestamp":"<t1>","seq":<1>}"#
                    ),
                ]),
        V2Transcript(
            "leave_room leaves the room that it names and keeps the others, and nothing of it is shown any more",
            aliceAndBob + [
                .sends("alice", #"{"type":"join_room","room":"dev","history":0,"stay":true}"#),
                .sees(
                    "alice", #"{"type":"joined","room":"dev","members":1,"last_seq":<any>,"epoch":"<epoch>"}"#),
                .sees("alice", #"{"type":"history","room":"dev","messages":[],"more":<any>,"epoch":"<epoch>"}"#),
                .sends("alice", #"{"type":"leave_room","room":"global","ref":"l"}"#),
                .sees("alice", #"{"type":"left","ref":"l","room":"global"}"#),
                .seesLeft("bob", "alice", members: 1),
                .sends("bob", #"{"type":"chat_message","content":"alone","ref":"a"}"#),
                .sees("bob", #"{"type":"ack","ref":"a","id":"<id>","room":"global","seq":<1>,"timestamp":"<now>"}"#),
                .sends("alice", #"{"type":"leave_room","room":"global","ref":"twice"}"#),
                .isRefused("alice", code: "not_in_room", ref: "twice"),
                .sends("alice", #"{"type":"list_users","room":"dev","ref":"u"}"#),
                .sees("alice", #"{"type":"user_list","ref":"u","room":"dev","users":["alice"]}"#),
            ]),
    ]
}
