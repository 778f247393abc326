import Foundation
import Testing

extension Integration {
    @Suite("An instance dies, hangs or drains", .serialized)
    struct InstanceFailure {
        @Test("Killed under traffic: the others chat on, its users vanish, and each has left exactly once")
        func killed() async throws {
            try await withCluster(instances: 3) { cluster in
                let alice = try await cluster[0].enter("alice", room: "dev")
                let bob = try await cluster[1].enter("bob", room: "dev")
                let talker = Talker(alice)
                var doomed: [WebSocketClient] = []
                for index in 0..<10 { doomed.append(try await cluster[2].enter("doomed\(index)", room: "dev")) }
                let alone = try await cluster[2].enter("alone", room: "attic")
                try await cluster.lists(["attic": 1, "dev": 12])
                let doomedTalker = Talker(doomed[0], prefix: "d")
                try await bob.hearsSooner(said: "d5")

                let killed = ContinuousClock.now
                await cluster[2].kill9()
                try await cluster.lists(["dev": 2])
                #expect(ContinuousClock.now - killed < .seconds(6), "lease of 2 s, and a few seconds")
                for index in 0..<10 {
                    for witness in [alice, bob] {
                        try await eventually("doomed\(index) to have left, as \(witness.name) sees it") {
                            witness.count(notice: "doomed\(index) left the room") >= 1
                        }
                    }
                }
                #expect(try await alice.users() == ["alice", "bob"])
                #expect(try await bob.users() == ["alice", "bob"])
                // Their names are free.
                let again = try await cluster[0].enter("doomed3", room: "dev")
                _ = await doomedTalker.stop()
                let sent = await talker.stop()
                try await talker.settles(sent: sent, with: bob)
                #expect(talker.refusals == 0)
                #expect(talker.heard(by: bob) == Array(0..<sent))
                for witness in [alice, bob] {
                    try await witness.isQuietSooner()
                    for index in 0..<10 { #expect(witness.count(notice: "doomed\(index) left the room") == 1) }
                }
                // It comes back as if nothing had been.
                try await cluster[2].start()
                let late = try await cluster[2].enter("late", room: "dev")
                try await cluster.isTalking([alice, bob, again, late])
                await alone.drop()
            }
        }

        @Test("Killed with everyone in one go: the next instance starts with empty lists")
        func allKilled() async throws {
            try await withCluster { cluster in
                let alice = try await cluster[0].enter("alice", room: "dev")
                let bob = try await cluster[1].enter("bob")
                for instance in cluster.instances { await instance.kill9() }
                await alice.drop()
                await bob.drop()
                try await cluster[0].start()
                try await cluster.lists([:])
                let again = try await cluster[0].enter("alice", room: "dev")
                #expect(try await again.users() == ["alice"])
            }
        }

        @Test(
            "Hung for longer than its lease: its users vanish, and when it goes on its lists are right and a name taken meanwhile is lost"
        )
        func hung() async throws {
            try await withCluster { cluster in
                let alice = try await cluster[0].enter("alice", room: "dev")
                let bob = try await cluster[1].enter("bob", room: "dev")
                let carol = try await cluster[1].enter("carol", room: "dev")
                for name in ["bob", "carol"] { try await alice.hears(notice: "\(name) joined the room dev") }
                cluster[1].freeze()
                for _ in 0..<2 {
                    let frame = try await alice.next()
                    #expect([.notice("bob left the room"), .notice("carol left the room")].contains(frame))
                }
                #expect(try await alice.users() == ["alice"])
                let usurper = try await cluster[0].enter("bob", room: "dev")
                try await alice.hears(notice: "bob joined the room dev")

                cluster[1].thaw()
                #expect(try await bob.closed().code == 4001)
                try await cluster.lists(["dev": 3])
                #expect(try await alice.users() == ["alice", "bob", "carol"])
                // The one who lost the name goes without a word: that departure was told long ago.
                try await eventually("the lost session to be over") {
                    try await cluster[1].get("/metrics").body.contains("\nchat_sessions_closed_total 1\n")
                }
                try await cluster.isTalking([alice, usurper, carol])
                #expect(alice.count(notice: "bob left the room") == 1)
                #expect(usurper.count(notice: "bob left the room") == 0)
                // And the one who has kept it is back, as far as anybody was told that she had left.
                for witness in [alice, usurper] {
                    try await eventually("\(witness.name) to be told that carol is back") {
                        witness.count(notice: "carol joined the room dev") == (witness === alice ? 2 : 1)
                    }
                }
            }
        }

        @Test("SIGTERM drains: not ready, upgrades get 503, clients are closed with 1012, exit code 0, lists right")
        func drained() async throws {
            try await withCluster(["drain_seconds": 4]) { cluster in
                let alice = try await cluster[0].enter("alice", room: "dev")
                var leaving: [WebSocketClient] = []
                for index in 0..<20 {
                    leaving.append(try await cluster[1].enter("leaving\(index)", room: "dev"))
                }
                let talker = Talker(alice)
                try await leaving[0].hearsSooner(said: "n5")
                cluster[1].signal(SIGTERM)
                // While it drains it answers; once it is gone there is nothing to connect to.
                var answers: [HTTPAnswer] = []
                while cluster[1].isRunning {
                    do {
                        let client = try await cluster[1].client("newcomer")
                        await client.drop()
                    } catch let refused as UpgradeRefused {
                        answers.append(refused.answer)
                    } catch {
                        break
                    }
                    try await Task.sleep(for: .milliseconds(20))  // a pace, nothing is ordered by it
                }
                for answer in answers {
                    #expect(answer.status == 503)
                    #expect(answer["retry-after"].flatMap { Int($0) } != nil)
                }
                for client in leaving { #expect(try await client.closed().code == 1012) }
                #expect(try await cluster[1].exit() == .exited(0))
                try await cluster.lists(["dev": 1], within: .seconds(2))
                let sent = await talker.stop()
                for index in 0..<20 {
                    try await eventually("leaving\(index) to have left") {
                        alice.count(notice: "leaving\(index) left the room") == 1
                    }
                }
                #expect(talker.refusals == 0 && sent > 0)
                #expect(try await alice.users() == ["alice"])
            }
        }

        @Test("While it drains, /readyz and upgrades say 503 with Retry-After and /healthz still says 200")
        func draining() async throws {
            try await withCluster(["drain_seconds": 10]) { cluster in
                // Clients that do not answer the close keep the drain from being over at once.
                var silent: [WebSocketClient] = []
                for index in 0..<50 {
                    let client = try await cluster[1].enter("silent\(index)", room: "room\(index)")
                    try await client.setReading(false)
                    silent.append(client)
                }
                cluster[1].signal(SIGTERM)
                try await eventually("/readyz to say 503", within: .seconds(5), every: .milliseconds(5)) {
                    try await cluster[1].readiness() == 503
                }
                #expect(try await cluster[1].get("/healthz").status == 200)
                do {
                    _ = try await cluster[1].client("newcomer")
                    Issue.record("an upgrade was accepted during the drain")
                } catch let refused as UpgradeRefused {
                    #expect(refused.answer.status == 503)
                    #expect(refused.answer["retry-after"].flatMap { Int($0) } != nil)
                }
                #expect(try await cluster[1].exit(within: .seconds(20)) == .exited(0))
                for client in silent { await client.drop() }
            }
        }

        @Test("A second SIGTERM ends the process at once")
        func secondSignal() async throws {
            try await withCluster(["drain_seconds": 60]) { cluster in
                var clients: [WebSocketClient] = []
                for index in 0..<50 {
                    let client = try await cluster[0].enter("silent\(index)", room: "room\(index)")
                    try await client.setReading(false)
                    clients.append(client)
                }
                cluster[0].signal(SIGTERM)
                try await eventually("/readyz to say 503", within: .seconds(5), every: .milliseconds(5)) {
                    try await cluster[0].readiness() == 503
                }
                let asked = ContinuousClock.now
                cluster[0].signal(SIGTERM)
                _ = try await cluster[0].exit(within: .seconds(2))
                #expect(ContinuousClock.now - asked < .seconds(2))
                // What it could not release, the other one reaps.
                try await cluster.lists([:])
                for client in clients { await client.drop() }
            }
        }

        @Test("SIGINT drains an idle instance without delay")
        func idle() async throws {
            let instance = try ChatInstance("server-idle", ["drain_seconds": 30])
            try await instance.start()
            instance.signal(SIGINT)
            #expect(try await instance.exit(within: .seconds(5)) == .exited(0))
        }
    }
}

extension WebSocketClient {
    /// Reads over what came and was not looked at, then sees that the server has nothing more under way.
    func isQuietSooner() async throws {
        texts.skipAll()
        _ = try await rooms()
    }
}
