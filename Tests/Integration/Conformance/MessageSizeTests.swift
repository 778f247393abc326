import Domain
import Foundation
import Service
import Testing

@testable import InfrastructureNATS

extension Integration {
    /// What this server takes for the largest message, held against what NATS counts.
    @Suite("The largest message", .serialized)
    struct MessageSizeTests {
        private static let contentBytes = 1000

        /// - Parameter id: of four bytes.
        private func worst(id: Character = "\u{1F600}") throws -> Draft {
            let face = "\u{1F600}"
            return Draft(
                id: MessageID(String(repeating: id, count: 64)),
                room: try RoomName(String(repeating: face, count: 64)),
                sender: try Username(String(repeating: face, count: 32)),
                content: String(repeating: "\0", count: Self.contentBytes),
                timestamp: Timestamp(millisecondsSince1970: 1_767_323_045_678))
        }

        private func start(_ server: NATSServer, _ body: (LogUnderTest) async throws -> Void) async throws {
            try await LogUnderTest.onNATS(server, retention: 10, messageBytes: Self.contentBytes) {
                try await body($0[0])
            }
        }

        @Test func `fits into a max_payload of exactly its size, and one byte less stops the start`() async throws {
            let size = try LargestMessage(contentBytes: Self.contentBytes).storedBytes
            for limit in [size, size - 1] {
                let server = try NATSServer(configuration: "max_payload: \(limit)")
                try await server.start()
                if limit == size {
                    try await start(server) { log in
                        let stored = try await log.append(worst())
                        #expect(!stored.isDuplicate)
                    }
                } else {
                    let error = await #expect(throws: StartupError.self) { try await start(server) { _ in } }
                    #expect(error?.description.contains("max_payload is \(limit) bytes") == true)
                }
                await server.kill9()
            }
        }

        @Test func `fits into a max_msg_size of its size, and is refused for good by one byte less`() async throws {
            let size = try LargestMessage(contentBytes: Self.contentBytes).storedBytes
            let server = try NATSServer()
            try await server.start()
            let peer = try await NATSPeer.connect(port: server.port)
            try await start(server) { log in
                for limit in [size, size - 1] {
                    let answer = try await peer.request("$JS.API.STREAM.INFO.CHAT")
                    let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
                    var settings = try #require(object?["config"] as? [String: Any])
                    settings["max_msg_size"] = limit
                    let request = String(decoding: try JSONSerialization.data(withJSONObject: settings), as: UTF8.self)
                    let updated = try await peer.request("$JS.API.STREAM.UPDATE.CHAT", request)
                    try #require(!updated.contains("\"error\""), "\(updated)")
                    if limit == size {
                        try await log.append(worst())
                    } else {
                        let error = await #expect(throws: ChatError.self) {
                            try await log.append(worst(id: "\u{1F601}"))
                        }
                        #expect(error?.code == .messageTooLong)
                    }
                }
            }
            await peer.close()
            await server.kill9()
        }
    }
}
