import Foundation
import Testing
import Wire

extension Integration {
    @Suite("chat.v2 upgrades", .serialized, .cluster(instances: 2))
    struct V2Upgrades {
        @Test(
            "The dialect is chosen by subprotocol",
            arguments: [
                (["Sec-WebSocket-Protocol: chat.v2"], true),
                (["Sec-WebSocket-Protocol: mqtt, chat.v2, chat.v3"], true),
                (["Sec-WebSocket-Protocol: mqtt", "Sec-WebSocket-Protocol: chat.v2"], true),
                ([], false),
                (["Sec-WebSocket-Protocol: mqtt"], false),
                (["Sec-WebSocket-Protocol: chat.v22"], false),
            ])
        func subprotocol(headers: [String], isV2: Bool) async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let client = try await cluster[0].client("alice", path: "/ws?username=alice", headers: headers)
            #expect(client.handshake["sec-websocket-protocol"] == (isV2 ? "chat.v2" : nil))
            let first = try await client.next()
            if isV2 {
                #expect(first.text.hasPrefix(#"{"type":"welcome","username":"alice","#))
            } else {
                #expect(first == .notice("alice joined the room global"))
            }
            try await client.close()
        }

        @Test("A name in use, by whatever dialect and instance, is refused with an error and then closed with 4001")
        func taken() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let holders = [try await cluster[0].enter("classic").name, try await cluster[0].v2("modern").name]
            for name in holders {
                for instance in cluster.instances {
                    // No secret, no right one, and none that could be one.
                    for secret in [nil, String(repeating: "0", count: 32), "%20guess"] {
                        let twin = try await instance.v2Socket(name, session: secret)
                        #expect(
                            try await twin.next()
                                == #"{"type":"error","code":"username_taken","content":"username already exists"}"#)
                        #expect(try await twin.closed().code == 4001)
                        #expect(twin.texts.all.count == 1)
                    }
                }
                let twin = try await cluster[1].client(name)
                try await twin.hears(notice: "username already exists")
                #expect(try await twin.closed().code == 4001)
            }
        }

        @Test(
            "Names that break the rules are refused before the upgrade",
            arguments: [
                ("", "username required"), ("username=", "username required"),
                ("username=a%20b", "username must not contain whitespace"),
                ("username=a%07b", "username must not contain control characters"),
                ("username=\(String(repeating: "x", count: 33))", "username must not be longer than 32 characters"),
                ("username=alice&room=a%20b", "room name must not contain whitespace"),
            ])
        func badNames(query: String, words: String) async throws {
            let error = await #expect(throws: UpgradeRefused.self) {
                try await Cluster.current[0].client("nobody", path: "/ws?\(query)", headers: [ChatInstance.v2])
            }
            let answer = try #require(error?.answer)
            #expect(answer.status == 400)
            #expect(answer.body.trimmingCharacters(in: .whitespacesAndNewlines) == words)
        }

        @Test("A reference and an id of 64 characters come back as they were, whatever stands in them")
        func longest() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enterV2("alice", "longest")
            let bob = try await cluster[1].enterV2("bob", "longest")
            try await alice.seesJoined("bob", "longest", members: 2)
            for text in [String(repeating: "é", count: 64), #"a"b\c/d.*>%{}'<e>"#, "👩‍💻 \u{2028}", "cafe\u{301}"] {
                let ref = alice.send(.chatMessage(content: text, room: nil, id: text), ref: text)
                let ack = try await alice.acknowledgement(ref)
                #expect(ack.id.map { Array($0.utf8) } == Array(text.utf8))
                let message = try await bob.hears(text, from: "alice", in: "longest")
                #expect(Array(message.id.utf8) == Array(text.utf8))
                #expect(Array(message.content.utf8) == Array(text.utf8))
                #expect(try await alice.say(text, id: text).isDuplicate)
            }
            // Two ids that are canonically equivalent are two ids.
            #expect(try await !alice.say("x", id: "caf\u{e9}").isDuplicate)
            try await alice.close()
            try await bob.close()
        }
    }
}
