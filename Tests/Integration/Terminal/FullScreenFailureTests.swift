import Foundation
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Integration {
    /// What needs servers that come and go.
    @Suite("Full screen through failures", .serialized)
    struct FullScreenFailureTests {
        @Test("Its server killed mid-sentence: nothing typed is lost, what was missed is shown once, and it is said so")
        func recovers() async throws {
            try await withCluster { cluster in
                let witness = try await cluster[1].enter("witness")
                let alice = try ScreenClient.start("alice", port: cluster[0].port, columns: 90)
                try await alice.isIn("global")
                witness.say("before")
                try await alice.shows("witness │ before")
                alice.type("typed in the mid")
                try await alice.shows("> typed in the mid")
                await cluster[0].kill9()
                try await alice.shows("offline, trying again in")
                for number in 0..<5 { witness.say("missed \(number)") }
                alice.type("dle of it\r")
                try await alice.shows("alice … typed in the middle of it")
                try await alice.shows("1 unsent")
                alice.type("and thi")
                try await cluster[0].start()
                try await alice.shows("reconnected, 5 messages recovered", within: .seconds(40))
                try await alice.shows("alice │ typed in the middle of it")
                try await alice.shows("> and thi")
                alice.enter("s")
                try await witness.hearsSooner(said: "typed in the middle of it")
                try await witness.hearsSooner(said: "and this")
                for text in ["missed 0", "missed 4", "before", "typed in the middle"] {
                    #expect(alice.text.components(separatedBy: text).count == 2, "\(text) is shown once")
                }
                #expect(try await alice.quit() == .exited(0))
                try await witness.close()
            }
        }

        @Test("All rooms are gone back to, and each shows what was missed there")
        func recoversRooms() async throws {
            try await withCluster { cluster in
                let inGlobal = try await cluster[1].enter("inglobal")
                let inDev = try await cluster[1].enter("indev", room: "dev")
                let alice = try ScreenClient.start("alice", port: cluster[0].port, columns: 90)
                try await alice.isIn("global")
                alice.enter("/join +dev")
                try await alice.isIn("dev")
                await cluster[0].kill9()
                try await alice.shows("offline, trying again in")
                inGlobal.say("missed in global")
                inDev.say("missed in dev")
                try await cluster[0].start()
                try await alice.shows("reconnected, 2 messages recovered", within: .seconds(40))
                try await alice.shows("indev │ missed in dev")
                try await alice.shows("1 global        1")
                alice.type("\u{1B}a")
                try await alice.shows("inglobal │ missed in global")
                alice.enter("here again")
                try await inGlobal.hearsSooner(said: "here again")
                inDev.say("and here")
                try await alice.shows("2 dev           1")
                #expect(try await alice.quit() == .exited(0))
                for client in [inGlobal, inDev] { try await client.close() }
            }
        }

        @Test("A rate limit loses nothing that is typed, and it is said in its order")
        func rateLimit() async throws {
            let instance = try ChatInstance(
                "server-slow", ["rate_limit_messages": 4, "rate_limit_window_seconds": 1])
            try await instance.start()
            let witness = try await instance.enter("witness")
            let alice = try ScreenClient.start("alice", port: instance.port)
            try await alice.isIn("global")
            for number in 0..<12 { alice.enter("number \(number).") }
            try await alice.shows("too fast, paused")
            try await alice.shows("alice │ number 11.", within: .seconds(20))
            let said = witness.texts.all.compactMap(\.said)
            #expect(said == (0..<12).map { "number \($0)." })
            #expect(try await alice.quit() == .exited(0))
            try await witness.close()
            await instance.kill9()
        }

        @Test("What cannot be sent is on the terminal after the end")
        func leftBehind() async throws {
            let instance = try ChatInstance("server-gone")
            try await instance.start()
            let alice = try ScreenClient.start("alice", port: instance.port)
            try await alice.isIn("global")
            await instance.kill9()
            try await alice.shows("trying again in")
            alice.enter("said into the void")
            try await alice.shows("… said into the void")
            #expect(try await alice.quit() == .exited(0))
            try await alice.shows("[Not sent] said into the void")
            #expect(!alice.screen.isAlternate)
        }

        @Test("A name that is taken is said where it can be read, with an exit code")
        func nameTaken() async throws {
            let instance = try ChatInstance("server-taken")
            try await instance.start()
            let owner = try await instance.enter("alice")
            let twin = try ScreenClient.start("alice", port: instance.port)
            #expect(try await twin.exit() == .exited(77))
            try await twin.shows("username already exists")
            #expect(!twin.screen.isAlternate)
            try await owner.close()
            await instance.kill9()
        }

        @Test("On a terminal that calls itself dumb there are lines and no escape sequences")
        func dumb() async throws {
            let instance = try ChatInstance("server-dumb")
            try await instance.start()
            let alice = try ScreenClient.start("alice", port: instance.port, environment: ["TERM": "dumb"])
            try await alice.shows("[System] alice joined the room global")
            #expect(alice.screen.modes == [25])
            #expect(alice.screen.frames == 0)
            alice.type("/quit\n")
            #expect(try await alice.exit() == .exited(0))
            await instance.kill9()
        }
    }
}
