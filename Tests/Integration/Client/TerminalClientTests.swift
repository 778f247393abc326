import Foundation
import Testing

extension Integration {
    @Suite("chat-client", .serialized, .cluster(instances: 2))
    struct TerminalClientTests {
        @Test("In a pipe: what was piped in is said before it ends, with exit code 0")
        func pipe() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let witness = try await cluster[1].enter("witness")
            for round in 0..<5 {
                let bot = try TerminalClient.inPipe("bot", port: cluster[0].port)
                for number in 0..<20 { bot.enter("round \(round) line \(number)") }
                bot.hangUp()
                #expect(try await bot.exit() == .exited(0), "\(bot.output)")
                for number in 0..<20 { try await witness.hearsSooner(said: "round \(round) line \(number)") }
                // Notices and messages have no order between them.
                try await eventually("bot to have left") { witness.count(notice: "bot left the room") == round + 1 }
            }
            try await witness.close()
        }

        @Test("In a pipe: the commands, against another client on the other instance")
        func commands() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try TerminalClient.inPipe("alice", port: cluster[0].port)
            try await alice.shows("[System] alice joined the room global")
            let bob = try TerminalClient.inPipe("bob", port: cluster[1].port)
            try await alice.shows("[System] bob joined the room global")
            alice.enter("hello bob")
            try await alice.shows("[Sent to global] hello bob")
            try await bob.shows("alice: hello bob")
            alice.enter("/join dev")
            try await alice.shows("[System] alice joined the room dev")
            try await bob.shows("[System] alice left the room")
            alice.enter("/rooms")
            try await alice.shows("[System] Available rooms: dev, global")
            bob.enter("/users")
            try await bob.shows("[System] Active users: alice, bob")
            bob.enter("/users dev")
            try await bob.shows("[System] Users in dev: alice")
            alice.enter("/leave")
            try await bob.shows("[System] alice joined the room global")
            bob.enter("/help")
            try await bob.shows("/join")
            for client in [alice, bob] {
                client.enter("/quit")
                #expect(try await client.exit() == .exited(0))
            }
            try await cluster.isEmpty()
        }

        @Test("A name that is taken ends it with words and an exit code")
        func nameTaken() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enter("alice")
            let twin = try TerminalClient.inPipe("alice", port: cluster[1].port)
            guard case .exited(let code) = try await twin.exit() else { throw SpawnFailed(description: twin.output) }
            #expect(code != 0)
            #expect(twin.output.contains("username already exists"))
            try await alice.close()
        }
    }
}
