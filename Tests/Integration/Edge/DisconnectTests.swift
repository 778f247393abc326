import NIOCore
import Testing

extension Integration {
    @Suite("Disconnects", .serialized, .cluster(instances: 2))
    struct Disconnects {
        enum Way: String, CaseIterable, Sendable {
            case close, drop, reset, halfClose, halfFrame
        }

        @Test("However a client goes, it leaves no ghost and one notice", arguments: Way.allCases)
        func noGhost(_ way: Way) async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let near = try await cluster[0].enter("near", room: "dev")
            let far = try await cluster[1].enter("far", room: "dev")
            try await near.hears(notice: "far joined the room dev")
            let ghost = try await cluster[0].enter("ghost", room: "dev")
            for witness in [near, far] { try await witness.hears(notice: "ghost joined the room dev") }

            switch way {
            case .close: try await ghost.close()
            case .drop: await ghost.drop()
            case .reset: try await ghost.reset()
            case .halfClose: try await ghost.closeOutput()
            case .halfFrame:
                try await ghost.sendThrough(raw: [0x81, 0xFE, 0x10])
                await ghost.drop()
            }
            for witness in [near, far] {
                try await witness.hears(notice: "ghost left the room")
                // The notice goes out before the name is free, so that whoever takes it next is announced after it.
                try await eventually("the users", equals: ["far", "near"]) { try await witness.users() }
                try await eventually("the members", equals: ["far", "near"]) { try await witness.users(in: "dev") }
            }
            // The name is free, on the other instance too.
            let again = try await cluster[1].enter("ghost", room: "dev")
            for witness in [near, far] { try await witness.hears(notice: "ghost joined the room dev") }
            for client in [again, far, near] { try await client.close() }
        }

        @Test("A connection that never finishes its handshake disturbs nobody")
        func unfinishedHandshake() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let idle = try await ByteChannel.connect(port: cluster[0].port) { Silent() }
            try await idle.writeThrough(Array("GET /ws?username=ghost HTTP/1.1\r\nUpgrade: webso".utf8))
            let alice = try await cluster[0].enter("alice")
            #expect(try await alice.users() == ["alice"])
            try await idle.reset()
            try await alice.isQuiet()
            try await alice.close()
        }

        @Test("Clients that go in the middle of their claim leave no ghost")
        func goneDuringClaim() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let witness = try await cluster[1].enter("witness")
            for round in 0..<40 {
                let channel = try await ByteChannel.connect(port: cluster[0].port) { Silent() }
                let request =
                    "GET /ws?username=hasty\(round) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                    + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
                try await channel.writeThrough(Array(request.utf8))
                // Some before the claim is sent, some while it is under way, some after.
                if round % 2 == 0 { try await channel.reset() } else { await channel.close() }
            }
            // Claims that were under way may still come and go; in the end as many went as came, and nobody is left.
            func hasty(_ suffix: String) -> Int {
                witness.texts.all.count { frame in
                    frame.notice.map { $0.hasPrefix("hasty") && $0.hasSuffix(suffix) } ?? false
                }
            }
            try await eventually(
                "only the witness to be listed, and as many to have gone as came",
                seen: { "\(hasty("joined the room global")) came, \(hasty("left the room")) went" },
                until: {
                    let users = try await witness.users()
                    let members = try await witness.users(in: "global")
                    return users == ["witness"] && members == ["witness"]
                        && hasty("joined the room global") == hasty("left the room")
                })
            try await witness.close()
        }
    }
}

/// A parser that looks away.
private struct Silent: StreamParser {
    mutating func consume(_ bytes: inout ByteBuffer, reply: (ByteBuffer) -> Void) {
        bytes.moveReaderIndex(to: bytes.writerIndex)
    }
    mutating func end(rest: inout ByteBuffer, error: (any Error)?) {}
}
