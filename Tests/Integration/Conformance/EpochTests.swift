import Domain
import Foundation
import Service
import Testing

extension Integration {
    /// How the log on NATS notices that it is another one, or an older one, than before.
    @Suite("Incarnations of the log on NATS", .serialized)
    struct EpochTests {
        private let dev: Topic

        init() throws { dev = try .room("dev") }

        @Test func `instances agree on the epochs, and the two kinds have one each`() async throws {
            try await LogUnderTest.onNATS(instances: 2) { logs, _ in
                for kind in Topic.Kind.allCases {
                    let known = logs.map { $0.log.epoch(of: kind) }
                    #expect(known[0] == known[1])
                    for log in logs {
                        let verified = try await log.log.verifyEpoch(of: kind)
                        #expect(verified == known[0])
                    }
                }
                #expect(logs[0].log.epoch(of: .rooms) != logs[0].log.epoch(of: .inboxes))
                for log in logs { #expect(log.heard.events == []) }
            }
        }

        @Test(arguments: Topic.Kind.allCases)
        func `a stream that is deleted and made anew is another log, which each instance hears once`(
            _ kind: Topic.Kind
        ) async throws {
            try await LogUnderTest.onNATS(instances: 2) { logs, server in
                let topic = kind == .rooms ? dev : try .inbox("bob")
                for log in logs { try log.follow(topic) }
                _ = try await logs[0].appendAll((0..<10).map { try .sample("old \($0)", in: topic) })
                let old = logs.map { $0.log.epoch(of: kind) }
                let peer = try await NATSPeer.connect(port: server.port)
                _ = try await peer.request("$JS.API.STREAM.DELETE.\(kind == .rooms ? "CHAT" : "INBOX")", "")
                await peer.close()
                // Whoever misses the stream makes it; the other one hears of that.
                await #expect(throws: ChatError.self) { try await logs[0].append(.sample("refused", in: topic)) }
                for log in logs {
                    try await eventually("the news", seen: { "\(log.heard.events)" }) {
                        log.heard.events.contains(.renewed(kind, after: .zero))
                    }
                }
                let new = try await logs[0].append(.sample("new", in: topic))
                #expect(new.sequence == SequenceNumber(1))
                for (log, old) in zip(logs, old) {
                    #expect(log.log.epoch(of: kind) != old)
                    let verified = try await log.log.verifyEpoch(of: kind)
                    #expect(verified == log.log.epoch(of: kind))
                    let page = try await log.page(of: topic, .latest)
                    #expect(page.entries.map(\.content) == ["new"] && page.epoch == log.log.epoch(of: kind))
                    #expect(log.heard.events.filter { $0 == .renewed(kind, after: .zero) }.count == 1)
                }
                #expect(logs[0].log.epoch(of: kind) == logs[1].log.epoch(of: kind))
            }
        }

        @Test func `a log put back to an older state gets another epoch, the same on every instance`() async throws {
            try await LogUnderTest.onNATS(instances: 2) { logs, server in
                for log in logs { try log.follow(dev) }
                _ = try await logs[0].appendAll((0..<10).map { try .sample("kept \($0)", in: dev) })
                try await server.stop()
                let copy = server.directory.appendingPathComponent("copy")
                try FileManager.default.copyItem(at: server.directory.appendingPathComponent("store"), to: copy)
                try await server.start()
                for log in logs {
                    try await eventually("the connection") { log.heard.events.contains(.interrupted) }
                }
                let before = logs.map { $0.log.epoch(of: .rooms) }
                _ = try await logs[0].appendAll((0..<5).map { try .sample("lost \($0)", in: dev) })

                await server.kill9()
                try server.eraseStore()
                try FileManager.default.moveItem(
                    at: copy, to: server.directory.appendingPathComponent("store"))
                try await server.start()
                for log in logs {
                    try await eventually("the news", seen: { "\(log.heard.events)" }) {
                        log.heard.events.contains(.renewed(.rooms, after: SequenceNumber(10)))
                    }
                }
                try await eventually("the same epoch on both") {
                    let now = logs.map { $0.log.epoch(of: .rooms) }
                    return now[0] == now[1] && now[0] != before[0]
                }
                for log in logs {
                    let verified = try await log.log.verifyEpoch(of: .rooms)
                    #expect(verified == logs[0].log.epoch(of: .rooms))
                    #expect(try await log.read(dev).compactMap(\.content) == (0..<10).map { "kept \($0)" })
                }
                let next = try await logs[1].append(.sample("new", in: dev))
                #expect(next.sequence == SequenceNumber(11))
            }
        }
    }
}
