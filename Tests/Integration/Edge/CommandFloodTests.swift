import Testing

extension Integration {
    @Suite(
        "Commands count against the rate", .serialized,
        .embedded(["rate_limit_messages": 10, "rate_limit_window_seconds": 3600]))
    struct CommandFlood {
        /// The first ten commands are done, all others are refused in words.
        @Test(
            "Of a flood only the permitted number is done",
            arguments: [
                [#"{"type":"join_room","room":"dev"}"#, #"{"type":"leave_room"}"#],
                [#"{"type":"list_users"}"#, #"{"type":"list_rooms"}"#],
                ["no JSON", #"{"type":"dance"}"#],
                [#"{"type":"chat_message","content":"x"}"#, #"{"type":"list_rooms"}"#],
            ])
        func flood(_ commands: [String]) async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let onlooker = try await cluster[0].enter("onlooker")
            let flooder = try await cluster[0].enter("flooder")
            try await onlooker.hears(notice: "flooder joined the room global")
            for number in 0..<200 { flooder.send(commands[number % commands.count]) }
            try await eventually("all but ten to be refused", seen: { "\(flooder.texts.all.last.debugDescription)" }) {
                flooder.texts.all.count { $0.notice?.hasPrefix("too many messages") == true } == 190
            }
            let isTalk = commands[0].contains("chat_message")
            let isMoving = commands[0].contains("join_room")
            // Its own coming, and one answer to each command that was done; a message has none.
            #expect(flooder.texts.all.count == 190 + 1 + (isTalk ? 5 : 10))
            if isMoving {
                for _ in 0..<5 {
                    try await onlooker.hears(notice: "flooder left the room")
                    try await onlooker.hears(notice: "flooder joined the room global")
                }
            }
            if isTalk { for _ in 0..<5 { #expect(try await onlooker.next().said == "x") } }
            try await onlooker.isQuiet()
            for client in [onlooker, flooder] { try await client.close() }
        }
    }
}
