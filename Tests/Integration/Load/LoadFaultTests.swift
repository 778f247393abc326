#if os(Linux)
    import Foundation
    import Testing

    @testable import ChatBench

    extension Integration {
        /// The load against a server that is right, against one that is wrong in one way, and against none.
        @Suite("The load's judgement", .timeLimit(.minutes(2)))
        struct LoadFaultTests {
            private func load(_ fault: FakeChat.Fault?) async throws -> LoadProcess {
                let server = try await FakeChatServer.start(fault: fault)
                // Two rooms, because one fault is to mistake them; every other client is classic and listens.
                let run = try await LoadProcess.run([
                    "fanout", "--addr", "127.0.0.1:\(server.port)", "--rooms", "2", "--members", "6", "--senders", "1",
                    "--dialect", "mixed", "--rate", "100", "--seconds", "0.5", "--warmup", "0", "--settle", "1",
                ])
                try await server.stop()
                return run
            }

            @Test func `a server that is right is found so`() async throws {
                let run = try await load(nil)
                #expect(run.exitStatus == .exited(0), "\(run.output)")
                #expect(run.report?.faults.isNone == true)
                #expect(run.report?.messages?.acknowledged == 50 && run.report?.deliveries == 250)
            }

            /// What gives each of the faults away.
            private static let signs: [(FakeChat.Fault, @Sendable (LoadReport.Faults) -> Bool)] = [
                (.losesDelivery, { $0.lost == 3 && $0.repeated == 0 && $0.disordered == 0 }),
                (.repeatsDelivery, { $0.repeated == 3 && $0.lost == 0 && $0.disordered == 0 }),
                (.swapsTwo, { $0.disordered > 0 && $0.lost == 0 && $0.repeated == 0 }),
                (.acksOutOfPlace, { $0.disordered > 0 && $0.lost == 0 }),
                (.acksWithoutStoring, { $0.lost == 3 * 5 && $0.repeated == 0 }),
                (.wrongRoom, { $0.strangers == 3 }),
                (.invents, { $0.repeated == 3 }),
                (.declaresFalseGap, { $0.gaps == 3 && $0.lost == 3 }),
                (.repeatsToClassic, { $0.repeated == 3 && $0.lost == 0 }),
            ]

            @Test func `loss, repeats and disorder are found, and told by the exit status`() async throws {
                for (fault, isFound) in Self.signs {
                    let run = try await load(fault)
                    let faults = try #require(run.report?.faults, "\(run.output)")
                    #expect(isFound(faults), "\(fault): \(faults)")
                    #expect(run.exitStatus == .exited(1), "\(fault)")
                    #expect(run.output.contains("NOT SOUND"))
                }
            }

            @Test func `connections that a server drops are told of, and what it owed them is not`() async throws {
                let server = try await FakeChatServer.start()
                async let run = LoadProcess.run([
                    "fanout", "--addr", "127.0.0.1:\(server.port)", "--members", "6", "--senders", "1", "--rate", "100",
                    "--seconds", "2", "--warmup", "0", "--settle", "1",
                ])
                try await eventually("messages to be sent", within: .seconds(20)) {
                    try await server.messages > 20
                }
                try await server.dropOne()
                let outcome = try await run
                #expect(outcome.exitStatus == .exited(1), "\(outcome.output)")
                #expect(outcome.report?.faults.dropped.values.reduce(0, +) == 1)
                #expect(outcome.report?.faults.lost == 0)
                #expect((outcome.report?.messages?.acknowledged ?? 0) > 100)
            }

            @Test func `a server that swallows everything is not sound`() async throws {
                let server = try await MuteChat.start()
                let run = try await LoadProcess.run([
                    "fanout", "--addr", "127.0.0.1:\(server.port)", "--members", "3", "--rate", "50", "--seconds",
                    "0.5",
                    "--warmup", "0", "--settle", "1",
                ])
                await server.stop()
                #expect(run.exitStatus == .exited(1), "\(run.output)")
                #expect(run.report?.faults == LoadReport.Faults(unanswered: 25, unacknowledged: 25))
            }

            /// Its process is to run where no processor is.
            @Test func `a floor that fails does not take the measurement with it`() async throws {
                let server = try await FakeChatServer.start()
                let run = try await LoadProcess.run([
                    "fanout", "--addr", "127.0.0.1:\(server.port)", "--members", "6", "--senders", "1", "--rate", "100",
                    "--seconds", "0.5", "--warmup", "0", "--settle", "1", "--floor", "--floor-processor", "5000",
                ])
                try await server.stop()
                #expect(run.exitStatus == .exited(1), "\(run.output)")
                let report = try #require(run.report)
                #expect(report.messages?.acknowledged == 50 && report.floor == nil)
                #expect(report.faults == LoadReport.Faults(floor: ["its other side did not start"]))
            }

            @Test func `where nobody can connect there is nothing to measure`() async throws {
                let run = try await LoadProcess.run([
                    "fanout", "--members", "3", "--addr", "127.0.0.1:\(FreePort.pick())",
                ])
                #expect(run.exitStatus == .exited(69) && run.report == nil)
                #expect(run.output.contains("Connection refused"), "\(run.output)")
            }

            @Test(arguments: [
                ["fanout", "--rate", "0"], ["fanout", "--members", "5", "--senders", "6"],
                ["fanout", "--pid", "server"],
                ["fanout", "--members", "5", "--connections", "4"], ["fanout", "--dialect", "irc"],
                ["idle", "--clients", "0"],
                ["fanout", "--dialect", "classic", "--idle-rooms", "3"], ["append", "--window", "0"],
                ["append", "--connections", "2000", "--window", "66"],
                ["fanout", "--size", "15"],
                ["floor", "--rooms", "2", "--frames-per-write", "4"], ["idle", "--clients", "10", "--rooms", "3"],
            ])
            func `wrong usage is told from a wrong server`(arguments: [String]) async throws {
                let run = try await LoadProcess.run(arguments)
                #expect(run.exitStatus == .exited(2), "\(run.output)")
                #expect(run.output.contains("Usage:"))
            }
        }

        @Suite("The floor", .timeLimit(.minutes(1)))
        struct FloorTests {
            @Test func `every frame of a bare loop is read, at a rate`() async throws {
                let run = try await LoadProcess.run(
                    ["floor", "--rooms", "2", "--members", "20", "--rate", "200", "--seconds", "1", "--warmup", "0.2"])
                #expect(run.exitStatus == .exited(0), "\(run.output)")
                let report = try #require(run.report)
                #expect(report.deliveries == 240 * 20 && report.floor?.frames == 200 * 20)
                #expect(report.floor?.round?.count == 200 && (report.floor?.microseconds ?? 0) > 0)
            }

            /// Great writes fill the read buffer, whose end then falls anywhere within a frame.
            @Test func `and as fast as it goes, with frames cut wherever a read ends`() async throws {
                let run = try await LoadProcess.run([
                    "floor", "--members", "3", "--rate", "0", "--seconds", "1", "--warmup", "0.2", "--frames-per-write",
                    "1000",
                ])
                #expect(run.exitStatus == .exited(0), "\(run.output)")
                let report = try #require(run.report)
                #expect(report.deliveries > 30_000 && report.faults.isNone)
            }
        }
    }
#endif
