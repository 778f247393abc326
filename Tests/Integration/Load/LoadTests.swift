#if os(Linux)
    import Foundation
    import Testing

    @testable import ChatBench

    extension Integration {
        /// Each workload for a moment, against real instances.
        @Suite("The load", .timeLimit(.minutes(3)), .cluster(instances: 2), .serialized)
        struct LoadTests {
            private func load(_ arguments: String, both: Bool = false) async throws -> LoadReport {
                let cluster = try Cluster.current
                let addresses = cluster.instances.prefix(both ? 2 : 1).map { "127.0.0.1:\($0.port)" }
                let run = try await LoadProcess.run(
                    arguments.split(separator: " ").map(String.init) + ["--addr", addresses.joined(separator: ",")])
                #expect(run.exitStatus == .exited(0), "\(run.output)")
                let report = try #require(run.report, "\(run.output)")
                #expect(report.faults.isNone && !report.isLoadBusy)
                return report
            }

            @Test func `a room full of members`() async throws {
                let own = ProcessInfo.processInfo.processIdentifier
                let report = try await load(
                    "fanout --members 40 --rate 100 --seconds 1 --warmup 0.5 --floor --pid tests=\(own)")
                let messages = try #require(report.messages)
                #expect(messages.sent == 150 && messages.acknowledged == 150 && messages.refused.isEmpty)
                #expect(report.deliveries == 150 * 39)
                // Those due in the measured second, whenever they came.
                #expect(report.latencies?.delivery?.count == 100 * 39 && report.latencies?.round?.count == 100)
                #expect(report.latencies?.ack?.count == 100)
                #expect((report.plan.frameBytes ?? 0) > 170)
                #expect(report.measured.processes.map(\.isReadable) == [true])
                #expect(report.floor?.frameBytes == report.plan.frameBytes && report.floor?.round != nil)
                #expect(report.costRatio != nil && report.roundRatio != nil)
            }

            @Test func `many rooms, several on each connection, and rooms where nothing happens`() async throws {
                let report = try await load(
                    "fanout --rooms 30 --members 4 --connections 10 --idle-rooms 25 --rate 300 --seconds 1 --warmup 0")
                #expect(report.opening?.opened == 10)
                #expect(report.messages?.acknowledged == 300 && report.deliveries == 300 * 3)
            }

            @Test(arguments: ["classic", "mixed"])
            func `both dialects, over two instances`(dialect: String) async throws {
                let report = try await load(
                    "fanout --members 20 --dialect \(dialect) --rate 100 --seconds 1 --warmup 0", both: true)
                #expect(report.messages?.sent == 100 && report.deliveries == 100 * 19)
                #expect(report.messages?.acknowledged == (dialect == "mixed" ? 50 : 0))
            }

            @Test func `connections that say nothing`() async throws {
                let cluster = try Cluster.current
                let pid = try #require(cluster[0].pid)
                let report = try await load("idle --clients 200 --seconds 1 --pid server=\(pid)")
                #expect(report.opening?.opened == 200 && (report.opening?.perSecond ?? 0) > 10)
                let use = try #require(report.opening?.span.processes.first)
                #expect(use.isReadable && use.resident > 1_000_000 && use.processor > 0)
                #expect(report.measured.seconds > 0.9 && report.messages == nil)
            }

            @Test func `connections that say nothing in rooms`() async throws {
                let report = try await load("idle --clients 60 --rooms 20 --dialect mixed --seconds 0.5")
                #expect(report.opening?.opened == 60)
            }

            @Test func `a storm of joins`() async throws {
                let report = try await load("join --clients 150 --concurrency 100")
                #expect(report.opening?.opened == 150 && report.opening?.latency?.count == 150)
                // At least `welcome`, `joined` and `history` for each.
                #expect((report.opening?.span.otherFrames ?? 0) >= 450)
            }

            @Test func `as many appends as possible`() async throws {
                let report = try await load("append --connections 4 --window 16 --members 2 --seconds 1 --warmup 0")
                let messages = try #require(report.messages)
                #expect(messages.sent > 64 && messages.acknowledged == messages.sent && messages.refused.isEmpty)
                #expect(report.deliveries == messages.sent)
            }
        }
    }
#endif
