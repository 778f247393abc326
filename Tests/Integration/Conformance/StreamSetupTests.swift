import Domain
import Foundation
import InfrastructureConfiguration
import Logging
import Service
import Testing

extension Integration {
    /// What a starting instance makes of the streams that it finds.
    @Suite("The streams that an instance finds at its start", .serialized)
    struct StreamSetupTests {
        private let dev: Topic

        init() throws { dev = try .room("dev") }

        @Test func `both streams get the retention that is configured, and keep what an operator has set`() async throws
        {
            try await LogUnderTest.onNATS(instances: 1, retention: 30) { logs, server in
                try await logs[0].append(.sample("kept", in: dev))
                let peer = try await NATSPeer.connect(port: server.port)
                for stream in ["CHAT", "INBOX"] {
                    var settings = try await settings(of: stream, peer)
                    settings["max_bytes"] = 1 << 30
                    settings["description"] = "ours; \(try #require(settings["description"] as? String))"
                    let request = String(
                        decoding: try JSONSerialization.data(withJSONObject: settings), as: UTF8.self)
                    let updated = try await peer.request("$JS.API.STREAM.UPDATE.\(stream)", request)
                    try #require(!updated.contains("\"error\""), "\(updated)")
                }
                try await LogUnderTest.onNATS(server, retention: 20) { others in
                    let log = others[0]
                    for stream in ["CHAT", "INBOX"] {
                        let settings = try await settings(of: stream, peer)
                        #expect(settings["max_msgs_per_subject"] as? Int == 20)
                        #expect(settings["max_bytes"] as? Int == 1 << 30)
                        #expect((settings["description"] as? String)?.hasPrefix("ours; ") == true)
                    }
                    #expect(try await log.read(dev).map(\.content) == ["kept"])
                    #expect(log.log.epoch(of: .rooms) == logs[0].log.epoch(of: .rooms))
                }
                await peer.close()
            }
        }

        @Test func `what was dropped under a lower limit is not forgotten when the limit is raised`() async throws {
            try await LogUnderTest.onNATS(instances: 1, retention: 10) { logs, server in
                try await logs[0].append(.sample("holds the front", in: .room("ops")))
                let words = try await logs[0].appendAll((0..<15).map { try .sample("\($0)", in: dev) })
                let oldest = words[5].sequence
                #expect(try await logs[0].page(of: dev, .after(.zero)).floor == oldest)
                try await LogUnderTest.onNATS(server, retention: 100) { others in
                    let log = others[0]
                    // Ten of at most a hundred, and yet five are gone.
                    let page = try await log.page(of: dev, .after(.zero))
                    #expect(page.entries.count == 10 && page.floor == oldest)
                }
            }
        }

        @Test func `instances with different retention run side by side without undoing each other's`() async throws {
            try await LogUnderTest.onNATS(instances: 1, retention: 10) { logs, server in
                let peer = try await NATSPeer.connect(port: server.port)
                try await LogUnderTest.onNATS(server, retention: 20) { others in
                    let log = others[0]
                    for _ in 0..<3 {
                        for each in [logs[0], others[0]] { _ = try await each.log.verifyEpoch(of: .rooms) }
                    }
                    let settings = try await settings(of: "CHAT", peer)
                    #expect(settings["max_msgs_per_subject"] as? Int == 20)
                    #expect(logs[0].heard.events == [] && log.heard.events == [])
                }
                await peer.close()
            }
        }

        @Test(arguments: ["CHAT", "INBOX"])
        func `a stream that cannot be used stops the start with one line that names it`(_ stream: String) async throws {
            let server = try NATSServer()
            try await server.start()
            let peer = try await NATSPeer.connect(port: server.port)
            let subject = stream == "CHAT" ? "chat.room.*" : "chat.user.*"
            let made = try await peer.request(
                "$JS.API.STREAM.CREATE.OTHER", #"{"name":"OTHER","subjects":["\#(subject)"],"storage":"file"}"#)
            try #require(!made.contains("\"error\""), "\(made)")
            let error = await #expect(throws: StartupError.self) {
                try await LogUnderTest.onNATS(server, retention: 10) { _ in }
            }
            #expect(error?.description.contains("stream \(stream)") == true, "\(String(describing: error))")
            await peer.close()
            await server.kill9()
        }

        private func settings(of stream: String, _ peer: NATSPeer) async throws -> [String: Any] {
            let answer = try await peer.request("$JS.API.STREAM.INFO.\(stream)", "")
            let object = try JSONSerialization.jsonObject(with: Data(answer.utf8)) as? [String: Any]
            return try #require(object?["config"] as? [String: Any], "\(answer)")
        }
    }
}
