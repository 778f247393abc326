import Foundation
import Testing
import Wire

extension Integration {
    /// A server by itself whose data directory is taken from under it.
    @Suite("Embedded: where the messages go", .serialized)
    struct EmbeddedStorage {
        private func start(_ sync: String) async throws -> ChatInstance {
            let instance = try ChatInstance(
                "embedded-storage-\(sync)", ["log_sync": .text(sync), "data_directory": "messages"])
            try await instance.start()
            return instance
        }

        private func isUnready(_ instance: ChatInstance) async throws -> Bool {
            let answer = try await instance.get("/readyz")
            return answer.status == 503 && answer.body.contains("messages cannot be stored")
        }

        @Test(
            "Put aside, it is missed without a message, nothing is acknowledged, and all goes on when it is back",
            arguments: ["always", "interval"])
        func aside(sync: String) async throws {
            let instance = try await start(sync)
            let alice = try await instance.enterV2("alice")
            try await alice.say("before")
            let directory = instance.directory.appending(path: "messages")
            let aside = instance.directory.appending(path: "aside")
            try FileManager.default.moveItem(at: directory, to: aside)
            try await eventually("readiness to see it") { try await isUnready(instance) }
            for number in 0..<3 {
                let ref = alice.send(.chatMessage(content: "to nowhere \(number)", room: nil, id: nil))
                try await alice.isRefused("unavailable", ref: ref)
            }
            #expect(try await instance.get("/metrics").body.contains("chat_appends_failed_total 3\n"))
            // Once, not for each.
            let lines = instance.output.split(separator: "\n").filter { $0.contains("messages cannot be stored") }
            #expect(lines.count == 1)
            try FileManager.default.moveItem(at: aside, to: directory)
            // With nobody who sends anything.
            try await eventually("readiness to come back") { await instance.isReady() }
            try await alice.say("after")
            try await alice.close()
            await instance.kill9()
            try await instance.start()
            let bob = try await instance.enterV2("bob")
            #expect(try await bob.history("global").messages.map(\.content) == ["before", "after"])
            await instance.kill9()
        }

        @Test("Deleted, nothing is acknowledged any more", arguments: ["always", "interval"])
        func deleted(sync: String) async throws {
            let instance = try await start(sync)
            let alice = try await instance.enterV2("alice")
            try await alice.say("before")
            try FileManager.default.removeItem(at: instance.directory.appending(path: "messages"))
            for number in 0..<3 {
                let ref = alice.send(.chatMessage(content: "to nowhere \(number)", room: nil, id: nil))
                try await alice.isRefused("unavailable", ref: ref)
            }
            #expect(try await isUnready(instance))
            await instance.kill9()
        }
    }
}
