import Testing

private typealias Opcode = WebSocketFrame.Opcode

extension Integration {
    @Suite("RFC 6455, kept", .serialized, .embedded)
    struct ProtocolConformance {
        /// Runs `body` with two users in one room, and sees to it that both are gone afterwards.
        private func withPair(_ body: (WebSocketClient, WebSocketClient) async throws -> Void) async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enter("alice")
            let bob = try await cluster[0].enter("bob")
            try await alice.hears(notice: "bob joined the room global")
            try await body(alice, bob)
            await alice.drop()
            await bob.drop()
        }

        @Test("A ping is answered with its own bytes, between fragments too")
        func ping() async throws {
            try await withPair { alice, bob async throws in
                for payload in [[], [1, 2, 3], [UInt8](repeating: 7, count: 125)] as [[UInt8]] {
                    alice.send(.init(opcode: Opcode.ping, payload: payload))
                    #expect(try await alice.pongs.next() == payload)
                }
                alice.send(.init(opcode: Opcode.text, isFinal: false, payload: Array(#"{"type":"chat_"#.utf8)))
                alice.send(.init(opcode: Opcode.ping, payload: [9]))
                #expect(try await alice.pongs.next() == [9])
                alice.send(.init(opcode: Opcode.continuation, payload: Array(#"message","content":"whole"}"#.utf8)))
                #expect(try await bob.next().said == "whole")
            }
        }

        @Test("A pong that nobody asked for is ignored")
        func pong() async throws {
            try await withPair { alice, bob async throws in
                alice.send(.init(opcode: Opcode.pong, payload: [1]))
                alice.say("still here")
                #expect(try await bob.next().said == "still here")
                try await alice.isQuiet()
            }
        }

        @Test("A text in fragments is put together, characters cut in two and empty fragments included")
        func fragments() async throws {
            try await withPair { alice, bob async throws in
                let bytes = Array(#"{"type":"chat_message","content":"日本語 👋"}"#.utf8)
                alice.send(.init(opcode: Opcode.text, isFinal: false))
                for byte in bytes {
                    alice.send(.init(opcode: Opcode.continuation, isFinal: false, payload: [byte]))
                }
                alice.send(.init(opcode: Opcode.continuation))
                #expect(try await bob.next().said == "日本語 👋")
                try await alice.isQuiet()
            }
        }

        @Test("A frame may come byte by byte, and many at once")
        func segmentation() async throws {
            try await withPair { alice, bob async throws in
                for byte in WebSocketFrame.text(#"{"type":"chat_message","content":"slow"}"#).bytes {
                    try await alice.sendThrough(raw: [byte])
                }
                #expect(try await bob.next().said == "slow")
                let burst = (0..<200).flatMap {
                    WebSocketFrame.text(#"{"type":"chat_message","content":"\#($0)"}"#).bytes
                }
                alice.send(raw: burst)
                for number in 0..<200 { #expect(try await bob.next().said == "\(number)") }
            }
        }

        @Test("A close is answered with the same code and ends the connection; what follows it is not heard")
        func close() async throws {
            try await withPair { alice, bob async throws in
                let late = WebSocketFrame.text(#"{"type":"chat_message","content":"late"}"#)
                alice.send(raw: WebSocketFrame.close(1000, "bye").bytes + late.bytes)
                #expect(try await alice.closed().code == 1000)
                try await bob.hears(notice: "alice left the room")
                try await bob.isQuiet()
                try await eventually("the server to end the connection") { alice.texts.isFinished }
            }
        }

        @Test("What a client sent before its close is done before it goes")
        func everythingBeforeTheClose() async throws {
            try await withPair { alice, bob async throws in
                bob.join("dev")
                try await bob.hears(notice: "bob joined the room dev")
                try await alice.hears(notice: "bob left the room")
                let frames =
                    [
                        .text(#"{"type":"join_room","room":"dev"}"#),
                        .text(#"{"type":"chat_message","content":"in dev"}"#),
                        .text(#"{"type":"leave_room"}"#), .text(#"{"type":"join_room","room":"dev"}"#),
                        .text(#"{"type":"chat_message","content":"again"}"#), .close(1000),
                    ] as [WebSocketFrame]
                alice.send(raw: frames.flatMap(\.bytes))
                #expect(try await alice.closed().code == 1000)
                // Messages keep their order and notices keep theirs; between the two there is none.
                try await eventually("bob to hear all of it", seen: { "\(bob.texts.all)" }) {
                    bob.texts.all.compactMap(\.said) == ["in dev", "again"]
                        && bob.texts.all.compactMap(\.notice).filter { $0.hasPrefix("alice ") }
                            == ["joined the room dev", "left the room", "joined the room dev", "left the room"]
                            .map { "alice \($0)" }
                }
                bob.texts.skipAll()
                try await bob.isQuiet()
            }
        }

        @Test(
            "Codes that are legal in a close are echoed",
            arguments: [1000, 1001, 1003, 1007, 1011, 3000, 4999] as [UInt16])
        func codes(_ code: UInt16) async throws {
            try await withPair { alice, bob async throws in
                alice.send(.close(code))
                #expect(try await alice.closed().code == code)
                try await bob.hears(notice: "alice left the room")
            }
        }

        @Test("A close without a code is answered")
        func emptyClose() async throws {
            try await withPair { alice, bob async throws in
                alice.send(.init(opcode: Opcode.close))
                let closing = try await alice.closed()
                #expect(closing.code == nil || closing.code == 1000)
                try await bob.hears(notice: "alice left the room")
                try await eventually("the server to end the connection") { alice.texts.isFinished }
            }
        }
    }
}
