import NIOCore
import Testing
import WebSocketRules
import Wire

extension Integration {
    @Suite(
        "permessage-deflate", .serialized,
        .cluster(instances: 2, ["compression": "on", "compression_minimum_bytes": 128]))
    struct Compression {
        private static let agreed = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
        private static let long = String(repeating: "the same words again and again, ", count: 40)

        private static func offer(_ parameters: String = "") -> String {
            "Sec-WebSocket-Extensions: permessage-deflate\(parameters)"
        }

        /// A client of the classic dialect.
        private func classic(_ name: String, _ room: String, on instance: Int, _ offers: [String]) async throws
            -> WebSocketClient
        {
            let client = try await Cluster.current[instance].client(
                name, path: "/ws?username=\(name)&room=\(room)", headers: offers)
            try await client.hears(notice: "\(name) joined the room \(room)")
            return client
        }

        /// A client of `chat.v2` that reads the room from its present end on.
        private func v2(_ name: String, _ room: String, on instance: Int, _ offers: [String]) async throws -> V2Client {
            let socket = try await Cluster.current[instance].client(
                name, path: "/ws?username=\(name)&room=\(room)", headers: [ChatInstance.v2] + offers)
            let first = try await socket.texts.next("\(name)'s welcome")
            guard case .welcome(let welcome)? = (try? V2Frame(json: first.bytes))?.event else {
                throw SpawnFailed(description: "\(name) was to be welcomed and got \(first)")
            }
            let client = V2Client(socket: socket, welcome: welcome)
            try await client.join(room, history: 0)
            return client
        }

        private func compressed(_ text: String) throws -> [UInt8] {
            let bytes = Array(text.utf8).withUnsafeBytes { Deflater(.full).deflate($0) }
            return Array(try #require(bytes).readableBytesView)
        }

        @Test("Plain, compressed and narrow clients of both dialects, on both instances, read the same texts")
        func sameTexts() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let offers = [[], [Self.offer()], [Self.offer("; server_max_window_bits=10")]]
            var modern: [V2Client] = []
            var classics: [WebSocketClient] = []
            for instance in 0..<2 {
                for (kind, offer) in offers.enumerated() {
                    modern.append(try await v2("v\(instance)\(kind)", "mixed", on: instance, offer))
                    classics.append(try await classic("c\(instance)\(kind)", "mixed", on: instance, offer))
                }
            }
            let speaker = try await v2("speaker", "mixed", on: 0, [Self.offer()])
            let texts = [Self.long + "one", "short", Self.long + "two 日本語"]
            for text in texts { try await speaker.say(text) }
            for listener in modern {
                for text in texts {
                    _ = try await listener.first("the message") { frame in
                        if case .chatMessage(let message) = frame.event { message.content == text } else { false }
                    }
                }
                let isPlain = listener.name.hasSuffix("0")
                #expect(listener.socket.compressed.all.isEmpty == isPlain, "\(listener.name)")
                #expect(listener.socket.violations.all.isEmpty)
            }
            for listener in classics {
                for text in texts { try await listener.hearsSooner(said: text) }
                // Two messages are long enough, and are then less than a quarter of what they say.
                let sizes = listener.compressed.all
                #expect(sizes.filter { $0 < Self.long.utf8.count / 4 }.count == (listener.name.hasSuffix("0") ? 0 : 2))
                #expect(listener.violations.all.isEmpty)
            }
            // A page of history is an answer to one client.
            let before = speaker.socket.compressed.all.count
            let page = try await speaker.history("mixed")
            #expect(page.messages.map(\.content) == texts)
            #expect(speaker.socket.compressed.all.count == before + 1)
            try await cluster.vacate()
        }

        @Test("What a client compresses is understood, in fragments too")
        func fromClient() async throws {
            try await Cluster.current.vacate()
            let listener = try await classic("listener", "said", on: 1, [])
            let speaker = try await classic("speaker", "said", on: 0, [Self.offer("; client_max_window_bits")])
            try await listener.hears(notice: "speaker joined the room said")
            let frame = try compressed(#"{"type":"chat_message","content":"\#(Self.long)"}"#)
            speaker.send(.init(opcode: WebSocketFrame.Opcode.text, reserved: 0x40, payload: frame))
            #expect(try await listener.next().said == Self.long)
            let half = frame.count / 2
            speaker.send(
                .init(
                    opcode: WebSocketFrame.Opcode.text, isFinal: false, reserved: 0x40, payload: Array(frame[..<half])))
            speaker.send(.init(opcode: WebSocketFrame.Opcode.ping, payload: [1]))
            speaker.send(.init(opcode: WebSocketFrame.Opcode.continuation, payload: Array(frame[half...])))
            #expect(try await listener.next().said == Self.long)
            speaker.say("plain")
            #expect(try await listener.next().said == "plain")
            try await Cluster.current.vacate()
        }

        @Test(
            "An offer is answered with what was agreed on, or passed over",
            arguments: [
                ("", agreed), ("; server_max_window_bits=9", agreed + "; server_max_window_bits=9"),
                ("; client_max_window_bits=8", agreed), ("; server_max_window_bits=8", nil),
                ("; server_max_window_bits=8, permessage-deflate; client_max_window_bits", agreed),
                ("; server_max_window_bits=16", nil), ("; unknown", nil), (";", nil),
            ] as [(String, String?)])
        func negotiation(parameters: String, answer: String?) async throws {
            try await Cluster.current.vacate()
            let client = try await classic("alice", "offers", on: 0, [Self.offer(parameters)])
            #expect(client.handshake["sec-websocket-extensions"] == answer)
            try await client.close()
        }

        @Test(
            "Bombs, broken data and marks where none belong end the connection, and harm nobody else",
            arguments: ["bomb", "bomb in fragments", "no data", "ping", "continuation", "not agreed on"])
        func misuse(kind: String) async throws {
            try await Cluster.current.vacate()
            let instance = try Cluster.current[0]
            let witness = try await classic("witness", "misuse", on: 0, [])
            let culprit = try await classic(
                "culprit", "misuse", on: 0, kind == "not agreed on" ? [] : [Self.offer()])
            try await witness.hears(notice: "culprit joined the room misuse")
            let bomb = try compressed(String(repeating: " ", count: 32 << 20))
            let memory = instance.residentBytes ?? 0
            var code: UInt16 = 1002
            switch kind {
            case "bomb":
                culprit.send(.init(opcode: WebSocketFrame.Opcode.text, reserved: 0x40, payload: bomb))
                code = 1009
            case "bomb in fragments":
                culprit.send(
                    .init(
                        opcode: WebSocketFrame.Opcode.text, isFinal: false, reserved: 0x40,
                        payload: Array(bomb.prefix(1000))))
                culprit.send(
                    .init(opcode: WebSocketFrame.Opcode.continuation, payload: Array(bomb.dropFirst(1000))))
                code = 1009
            case "no data":
                culprit.send(.init(opcode: WebSocketFrame.Opcode.text, reserved: 0x40, payload: [0xFF, 0xFF]))
                code = 1007
            case "ping": culprit.send(.init(opcode: WebSocketFrame.Opcode.ping, reserved: 0x40))
            case "continuation":
                culprit.send(.init(opcode: WebSocketFrame.Opcode.text, isFinal: false, reserved: 0x40, payload: [0]))
                culprit.send(.init(opcode: WebSocketFrame.Opcode.continuation, reserved: 0x40, payload: [0]))
            default: culprit.send(.init(opcode: WebSocketFrame.Opcode.text, reserved: 0x40, payload: [0]))
            }
            #expect(try await culprit.closed().code == code)
            try await witness.hears(notice: "culprit left the room")
            #expect((instance.residentBytes ?? 0) - memory < 16 << 20)
            try await Cluster.current.vacate()
        }
    }

    @Suite("Without compression and echo", .serialized, .embedded)
    struct CompressionOff {
        @Test("An offer is passed over, and there is no /echo")
        func off() async throws {
            let instance = try Cluster.current[0]
            let client = try await instance.client(
                "alice", path: "/ws?username=alice", headers: ["Sec-WebSocket-Extensions: permessage-deflate"])
            #expect(client.handshake["sec-websocket-extensions"] == nil)
            try await client.close()
            for method in ["GET", "HEAD", "POST", "OPTIONS"] {
                #expect(try await HTTPProbe.get(port: instance.port, "/echo", method: method).status == 404)
            }
            await #expect(throws: UpgradeRefused.self) {
                try await instance.client("alice", path: "/echo", headers: [])
            }
        }
    }

    @Suite("An echo", .serialized, .embedded(["echo_endpoint": true, "compression": "on"]))
    struct Echo {
        @Test("Large messages come back whole, and the limit is 16 MiB")
        func large() async throws {
            let instance = try Cluster.current[0]
            let client = try await instance.client("echo", path: "/echo", headers: [])
            let text = String(repeating: "0123456789abcdef", count: 1 << 18)  // 4 MiB
            for _ in 0..<2 { try await client.sendThrough(raw: WebSocketFrame.text(text).bytes) }
            for _ in 0..<2 {
                #expect(try await client.texts.next("the echo", within: .seconds(60)).bytes.count == text.utf8.count)
            }
            // The head of a frame is enough.
            client.send(raw: [0x81, 0xFF, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0])
            #expect(try await client.closed().code == 1009)
        }
    }
}
