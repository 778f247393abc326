import Foundation
import Testing

extension Integration {
    @Suite("chat-client in chat.v2", .serialized)
    struct TerminalClientV2Tests {
        @Test("Private messages and history, between clients of two instances")
        func privateMessagesAndHistory() async throws {
            try await withCluster { cluster in
                let alice = try TerminalClient.inPipe("alice", port: cluster[0].port)
                try await alice.shows("alice joined the room global")
                for number in 0..<60 { alice.enter("line \(number).") }
                try await alice.shows("[Sent to global] line 59.")
                let bob = try TerminalClient.inPipe("bob", port: cluster[1].port)
                try await bob.shows("alice: line 59.")
                #expect(bob.output.contains("alice: line 10."))
                #expect(!bob.output.contains("alice: line 9."), "the latest fifty")
                bob.enter("/history 5")
                try await bob.shows("5 older messages in global")
                try await bob.shows("alice: line 9.")
                #expect(!bob.output.contains("alice: line 4."))
                bob.enter("/history")
                try await bob.shows("5 older messages in global; there is nothing before them")
                bob.enter("/msg alice  psst, alice")
                try await bob.shows("[Sent to alice privately] psst, alice")
                try await alice.shows("[Private] bob: psst, alice")
                bob.enter("/msg nobody hello")
                try await bob.shows("[Not sent] /msg nobody hello")
                alice.enter("/quit")
                #expect(try await alice.exit() == .exited(0))
                bob.hangUp()
                #expect(try await bob.exit() == .exited(1), "one line was refused")
            }
        }

        @Test("While messages cannot be stored they wait, and each is said once, in order, when they can")
        func waitsForTheStore() async throws {
            try await withCluster(["append_timeout_seconds": 1]) { cluster in
                let nats = try #require(cluster.backing).nats
                let witness = try await cluster[1].enter("witness")
                let alice = try TerminalClient.inPipe("alice", port: cluster[0].port)
                try await alice.shows("alice joined the room global")
                alice.enter("before")
                try await witness.hearsSooner(said: "before")
                await nats.kill9()
                for number in 0..<5 { alice.enter("number \(number)") }
                try await alice.shows("trying again")
                try await nats.start()
                alice.hangUp()
                #expect(try await alice.exit(within: .seconds(40)) == .exited(0), "\(alice.output)")
                try await witness.hearsSooner(said: "number 4")
                let said = witness.texts.all.compactMap(\.said)
                #expect(said == ["before"] + (0..<5).map { "number \($0)" })
                try await witness.close()
            }
        }
    }
}
