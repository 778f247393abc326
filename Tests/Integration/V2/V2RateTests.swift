import Testing
import Wire

extension Integration {
    @Suite(
        "chat.v2 rates", .serialized,
        .embedded(["rate_limit_messages": 5, "rate_limit_window_seconds": 60, "grace_seconds": 0]))
    struct V2Rates {
        @Test("What comes too fast is refused with the time to wait, and the others are not disturbed")
        func rateLimited() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].v2("alice")
            #expect(
                alice.welcome.limits
                    == .init(
                        messageBytes: 16_384, messagesPerWindow: 5, windowSeconds: 60, frameBytes: 102_400,
                        roomsPerSession: 100))
            for number in 0..<5 { try await alice.say("\(number)") }
            let wait = try await alice.isRefused(
                "rate_limited", ref: alice.send(.chatMessage(content: "more", room: nil, id: nil)))
            #expect((1...12_000).contains(try #require(wait)))
            // Requests count like messages, and frames that are none.
            for command: V2Command in [
                .listRooms(), .history(room: "global", .latest, limit: nil), .joinRoom(.init(room: "x")),
            ] {
                try await alice.isRefused("rate_limited", ref: alice.send(command))
            }
            alice.send(text: "nonsense")
            try await alice.isRefused("rate_limited", ref: nil)
            try await alice.isRefused(
                "rate_limited", ref: alice.send(.privateMessage(to: "alice", content: "x", id: nil)))
            // Typing is dropped in silence, and everyone has a rate of their own.
            alice.send(.typing(isTyping: true, room: nil))
            let bob = try await cluster[0].v2("bob")
            try await bob.isQuiet()
            try await alice.close()
            try await bob.close()
        }

        @Test(
            "Who goes on for too long is sent away with 4008",
            arguments: [
                V2Command.chatMessage(content: "flood", room: nil, id: nil), .listRooms(),
                .privateMessage(to: "flooder", content: "flood", id: nil),
            ])
        func flood(command: V2Command) async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let flooder = try await cluster[0].v2("flooder")
            for _ in 0..<300 { flooder.send(command) }
            #expect(try await flooder.closed().code == 4008)
            #expect(flooder.frames.count < 150)
        }
    }
}
