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
                [#"{"type":"list_users"}"#, #"{"type":"list_rooms"}"#],
                ["no JSON", #"{"type":"dance"}"#],
                [#"{"type":"chat_message","content":"x"}"#, #"{"type":"list_rooms"}"#],
            ])
        func flood(_ commands: [String]) async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let onlooker = try await cluster[0].enter("onlooker")
            // A user's rate outlives the sessions: each flood has a user of its own.
            let name = "flooder\(commands[0].utf8.count)"
            let flooder = try await cluster[0].enter(name)
            try await onlooker.hears(notice: "\(name) joined the room global")
            for number in 0..<200 { flooder.send(commands[number % commands.count]) }
            try await eventually("all but ten to be refused", seen: { "\(flooder.texts.all.last.debugDescription)" }) {
                flooder.texts.all.count { $0.notice?.hasPrefix("too many messages") == true } == 190
            }
            let isTalk = commands[0].contains("chat_message")
            // Its own coming, and one answer to each command that was done; a message has none.
            let late = flooder.texts.all.count { $0.notice == "onlooker joined the room global" }
            #expect(flooder.texts.all.count - late == 190 + 1 + (isTalk ? 5 : 10))
            if isTalk { for _ in 0..<5 { #expect(try await onlooker.next().said == "x") } }
            try await onlooker.isQuiet()
            for client in [onlooker, flooder] { try await client.close() }
        }

        @Test("Changes of room that come too fast wait, what is said behind them too, and a client that goes is gone")
        func changesWait() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let onlooker = try await cluster[0].enter("onlooker")
            let flooder = try await cluster[0].enter("flooder")
            try await onlooker.hears(notice: "flooder joined the room global")
            for _ in 0..<10 {
                flooder.join("dev")
                flooder.leaveRoom()
            }
            flooder.join("secret")
            flooder.say("not for everyone")
            for _ in 0..<5 {
                try await onlooker.hears(notice: "flooder left the room")
                try await onlooker.hears(notice: "flooder joined the room global")
            }
            try await onlooker.isQuiet()
            await flooder.drop()
            try await onlooker.hears(notice: "flooder left the room")
            try await cluster.lists(["global": 1])
            try await onlooker.close()
        }
    }
}
