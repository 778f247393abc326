import Domain
import Infrastructure
import Service
import Testing

extension Integration {
    /// What every presence store promises.
    @Suite("What every presence store promises", .serialized)
    struct PresenceConformanceTests {
        enum Adapter: CaseIterable, CustomTestStringConvertible {
            case embedded, redis

            var testDescription: String { "\(self)" }

            func withStore(_ body: (any PresenceStore) async throws -> Void) async throws {
                switch self {
                case .embedded:
                    try await body(EmbeddedPresenceStore())
                case .redis:
                    try await PresenceRedis.with { redis in
                        try await PresenceInstance.with(redis.url) { try await body($0.store) }
                    }
                }
            }
        }

        private let alice: Username
        private let bob: Username
        private let dev: RoomName

        init() throws {
            alice = try Username("alice")
            bob = try Username("bob")
            dev = try RoomName("dev")
        }

        @Test(arguments: Adapter.allCases)
        func `a new store is empty`(_ adapter: Adapter) async throws {
            try await adapter.withStore { store async throws in
                #expect(try await store.names() == [])
                #expect(try await store.names(in: .global) == [])
                #expect(try await store.roomLines() == [])
            }
        }

        @Test(arguments: Adapter.allCases)
        func `who claims a name is in all lists, once`(_ adapter: Adapter) async throws {
            try await adapter.withStore { store async throws in
                try await store.enter(alice, in: .global)
                try await store.enter(bob, in: dev)
                #expect(try await store.names() == ["alice", "bob"])
                #expect(try await store.names(in: .global) == ["alice"])
                #expect(try await store.names(in: dev) == ["bob"])
                #expect(try await store.roomLines() == ["dev: 1", "global: 1"])
            }
        }

        @Test(arguments: Adapter.allCases)
        func `a name in use is refused and nothing changes`(_ adapter: Adapter) async throws {
            try await adapter.withStore { store async throws in
                try await store.enter(alice, in: .global)
                let error = await #expect(throws: ChatError.self) {
                    try await store.enter(alice, in: dev)
                }
                #expect(error?.code == .usernameTaken)
                #expect(try await store.names(in: dev) == [])
                #expect(try await store.roomLines() == ["global: 1"])
            }
        }

        @Test(arguments: Adapter.allCases)
        func `a move leaves the old room and enters the new one`(_ adapter: Adapter) async throws {
            try await adapter.withStore { store async throws in
                let session = SessionID.random()
                try await store.enter(alice, as: session, in: .global)
                try await store.enter(bob, in: .global)
                try await store.move(session, leaving: [.global], entering: dev)
                #expect(try await store.names(in: .global) == ["bob"])
                #expect(try await store.names(in: dev) == ["alice"])
                #expect(try await store.names() == ["alice", "bob"])
            }
        }

        @Test(arguments: Adapter.allCases)
        func `an emptied room vanishes from the list`(_ adapter: Adapter) async throws {
            try await adapter.withStore { store async throws in
                let session = SessionID.random()
                try await store.enter(alice, as: session, in: dev)
                try await store.move(session, leaving: [dev], entering: .global)
                #expect(try await store.roomLines() == ["global: 1"])
                await store.release(session)
                #expect(try await store.roomLines() == [])
            }
        }

        @Test(arguments: Adapter.allCases)
        func `a released name is free and gone from all lists`(_ adapter: Adapter) async throws {
            try await adapter.withStore { store async throws in
                let session = SessionID.random()
                try await store.enter(alice, as: session, in: .global)
                await store.release(session)
                #expect(try await store.names() == [])
                #expect(try await store.names(in: .global) == [])
                try await store.enter(alice, in: dev)
                #expect(try await store.names(in: dev) == ["alice"])
            }
        }

        @Test(arguments: Adapter.allCases)
        func `a late release does not touch the name's next session`(_ adapter: Adapter) async throws {
            try await adapter.withStore { store async throws in
                let first = SessionID.random()
                try await store.enter(alice, as: first, in: .global)
                await store.release(first)
                try await store.enter(alice, in: .global)
                await store.release(first)
                #expect(try await store.names() == ["alice"])
                #expect(try await store.names(in: .global) == ["alice"])
            }
        }

        @Test(arguments: Adapter.allCases)
        func `a session without a name cannot move`(_ adapter: Adapter) async throws {
            try await adapter.withStore { store async throws in
                let error = await #expect(throws: ChatError.self) {
                    try await store.move(.random(), leaving: [.global], entering: dev)
                }
                #expect(error?.code == .usernameTaken)
                #expect(try await store.roomLines() == [])
            }
        }

        @Test(arguments: Adapter.allCases)
        func `of fifty claims at once one wins`(_ adapter: Adapter) async throws {
            try await adapter.withStore { store async throws in
                let alice = self.alice
                let outcomes = await withTaskGroup(of: ChatError.Code?.self) { group in
                    for _ in 0..<50 {
                        group.addTask {
                            do throws(ChatError) {
                                try await store.enter(alice, in: .global)
                                return nil
                            } catch {
                                return error.code
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                #expect(outcomes.count { $0 == nil } == 1)
                #expect(outcomes.count { $0 == .usernameTaken } == 49)
                #expect(try await store.names() == ["alice"])
            }
        }

        @Test(arguments: Adapter.allCases, ["a.b", "*", ">", "%", "日本語", "ünï", "\"'\\", "room:x", "{x}"])
        func `any valid name is kept as it is`(_ adapter: Adapter, _ name: String) async throws {
            try await adapter.withStore { store async throws in
                let session = SessionID.random()
                let room = try RoomName(name)
                try await store.enter(try Username(name), as: session, in: .global)
                try await store.move(session, leaving: [.global], entering: room)
                #expect(try await store.names() == [name])
                #expect(try await store.names(in: room) == [name])
                #expect(try await store.roomLines() == ["\(name): 1"])
                await store.release(session)
                #expect(try await store.roomLines() == [])
            }
        }

        @Test(arguments: Adapter.allCases)
        func `sessions that come, move and go at random leave lists that agree with the truth`(
            _ adapter: Adapter
        ) async throws {
            try await adapter.withStore { store async throws in
                let rooms = try ["a", "b", "c"].map { try RoomName($0) }
                let truth = await withTaskGroup(of: (String, RoomName)?.self) { group in
                    for number in 0..<100 {
                        group.addTask {
                            do {
                                let session = SessionID.random()
                                var room = rooms[number % 3]
                                let name = "user\(number)"
                                try await store.enter(try Username(name), as: session, in: room)
                                for _ in 0..<Int.random(in: 0..<5) {
                                    guard let next = rooms.randomElement(), next != room else { continue }
                                    try await store.move(session, leaving: [room], entering: next)
                                    room = next
                                }
                                if Bool.random() { return (name, room) }
                                await store.release(session)
                            } catch {
                                Issue.record(error)
                            }
                            return nil
                        }
                    }
                    return await group.reduce(into: [(String, RoomName)]()) { if let one = $1 { $0.append(one) } }
                }
                #expect(try await store.names() == truth.map(\.0).sorted())
                for room in rooms {
                    #expect(try await store.names(in: room) == truth.filter { $0.1 == room }.map(\.0).sorted())
                }
            }
        }
    }
}
