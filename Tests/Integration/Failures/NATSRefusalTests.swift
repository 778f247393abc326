import Foundation
import Testing
import Wire

extension Integration {
    /// JetStream answers, and what it says is no.
    @Suite("NATS refuses to store", .serialized)
    struct NATSRefusal {
        private func readiness(_ instance: ChatInstance) async throws -> String {
            let answer = try await instance.get("/readyz")
            return "\(answer.status) \(answer.body)"
        }

        private func metric(_ name: String, _ instance: ChatInstance) async throws -> Int {
            let lines = try await instance.get("/metrics").body.split(separator: "\n")
            let line = try #require(lines.first { $0.hasPrefix(name + " ") }, "no \(name)")
            return try #require(Int(line.dropFirst(name.count + 1)), "\(line)")
        }

        /// Changes settings of a stream that is there.
        private func edit(_ stream: String, _ peer: NATSPeer, _ changes: [String: Any]) async throws {
            let answer = try await peer.request("$JS.API.STREAM.INFO.\(stream)")
            let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
            let settings = try #require(object?["config"] as? [String: Any]).merging(changes) { $1 }
            let request = String(decoding: try JSONSerialization.data(withJSONObject: settings), as: UTF8.self)
            let updated = try await peer.request("$JS.API.STREAM.UPDATE.\(stream)", request)
            try #require(!updated.contains("\"error\""), "\(updated)")
        }

        private func lines(_ instance: ChatInstance, _ text: String) -> Int {
            instance.output.split(separator: "\n").count { $0.contains(text) }
        }

        @Test("A message that has become too large is refused for good, in both dialects, and the next is stored")
        func tooLarge() async throws {
            try await withCluster(instances: 1) { cluster in
                let nats = try #require(cluster.backing).nats
                let peer = try await NATSPeer.connect(port: nats.port)
                let alice = try await cluster[0].enterV2("alice", "dev")
                let long = String(repeating: "x", count: 12_000)
                try await alice.say(long)

                try await edit("CHAT", peer, ["max_msg_size": 8192])
                try await eventually("the limit to be noticed", seen: { cluster[0].logTail }) {
                    lines(cluster[0], "long messages cannot be stored") == 1
                }
                #expect(cluster[0].output.contains("max_msg_size of stream CHAT is 8192 bytes"))
                let refs = ["1", "2", "3"]
                for ref in refs {
                    alice.send(.chatMessage(content: ref == "2" ? "short" : long, room: nil, id: ref), ref: ref)
                }
                // An acknowledgement stands in its message's place in the room, a refusal in none.
                var answers: [String: String] = [:]
                for _ in refs {
                    let frame = try await alice.next("alice to get an answer")
                    let ref = try #require(frame.ref)
                    switch frame.event {
                    case .ack: answers[ref] = "stored"
                    case .error(let code, _, _): answers[ref] = code
                    default: throw Unexpected("alice was to get an answer and got \(frame)")
                    }
                }
                #expect(answers == ["1": "message_too_long", "2": "stored", "3": "message_too_long"])
                let bob = try await cluster[0].enter("bob", room: "dev")
                bob.say(long)
                #expect(try await bob.hearsError().hasPrefix("message too long"))
                #expect(try await readiness(cluster[0]) == "200 ready\n")
                #expect(
                    try await metric(#"chat_appends_failed_by_reason_total{reason="too_large"}"#, cluster[0]) == 3)

                try await edit("CHAT", peer, ["max_msg_size": -1])
                try await eventually("the limit to be gone", seen: { cluster[0].logTail }) {
                    lines(cluster[0], "long messages can be stored again") == 1
                }
                await peer.close()
            }
        }

        @Test("What a NATS server takes may shrink and grow while it runs, and the client's line goes on")
        func smallerPayload() async throws {
            let nats = try NATSServer(configuration: "max_payload: 1MB")
            try await withCluster(instances: 1, nats: nats) { cluster in
                let alice = try await cluster[0].enterV2("alice", "dev")
                try await alice.say("short")
                try nats.reload("max_payload: 8192")
                let long = String(repeating: "x", count: 12_000)
                try await eventually("a long message to be refused for good") {
                    let ref = alice.send(.chatMessage(content: long, room: nil, id: nil))
                    let answer = try await alice.first("an answer") { $0.ref == ref }
                    guard case .error(let code, _, _) = answer.event else { return false }
                    return code == "message_too_long"
                }
                try await alice.say("short again")
                try await eventually("the limit to be noticed", seen: { cluster[0].logTail }) {
                    cluster[0].output.contains("max_payload is 8192 bytes")
                }
                #expect(lines(cluster[0], "long messages cannot be stored") == 1)

                try nats.reload("max_payload: 1MB")
                try await eventually("the limit to be gone", within: .seconds(15), seen: { cluster[0].logTail }) {
                    lines(cluster[0], "long messages can be stored again") == 1
                }
                try await alice.say(long)
            }
        }

        @Test("An account that is full is told of once, in /readyz too, until there is room: nobody need try for that")
        func fullAccount() async throws {
            let nats = try NATSServer(
                configuration: """
                    accounts { A { jetstream { max_store: 1MB }, users: [ { user: a, password: a } ] } }
                    no_auth_user: a
                    """)
            try await withCluster(instances: 1, nats: nats) { cluster in
                let alice = try await cluster[0].enterV2("alice", "dev")
                let bob = try await cluster[0].enter("bob", room: "other")
                let text = String(repeating: "x", count: 16_000)
                var refused = 0
                try await eventually("the account to be full", within: .seconds(20)) {
                    let ref = alice.send(.chatMessage(content: text, room: nil, id: nil))
                    guard
                        case .error(let code, _, _) = try await alice.first("an answer", where: { $0.ref == ref }).event
                    else { return false }
                    #expect(code == "unavailable")
                    refused += 1
                    return try await readiness(cluster[0]).hasPrefix("503")
                }
                let reason = "resource limits exceeded for account"
                #expect(
                    try await readiness(cluster[0])
                        == "503 not ready: messages cannot be stored: stream CHAT: \(reason)\n")
                #expect(try await cluster[0].get("/healthz").status == 200)
                #expect(
                    try await metric(#"chat_appends_failed_by_reason_total{reason="full"}"#, cluster[0]) == refused)
                #expect(lines(cluster[0], reason) == 1, "\(cluster[0].logTail)")
                bob.say(text)
                #expect(try await bob.hearsError() == "not sent: the message store is full, try again later")

                let peer = try await NATSPeer.connect(port: nats.port)
                let purged = try await peer.request("$JS.API.STREAM.PURGE.CHAT")
                try #require(purged.contains("\"success\":true"), "\(purged)")
                await peer.close()
                try await eventually("to be ready by itself", equals: "200 ready\n") {
                    try await readiness(cluster[0])
                }
                #expect(lines(cluster[0], "messages can be stored again") == 1)
                #expect(lines(cluster[0], "messages cannot be stored and are refused") == 1)
                let ref = alice.send(.chatMessage(content: text, room: nil, id: nil))
                guard case .ack = try await alice.first("an answer", where: { $0.ref == ref }).event else {
                    throw Unexpected("the message was not stored")
                }
            }
        }

        @Test("A stream that an operator seals while it is used is named in /readyz")
        func sealed() async throws {
            try await withCluster(instances: 1) { cluster in
                let nats = try #require(cluster.backing).nats
                let peer = try await NATSPeer.connect(port: nats.port)
                let alice = try await cluster[0].enterV2("alice", "dev")
                try await alice.say("stored")
                try await edit("CHAT", peer, ["sealed": true])
                let ref = alice.send(.chatMessage(content: "refused", room: nil, id: nil))
                try await alice.isRefused("unavailable", ref: ref)
                try await eventually("not to be ready") {
                    try await readiness(cluster[0]).contains("invalid operation on sealed stream")
                }
                #expect(
                    try await metric(#"chat_appends_failed_by_reason_total{reason="refused"}"#, cluster[0]) == 1)
                // The operator deletes it, and the server makes another one: no message is needed for that.
                let deleted = try await peer.request("$JS.API.STREAM.DELETE.CHAT")
                try #require(deleted.contains("\"success\":true"), "\(deleted)")
                try await eventually(
                    "to be ready by itself", within: .seconds(20), seen: { cluster[0].logTail }
                ) { try await readiness(cluster[0]).hasPrefix("200") }
                // It is another log, so alice was sent away.
                let dave = try await cluster[0].enterV2("dave", "dev")
                try await dave.say("stored again")
                await peer.close()
            }
        }

        @Test("A NATS that comes back without JetStream is told of once, not with each look, and so is its return")
        func withoutJetStream() async throws {
            let nats = try NATSServer()
            try await withCluster(instances: 1, nats: nats) { cluster in
                func said(_ text: String) -> [Substring] {
                    cluster[0].output.split(separator: "\n").filter { $0.contains(text) && $0.contains("stream=CHAT") }
                        .map { $0.drop { $0 != " " } }
                }
                let alice = try await cluster[0].enterV2("alice", "dev")
                try await alice.say("before")
                try nats.reload("jetstream: disabled")
                await nats.kill9()
                try await nats.start()
                // Storing is given up a second after the first refusal. A stream is looked at twice a second.
                try await eventually("messages to be refused", seen: { cluster[0].logTail }) {
                    let ref = alice.send(.chatMessage(content: "meanwhile", room: nil, id: "m"))
                    guard case .error = try await alice.first("an answer", where: { $0.ref == ref }).event else {
                        return false
                    }
                    return try await readiness(cluster[0]).contains("stream CHAT: nobody answers")
                }
                try nats.reload("")
                try await eventually("to be ready again", equals: "200 ready\n", within: .seconds(20)) {
                    try await readiness(cluster[0])
                }
                let complaints = said("a stream is not usable")
                #expect(!complaints.isEmpty)
                #expect(zip(complaints, complaints.dropFirst()).allSatisfy { $0 != $1 }, "\(complaints)")
                #expect(said("a stream is usable again").count == 1)
                try await alice.say("meanwhile", id: "m")
            }
        }

        @Test("A stream that stops confirming is told of when the first confirmation is due")
        func mute() async throws {
            try await withCluster(instances: 1, ["append_timeout_seconds": 1]) { cluster in
                let nats = try #require(cluster.backing).nats
                let alice = try await cluster[0].enterV2("alice", "dev")
                nats.freeze()
                let ref = alice.send(.chatMessage(content: "into the void", room: nil, id: nil))
                try await alice.isRefused("unavailable", ref: ref)
                try await eventually("not to be ready") {
                    try await readiness(cluster[0]).contains("stream CHAT: no answer in time")
                }
                nats.thaw()
                // Nobody says anything more.
                try await eventually("to be ready again", equals: "200 ready\n") {
                    try await readiness(cluster[0])
                }
            }
        }
    }
}
