import Foundation
import Testing
import Wire

extension Integration {
    /// What programs ask for and say by HTTP, on two instances with nothing configured: from this machine.
    @Suite("API", .serialized, .cluster(instances: 2, ["monitor_texts": true]))
    struct API {
        private func object(_ answer: HTTPAnswer) throws -> JSONObject {
            try JSONObject(Array(answer.body.utf8), keepingNested: true)
        }

        private func get(_ path: String, of instance: Int = 0) async throws -> JSONObject {
            let answer = try await HTTPProbe.get(port: try Cluster.current[instance].port, path)
            #expect(answer.status == 200 && answer["cache-control"] == "no-store", "\(answer)")
            return try object(answer)
        }

        private func post(_ path: String, _ body: String, to instance: Int = 0) async throws -> HTTPAnswer {
            try await HTTPProbe.post(port: try Cluster.current[instance].port, path, body)
        }

        private func objects(_ key: String, of object: JSONObject) throws -> [JSONObject] {
            guard case .array(let values) = object[key] else { throw JSONFieldError(key, .notList) }
            return values.compactMap { if case .object(let object) = $0 { object } else { nil } }
        }

        @Test("What is published is seen by everybody in the room in every dialect, and a retry is not")
        func publishes() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enterV2("alice", "news")
            let bob = try await cluster[1].enter("bob", room: "news")
            let body = #"{"room":"news","content":"it ships","id":"release-1","sender":"ci"}"#
            let first = try await post("/api/publish", body, to: 1)
            #expect(first.status == 201)
            let stored = try object(first)
            #expect(try stored.requiredText("id") == "release-1" && stored.requiredText("room") == "news")
            let seen = try await alice.first("what was published") { frame in
                if case .chatMessage = frame.event { true } else { false }
            }
            guard case .chatMessage(let message) = seen.event else { return }
            #expect(message.sender == "ci" && message.content == "it ships" && message.id == "release-1")
            #expect(try stored.requiredWhole("seq") == message.sequence)
            #expect(try stored.requiredText("timestamp") == message.timestamp)
            _ = try await bob.hearsSooner(said: "it ships")
            for instance in 0..<2 {
                let again = try await post("/api/publish", body, to: instance)
                #expect(again.status == 200)
                let place = try object(again)
                #expect(try place.requiredFlag("duplicate") && place.requiredWhole("seq") == message.sequence)
                #expect(try place.text("timestamp") == message.timestamp)
            }
            try await alice.isQuiet()
            try await alice.close()
            await bob.drop()
        }

        @Test("What is published is stored: another instance has it after the one that took it was killed")
        func publishedIsStored() async throws {
            try await withCluster(instances: 2) { cluster in
                for number in 1...20 {
                    let answer = try await HTTPProbe.post(
                        port: cluster[0].port, "/api/publish",
                        #"{"room":"ops","content":"\#(number)","id":"p\#(number)"}"#)
                    #expect(answer.status == 201)
                }
                await cluster[0].kill9()
                let answer = try await HTTPProbe.get(port: cluster[1].port, "/api/rooms/ops/messages")
                let messages = try objects("messages", of: try object(answer))
                #expect(try messages.map { try $0.requiredText("content") } == (1...20).map { "\($0)" })
                let again = try await HTTPProbe.post(
                    port: cluster[1].port, "/api/publish", #"{"room":"ops","content":"20","id":"p20"}"#)
                #expect(again.status == 200)
            }
        }

        @Test("An announcement is seen by everybody connected anywhere, in whatever room and dialect, and not stored")
        func announces() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enterV2("alice", "dev")
            let bob = try await cluster[1].v2("bob", room: "ops")  // reads nothing yet
            let carol = try await cluster[1].enter("carol", room: "dev")
            let answer = try await post("/api/announce", #"{"content":"back in a minute"}"#)
            #expect(answer.status == 202)
            for client in [alice, bob] {
                let seen = try await client.first("the announcement") { frame in
                    if case .announcement = frame.event { true } else { false }
                }
                guard case .announcement(let content, let timestamp) = seen.event else { continue }
                #expect(content == "back in a minute" && Timestamps.date(timestamp) != nil)
            }
            try await carol.hearsSooner(notice: "back in a minute")
            let history = try await get("/api/rooms/dev/messages", of: 1)
            #expect(try !objects("messages", of: history).contains { try $0.text("content") == "back in a minute" })
            try await alice.close()
            try await bob.close()
            await carol.drop()
        }

        @Test("Either instance tells how all are, and the largest rooms")
        func overview() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enterV2("alice", "dev")
            let bob = try await cluster[1].enterV2("bob", "dev")
            let carol = try await cluster[1].enterV2("carol", "ops")
            for instance in 0..<2 {
                try await eventually("both to answer", equals: ["server-0", "server-1"]) {
                    try objects("instances", of: try await get("/api/cluster", of: instance)).map {
                        try $0.requiredText("name")
                    }
                }
                let overview = try await get("/api/cluster", of: instance)
                #expect(try objects("missing", of: overview).isEmpty)
                let instances = try objects("instances", of: overview)
                #expect(try instances.map { try $0.requiredWhole("connections", as: Int.self) } == [1, 2])
                #expect(try instances.map { try $0.requiredWhole("rooms", as: Int.self) } == [1, 2])
                for one in instances {
                    #expect(try one.requiredWhole("uptime", as: Int.self) > 0)
                    let states = try objects("dependencies", of: one).map { try $0.requiredText("state") }
                    #expect(states == ["ok", "ok", "ok"])
                }
                let rooms = try objects("rooms", of: overview)
                #expect(try rooms.map { try $0.requiredText("name") } == ["dev", "ops"])
                #expect(try rooms.map { try $0.requiredWhole("members", as: Int.self) } == [2, 1])
            }
            for client in [alice, bob, carol] { try await client.close() }
        }

        @Test("An instance tells what has happened on it lately, and the status counts it")
        func monitoring() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let before = try await get("/api/status")
            let alice = try await cluster[0].enterV2("alice", "monitored")
            try await alice.say("hello")
            _ = try? await cluster[0].v2("alice")
            let monitoring = try await get("/api/monitoring")
            let connections = try objects("connections", of: monitoring)
            let own = try #require(try connections.first { try $0.requiredText("username") == "alice" })
            #expect(try own.requiredWhole("messagesSent", as: Int.self) == 1)
            #expect(try own.requiredText("address") == "127.0.0.1" && own.requiredText("dialect") == "chat.v2")
            #expect(Timestamps.date(try own.requiredText("connectedAt")) != nil)
            #expect(Timestamps.date(try own.requiredText("lastActivity")) != nil)
            #expect(try monitoring.requiredWhole("totalConnections", as: Int.self) >= 1)
            let message = try #require(try objects("recentMessages", of: monitoring).last)
            #expect(try message.requiredText("content") == "hello" && message.requiredText("room") == "monitored")
            let events = try objects("recentEvents", of: monitoring)
            let kinds = try events.filter { try $0.text("username") == "alice" }.map { try $0.requiredText("kind") }
            #expect(kinds.suffix(3) == ["connected", "joined", "refused"])
            let after = try await get("/api/status")
            #expect(try after.requiredText("status") == "running")
            let messages = try (
                before.requiredWhole("totalMessages", as: Int.self), after.requiredWhole("totalMessages", as: Int.self)
            )
            #expect(messages.1 == messages.0 + 1)
            #expect(
                try after.requiredWhole("totalEvents", as: Int.self) > before.requiredWhole("totalEvents", as: Int.self)
            )
            #expect(Timestamps.date(try after.requiredText("startTime")) != nil)
            try await alice.close()
        }

        @Test("What is wrong with a request is said as JSON, with a fitting status")
        func refusals() async throws {
            let port = try Cluster.current[0].port
            let long = String(repeating: "x", count: 20_000)
            for (answer, status, wanted) in [
                (try await post("/api/publish", #"{"room":"two words","content":"x"}"#), 400, "invalid_room"),
                (try await post("/api/publish", #"{"room":"dev","content":" "}"#), 400, "empty_message"),
                (try await post("/api/publish", #"{"room":"dev","content":"\#(long)"}"#), 413, "message_too_long"),
                (try await post("/api/publish", #"{"room":"dev","content":"x","extra":{}}"#), 400, "bad_request"),
                (try await post("/api/announce", #"{"content":""}"#), 400, "empty_message"),
                (try await HTTPProbe.get(port: port, "/api/publish"), 405, "method_not_allowed"),
                (try await post("/api/cluster", "{}"), 405, "method_not_allowed"),
                (try await post("/api/status", "{}"), 405, "method_not_allowed"),
                (try await HTTPProbe.get(port: port, "/api/monitoring?limit=0"), 400, "bad_request"),
                (try await HTTPProbe.get(port: port, "/api/rooms/dev/messages?limit=101"), 400, "bad_request"),
                (try await HTTPProbe.get(port: port, "/api/rooms/dev/messages?before=1&after=1"), 400, "bad_request"),
                (try await HTTPProbe.get(port: port, "/api/nothing"), 404, "not_found"),
                (
                    try await HTTPProbe.get(port: port, "/api/cluster", headers: ["X-Forwarded-For: 192.0.2.1"]), 403,
                    "forbidden"
                ),
                (
                    try await HTTPProbe.get(
                        port: port, "/api/rooms/dev/messages", headers: ["Origin: https://evil.example"]), 403,
                    "forbidden"
                ),
            ] {
                #expect(answer.status == status && answer["cache-control"] == "no-store", "\(answer)")
                #expect(try object(answer).requiredObject("error").requiredText("code") == wanted, "\(answer)")
            }
        }
    }
}
