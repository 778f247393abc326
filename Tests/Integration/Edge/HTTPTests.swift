import Foundation
import Testing

extension Integration {
    @Suite("HTTP", .serialized, .cluster(instances: 2))
    struct HTTP {
        /// Asks for an upgrade and gives what is answered instead of 101.
        private func refusal(_ path: String, headers: [String] = []) async throws -> HTTPAnswer {
            do {
                let client = try await WebSocketClient.open(
                    port: try Cluster.current[0].port, path: path, name: "nobody", headers: headers)
                await client.drop()
                throw SpawnFailed(description: "\(path) was upgraded")
            } catch let refused as UpgradeRefused {
                return refused.answer
            }
        }

        @Test(
            "An upgrade without a username is answered with 400 in plain text",
            arguments: ["/ws", "/ws?username=", "/ws?room=dev"])
        func noUsername(_ path: String) async throws {
            let answer = try await refusal(path)
            #expect(answer.status == 400)
            #expect(answer.body.trimmingCharacters(in: .newlines) == "username required")
            #expect(answer["content-type"]?.hasPrefix("text/plain") == true)
        }

        @Test(
            "A name that breaks a rule is answered with 400 in plain text that says which",
            arguments: [
                ("username", "two%20words"), ("username", "tab%09"), ("username", "bell%07x"),
                ("username", "line%0Abreak"),
                ("username", "%E2%80%8Balice"), ("username", "alice%E2%80%8D"), ("username", "%EF%BB%BFalice"),
                ("username", "a%C2%A0b"), ("username", "a%E3%80%80b"), ("username", "del%7Fx"),
                ("username", String(repeating: "x", count: 33)), ("username", String(repeating: "%C3%A9", count: 33)),
                ("username", String(repeating: "x", count: 5_000)),
                ("room", "two%20words"), ("room", "bell%07x"), ("room", "dev%E2%80%8B"),
                ("room", String(repeating: "x", count: 65)),
            ])
        func badName(_ key: String, _ value: String) async throws {
            let path = key == "username" ? "/ws?username=\(value)" : "/ws?username=alice&room=\(value)"
            let answer = try await refusal(path)
            #expect(answer.status == 400)
            #expect(answer.body.lowercased().contains(key))
            #expect(!answer.body.isEmpty && answer.body != "username required")
            #expect(answer["content-type"]?.hasPrefix("text/plain") == true)
        }

        @Test("Bytes that are no UTF-8 are no name", arguments: ["%FF", "a%C3", "%ED%A0%80", "%zz"])
        func badEncoding(_ value: String) async throws {
            #expect(try await refusal("/ws?username=\(value)").status == 400)
        }

        @Test("Names of just the permitted length are taken, and normalised to form C")
        func goodNames() async throws {
            let cluster = try Cluster.current
            let longest = String(repeating: "é", count: 32)
            let client = try await WebSocketClient.open(
                port: cluster[0].port, path: "/ws?username=\(String(repeating: "e%CC%81", count: 32))", name: longest)
            try await client.hears(notice: "\(longest) joined the room global")
            // The composed spelling is the same name.
            let twin = try await cluster[1].client(longest)
            try await twin.hears(notice: "username already exists")
            try await client.close()
        }

        @Test("A name in use is refused on every instance by one message and a close with 4001")
        func nameInUse() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enter("alice")
            for instance in cluster.instances {
                let twin = try await instance.client("alice", room: "dev")
                try await twin.hears(notice: "username already exists")
                #expect(try await twin.closed().code == 4001)
                #expect(twin.texts.all.count == 1)
            }
            try await alice.isQuiet()
            #expect(try await alice.rooms() == ["global"])
            // Names are case-sensitive.
            let other = try await cluster[1].enter("Alice")
            try await alice.hears(notice: "Alice joined the room global")
            try await other.close()
            try await alice.hears(notice: "Alice left the room")
            try await alice.close()
            // The close is answered before the name is free, so that a slow Redis holds no goodbye up.
            try await cluster.isEmpty()
            let again = try await cluster[1].enter("alice")
            try await again.close()
        }

        @Test("/ws without an upgrade is answered with 426")
        func upgradeRequired() async throws {
            let answer = try await Cluster.current[0].get("/ws?username=alice")
            #expect(answer.status == 426)
            #expect(answer["upgrade"]?.lowercased() == "websocket")
        }

        @Test("An upgrade that RFC 6455 does not allow is refused")
        func badUpgrades() async throws {
            let instance = try Cluster.current[0]
            let common = ["Upgrade: websocket", "Connection: Upgrade"]
            let wrong: [[String]] = [
                common + ["Sec-WebSocket-Version: 13"],
                common + ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 8"],
                common + ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="],
            ]
            for headers in wrong {
                // `get` closes after the answer; what counts is that it is not 101 and that the server stays up.
                let answer = try await HTTPProbe.get(port: instance.port, "/ws?username=eve", headers: headers)
                #expect((400..<500).contains(answer.status), "\(headers)")
            }
            #expect(try await instance.get("/rooms").body.trimmingCharacters(in: .newlines) == "[]")
        }

        @Test(
            "An upgrade that nobody takes is answered, and the connection goes on: the next request can be one",
            arguments: [
                ("/healthz", "h2c", 200), ("/healthz", "websocket", 200), ("/rooms", "h2c", 200),
                ("/nothing", "websocket", 404), ("/ws", "websocket", 400),
                ("/ws?username=two%20words", "websocket", 400), ("/ws?username=alice", "h2c", 426),
            ])
        func refusedUpgrade(_ path: String, _ upgrade: String, _ status: Int) async throws {
            let instance = try Cluster.current[0]
            let request = [
                "GET \(path) HTTP/1.1", "Host: 127.0.0.1", "Connection: Upgrade, keep-alive", "Upgrade: \(upgrade)",
                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13", "", "",
            ].joined(separator: "\r\n")
            let client = try await WebSocketClient.open(
                port: instance.port, path: "/ws?username=alice", name: "alice", after: .oneByOne([request, request]))
            try await client.hears(notice: "alice joined the room global")
            try await client.close()
            // Alone, with an end.
            let answer = try await HTTPProbe.answers(
                port: instance.port,
                toRequest: request.replacingOccurrences(of: "keep-alive", with: "close"))
            #expect(answer.map(\.status) == [status])
            try await Cluster.current.isEmpty()
        }

        private static let earlier = [
            "GET /rooms HTTP/1.1\r\nHost: proxy\r\n\r\n", "GET /nothing HTTP/1.1\r\nHost: proxy\r\n\r\n",
            "POST /healthz HTTP/1.1\r\nHost: proxy\r\nContent-Length: 4\r\n\r\nbody",
            "GET /ws?username=alice HTTP/1.1\r\nHost: proxy\r\n\r\n",
        ]

        @Test("A connection on which something was asked before can be upgraded, as proxies do that keep connections")
        func laterUpgrade() async throws {
            let instance = try Cluster.current[0]
            let witness = try await instance.enter("witness")
            let client = try await WebSocketClient.open(
                port: instance.port, path: "/ws?username=alice", name: "alice", after: .oneByOne(Self.earlier))
            try await client.hears(notice: "alice joined the room global")
            client.say("through")
            try await witness.hears(notice: "alice joined the room global")
            #expect(try await witness.next().said == "through")
            try await client.close()
            try await witness.close()
            try await Cluster.current.isEmpty()
        }

        @Test("Also where all of it comes at once, and frames behind it, which keep their order")
        func pipelinedUpgrade() async throws {
            let instance = try Cluster.current[0]
            let witness = try await instance.enter("witness")
            let frames = ["one", "two", "three"].map {
                WebSocketFrame.text(#"{"type":"chat_message","content":"\#($0)"}"#)
            }
            let client = try await WebSocketClient.open(
                port: instance.port, path: "http://proxy/ws?username=alice", name: "alice",
                after: .atOnce(Self.earlier, frames))
            try await witness.hears(notice: "alice joined the room global")
            for text in ["one", "two", "three"] { #expect(try await witness.next().said == text) }
            try await client.close()
            try await witness.close()
            try await Cluster.current.isEmpty()
        }

        @Test(
            "A request that leaves open where it ends is answered once, and the connection is closed",
            arguments: [
                "Transfer-Encoding: xchunked\r\n\r\n", "Transfer-Encoding: identity\r\n\r\n",
                "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
                "Transfer-Encoding: chunked\r\n\r\n1;a\nb\r\nx\r\n0\r\n\r\n",
                "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
                "Content-Length: 4\r\nContent-Length: 0\r\n\r\nbody", "Content-Length : 4\r\n\r\nbody",
                "Host: other\r\n\r\n",
            ])
        func oneAnswer(_ rest: String) async throws {
            let answers = try await HTTPProbe.answers(
                port: try Cluster.current[0].port, toRequest: "POST /healthz HTTP/1.1\r\nHost: x\r\n" + rest)
            #expect(answers.map(\.status) == [400])
            #expect(answers.first?["connection"] == "close")
        }

        @Test("What is no HTTP is answered with 400 and the connection is closed")
        func noHTTP() async throws {
            let instance = try Cluster.current[0]
            let answers = try await HTTPProbe.answers(port: instance.port, toRequest: "what is this?\r\n\r\n")
            #expect(answers.map(\.status) == [400])
            #expect(try await instance.get("/healthz").status == 200)
        }

        @Test("Another path is not the chat's, upgrade or not")
        func otherPaths() async throws {
            #expect(try await refusal("/chat?username=alice").status == 404)
            #expect(try await Cluster.current[0].get("/nothing").status == 404)
            #expect(try await Cluster.current[0].get("/healthz/more").status == 404)
            #expect(try await Cluster.current[0].get("/healthz/").status == 404)
            #expect(try await refusal("/ws/?username=alice").status == 404)
        }

        @Test("Unknown subprotocols and extensions are not accepted, and the dialect is classic")
        func subprotocol() async throws {
            let client = try await WebSocketClient.open(
                port: try Cluster.current[0].port, "alice",
                headers: ["Sec-WebSocket-Protocol: chat.v9, soap", "Sec-WebSocket-Extensions: permessage-deflate"])
            try await client.hears(notice: "alice joined the room global")
            #expect(client.handshake["sec-websocket-protocol"] == nil)
            #expect(client.handshake["sec-websocket-extensions"] == nil)
            try await client.close()
        }

        @Test("/healthz and /readyz say yes, to HEAD as well, and nothing else can be done with them")
        func health() async throws {
            for instance in try Cluster.current.instances {
                for path in ["/healthz", "/readyz"] {
                    let get = try await instance.get(path)
                    #expect(get.status == 200)
                    let head = try await HTTPProbe.get(port: instance.port, path, method: "HEAD")
                    #expect(head.status == 200 && head.body.isEmpty)
                    #expect(head["content-length"] == "\(get.body.utf8.count)")
                    let post = try await HTTPProbe.get(port: instance.port, path, method: "POST")
                    #expect(post.status == 405 && post["allow"] == "GET, HEAD, OPTIONS")
                }
            }
        }

        @Test("/rooms lists names and members, sorted, the same on both instances")
        func rooms() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let clients = [
                try await cluster[0].enter("alice", room: "dev"), try await cluster[1].enter("bob", room: "dev"),
                try await cluster[1].enter("carol"), try await cluster[0].enter("dora", room: "日本\"語"),
            ]
            for instance in cluster.instances {
                let answer = try await instance.get("/rooms")
                #expect(answer.status == 200)
                #expect(answer["content-type"]?.hasPrefix("application/json") == true)
                #expect(
                    try await instance.rooms() == [
                        .init(name: "dev", members: 2), .init(name: "global", members: 1),
                        .init(name: "日本\"語", members: 1),
                    ])
            }
            // In parts, each of which leads to the next.
            var path = "/rooms?limit=1"
            var found: [String] = []
            for _ in 0..<2 {
                let answer = try await cluster[found.count].get(path)
                found.append(answer.body)
                let link = try #require(answer["link"])
                #expect(link.hasPrefix("</rooms?after=") && link.hasSuffix(#"&limit=1>; rel="next""#))
                path = String(link.dropFirst().prefix { $0 != ">" })
            }
            let last = try await cluster[1].get(path)
            #expect(last["link"] == nil)
            #expect(
                found + [last.body] == [
                    #"[{"name":"dev","members":2}]"#, #"[{"name":"global","members":1}]"#,
                    #"[{"name":"日本\"語","members":1}]"#,
                ])
            #expect(try await cluster[0].get("/rooms?after=%E6%97%A5%E6%9C%AC%22%E8%AA%9E").body == "[]")
            for client in clients { try await client.close() }
            try await cluster.isEmpty()
        }

        @Test(
            "A part of /rooms that cannot be is refused with 400 in plain text",
            arguments: [
                "limit=0", "limit=1001", "limit=-1", "limit=ten", "limit=", "limit=1.5", "after=%FF", "after=%z",
            ])
        func badRange(_ query: String) async throws {
            let answer = try await Cluster.current[0].get("/rooms?\(query)")
            #expect(answer.status == 400)
            #expect(answer["content-type"]?.hasPrefix("text/plain") == true)
            #expect(answer.body.contains(query.hasPrefix("limit") ? "from 1 to 1000" : "the query"))
        }

        @Test("/api/status is an object that names the instance")
        func status() async throws {
            for instance in try Cluster.current.instances {
                let answer = try await instance.get("/api/status")
                #expect(answer.status == 200)
                #expect(answer["content-type"]?.hasPrefix("application/json") == true)
                let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
                #expect(object != nil)
                #expect(answer.body.contains("\"\(instance.name)\""))
            }
        }

        @Test(
            "/metrics is Prometheus text in which every sample has a type and no label holds a name of a user or room")
        func metrics() async throws {
            let cluster = try Cluster.current
            let client = try await cluster[0].enter("metrics-alice", room: "metrics-room")
            client.say("counted")
            try await client.isQuiet()
            let answer = try await cluster[0].get("/metrics")
            #expect(answer.status == 200)
            #expect(answer["content-type"]?.hasPrefix("text/plain") == true)
            #expect(answer.body.hasSuffix("\n"))
            try PrometheusText.check(answer.body)
            #expect(!answer.body.contains("metrics-alice") && !answer.body.contains("metrics-room"))
            try await client.close()
        }
    }
}
