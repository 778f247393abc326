import Testing
import Wire

extension Integration {
    @Suite("Length limits", .serialized, .embedded)
    struct Lengths {
        @Test("A message of just the permitted length goes through, one byte more is refused in words")
        func greatestLength() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enter("alice")
            let bob = try await cluster[0].enter("bob")
            try await alice.hears(notice: "bob joined the room global")

            let longest = String(repeating: "x", count: 16_384)
            alice.say(longest)
            #expect(try await bob.next().said == longest)
            alice.say(longest + "x")
            try await alice.hearsError()
            // Bytes count, not characters: 8193 × 2 is one too many.
            alice.say(String(repeating: "é", count: 8_193))
            try await alice.hearsError()
            // Escapes count as what they stand for, though the frame is six times as long.
            alice.send(#"{"type":"chat_message","content":"\#(String(repeating: #"\u0041"#, count: 10_000))"}"#)
            #expect(try await bob.next().said == String(repeating: "A", count: 10_000))
            try await alice.isQuiet()
            try await bob.isQuiet()
            try await alice.close()
            try await bob.close()
        }

        @Test(
            "A text of the greatest length goes through in both dialects, however long its frame is",
            arguments: [(0, #"\u0000"#), (34, #"\u0022"#), (92, #"\\"#), (8, #"\b"#), (65, #"\u0041"#)]
                as [(UInt8, String)])
        func greatestFrame(character: UInt8, escape: String) async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let classic = try await cluster[0].enter("alice")
            let modern = try await cluster[0].enterV2("bob")
            try await classic.hears(notice: "bob joined the room global")
            let longest = String(repeating: String(UnicodeScalar(character)), count: 16_384)
            let frame = #"{"type":"chat_message","content":"\#(String(repeating: escape, count: 16_384))"}"#
            classic.send(frame)
            _ = try await modern.first("the text") { frame in
                if case .chatMessage(let message) = frame.event { message.content == longest } else { false }
            }
            try await modern.say(longest)
            #expect(try await classic.next().said == longest)
            // What is read from the log as well.
            let later = try await cluster[0].v2("carol")
            let ref = later.send(.joinRoom(V2Join(room: "global", history: 2)))
            _ = try await later.first("the room") { $0.ref == ref }
            _ = try await later.first("the texts") { frame in
                if case .history(let history) = frame.event {
                    history.messages.map(\.content) == [longest, longest]
                } else {
                    false
                }
            }
            try await classic.close()
            try await modern.close()
            try await later.close()
        }

        @Test("A frame of a megabyte closes the connection with 1009, and nobody hears it")
        func megabyte() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enter("carl")
            let bob = try await cluster[0].enter("dora")
            try await alice.hears(notice: "dora joined the room global")
            alice.say(String(repeating: "x", count: 1 << 20))
            #expect(try await alice.closed().code == 1009)
            try await bob.hears(notice: "carl left the room")
            try await bob.isQuiet()
            try await bob.close()
        }

        @Test("A message of a megabyte in small fragments closes the connection with 1009")
        func fragments() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enter("emil")
            let piece = [UInt8](repeating: UInt8(ascii: " "), count: 1 << 14)
            alice.send(WebSocketFrame(opcode: WebSocketFrame.Opcode.text, isFinal: false, payload: piece))
            for _ in 0..<64 {
                alice.send(WebSocketFrame(opcode: WebSocketFrame.Opcode.continuation, isFinal: false, payload: piece))
            }
            #expect(try await alice.closed().code == 1009)
        }
    }
}
