import Foundation
import Testing

extension Measurements {
    /// How fast and how large the full screen is: figures for people, in docs/client.md.
    @Suite(.serialized, .embedded(["log_sync": "interval", "history_memory_bytes": 100_000_000]))
    struct FullScreen {
        private func milliseconds(_ duration: Duration) -> String {
            "\((duration / .microseconds(100)).rounded() / 10) ms"
        }

        private func wait(_ what: String, until condition: () -> Bool) async throws -> Duration {
            let began = ContinuousClock.now
            try await eventually(what, within: .seconds(60), every: .milliseconds(1), until: condition)
            return ContinuousClock.now - began
        }

        @Test func `from the start to the prompt, and to the room`() async throws {
            let cluster = try Cluster.current
            for number in 0..<10 {
                let began = ContinuousClock.now
                let alice = try ScreenClient.start("alice\(number)", port: cluster[0].port)
                _ = try await wait("the prompt") { alice.text.hasSuffix("\n>") }
                let prompt = ContinuousClock.now - began
                _ = try await wait("the room") { alice.text.contains(" global (") }
                print(
                    "start to prompt \(milliseconds(prompt)), in the room \(milliseconds(ContinuousClock.now - began))")
                #expect(try await alice.quit() == .exited(0))
            }
        }

        @Test func `keys while a thousand messages a second come`() async throws {
            let cluster = try Cluster.current
            await ScreenClient.endAll()
            let alice = try ScreenClient.start("bob", port: cluster[0].port)
            try await alice.isIn("global")
            var talkers: [Talker] = []
            for number in 0..<10 {
                talkers.append(Talker(try await cluster[0].enter("talker\(number)"), every: .milliseconds(10)))
            }
            var delays: [Duration] = []
            for number in 1...60 {
                alice.type("x")
                delays.append(
                    try await wait("the key") { alice.text.contains("> " + String(repeating: "x", count: number)) })
            }
            for talker in talkers { _ = await talker.stop() }
            delays.sort()
            print(
                "a key is seen after \(milliseconds(delays[30])), the slowest of 60 after \(milliseconds(delays[59]))")
            alice.type("\u{3}")
            #expect(try await alice.quit() == .exited(0))
        }

        @Test func `a scrollback of a hundred thousand lines`() async throws {
            let cluster = try Cluster.current
            await ScreenClient.endAll()
            let talker = try await cluster[0].enter("talker", room: "long")
            let alice = try ScreenClient.start("carol", port: cluster[0].port, arguments: ["-room", "long"])
            try await alice.isIn("long")
            let before = alice.child.residentBytes ?? 0
            let text = String(repeating: "words of a usual length ", count: 4)
            for number in 0..<100_000 { try await talker.sayThrough("\(number) \(text)") }
            try await eventually("the last of them", within: .seconds(300)) { alice.text.contains("99999 words") }
            let after = alice.child.residentBytes ?? 0
            alice.type("\u{1B}<")
            let toTop = try await wait("the first line") {
                alice.text.contains("│ 0 words") || alice.text.contains("newer lines")
            }
            alice.type("\u{1B}>")
            let toEnd = try await wait("the last line") { alice.text.contains("99999 words") }
            print(
                "before \(before >> 20) MiB, with 100,000 lines \(after >> 20) MiB; to the top in \(milliseconds(toTop)), "
                    + "back in \(milliseconds(toEnd))")
            #expect(after < 100_000_000)
            #expect(try await alice.quit() == .exited(0))
        }
    }
}
