import Domain
import Service
import Testing

extension Integration {
    /// What every presence store promises.
    @Suite("What every presence store promises", .serialized)
    struct PresenceConformanceTests {
        private let alice: Username
        private let bob: Username
        private let dev: RoomName

        init() throws {
            alice = try Username("alice")
            bob = try Username("bob")
            dev = try RoomName("dev")
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a new store is empty`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                #expect(try await store.names() == [])
                #expect(try await store.names(in: .global) == [])
                #expect(try await store.roomLines() == [])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `who claims a name is in all lists, once`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                try await store.enter(alice, in: .global)
                try await store.enter(bob, in: dev)
                #expect(try await store.names() == ["alice", "bob"])
                #expect(try await store.names(in: .global) == ["alice"])
                #expect(try await store.names(in: dev) == ["bob"])
                #expect(try await store.roomLines() == ["dev: 1", "global: 1"])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a name in use is refused and nothing changes`(_ adapter: PresenceAdapter) async throws {
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

        @Test(arguments: PresenceAdapter.allCases)
        func `a move leaves the old room and enters the new one`(_ adapter: PresenceAdapter) async throws {
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

        @Test(arguments: PresenceAdapter.allCases)
        func `a session may be in several rooms, and each move answers their members`(
            _ adapter: PresenceAdapter
        ) async throws {
            try await adapter.withStore { store async throws in
                let session = SessionID.random()
                let ops = try RoomName("ops")
                let first = try await store.enter(bob, in: dev)
                #expect(first.rooms.map(\.members) == [1])
                try await store.enter(alice, as: session)
                #expect(try await store.move(session, leaving: [], entering: dev).members == [dev: 2])
                #expect(try await store.move(session, leaving: [], entering: ops).members == [ops: 1])
                #expect(try await store.roomLines() == ["dev: 2", "global: 1", "ops: 1"])
                #expect(
                    try await store.move(session, leaving: [dev, ops], entering: nil).members == [dev: 1, ops: 0])
                #expect(try await store.roomLines() == ["dev: 1", "global: 1"])
                #expect(
                    try await store.move(session, leaving: [.global], entering: ops).members == [.global: 0, ops: 1])
                #expect(try await store.move(session, leaving: [], entering: dev).members == [dev: 2])
                await store.release(session)
                #expect(try await store.names() == ["bob"])
                #expect(try await store.roomLines() == ["dev: 1"])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `entering a room again, or leaving one that one is not in, only counts its members`(
            _ adapter: PresenceAdapter
        ) async throws {
            try await adapter.withStore { store async throws in
                let session = SessionID.random()
                try await store.enter(bob, in: dev)
                try await store.enter(alice, as: session)
                #expect(try await store.move(session, leaving: [], entering: .global).members == [.global: 1])
                #expect(try await store.move(session, leaving: [.global], entering: .global).members == [.global: 1])
                #expect(try await store.move(session, leaving: [dev], entering: nil).members == [dev: 1])
                #expect(try await store.move(session, leaving: [], entering: nil).members == [:])
                #expect(try await store.roomLines() == ["dev: 1", "global: 1"])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a session in no room keeps its name`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                let session = SessionID.random()
                try await store.enter(alice, as: session)
                try await store.move(session, leaving: [.global], entering: nil)
                #expect(try await store.names() == ["alice"])
                #expect(try await store.roomLines() == [])
                let error = await #expect(throws: ChatError.self) { try await store.enter(alice) }
                #expect(error?.code == .usernameTaken)
                #expect(try await store.move(session, leaving: [], entering: dev).members == [dev: 1])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a name is in use from its claim to its release`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                let session = SessionID.random()
                #expect(try await store.contains(alice) == false)
                try await store.enter(alice, as: session)
                #expect(try await store.contains(alice) == true)
                #expect(try await store.contains(bob) == false)
                await store.release(session)
                #expect(try await store.contains(alice) == false)
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `an emptied room vanishes from the list`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                let session = SessionID.random()
                try await store.enter(alice, as: session, in: dev)
                try await store.move(session, leaving: [dev], entering: .global)
                #expect(try await store.roomLines() == ["global: 1"])
                await store.release(session)
                #expect(try await store.roomLines() == [])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a released name is free and gone from all lists`(_ adapter: PresenceAdapter) async throws {
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

        @Test(arguments: PresenceAdapter.allCases)
        func `a late release does not touch the name's next session`(_ adapter: PresenceAdapter) async throws {
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

        @Test(arguments: PresenceAdapter.allCases)
        func `a session without a name cannot move`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                let error = await #expect(throws: ChatError.self) {
                    try await store.move(.random(), leaving: [.global], entering: dev)
                }
                #expect(error?.code == .usernameTaken)
                #expect(try await store.roomLines() == [])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `of fifty claims at once one wins`(_ adapter: PresenceAdapter) async throws {
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

        @Test(arguments: PresenceAdapter.allCases, ["a.b", "*", ">", "%", "日本語", "ünï", "\"'\\", "room:x", "{x}"])
        func `any valid name is kept as it is`(_ adapter: PresenceAdapter, _ name: String) async throws {
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

        @Test(arguments: PresenceAdapter.allCases)
        func `lists are sorted by bytes, and read in parts from any text on`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                let names = ["B", "a", "b", "é", "日", "\u{FF5E}", "😀"]
                for name in names.shuffled() { try await store.enter(try Username(name), in: try RoomName("r" + name)) }
                for name in names.dropFirst(2).shuffled() {
                    try await store.enter(try Username("x" + name), in: dev)
                }
                let all = (names + names.dropFirst(2).map { "x" + $0 })
                    .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
                #expect(try await store.names() == all)
                for limit in [1, 3, all.count] {
                    var found: [String] = []
                    var more = true
                    while more {
                        let page = try await store.users(in: nil, ListRange(after: found.last, limit: limit))
                        #expect(page.total == all.count)
                        #expect(page.elements.count <= limit)
                        found += page.elements
                        more = page.more
                    }
                    #expect(found == all)
                }
                let some = try await store.users(in: dev, ListRange(after: "xc", limit: 2))
                #expect(some == ListPage(elements: ["xé", "x日"], more: true, total: 5))
                #expect(try await store.users(in: dev, ListRange(after: "xe\u{301}")).elements.first == "xé")
                #expect(
                    try await store.users(in: dev, ListRange(after: "y"))
                        == ListPage(elements: [], more: false, total: 5))
                let rooms = try await store.rooms(ListRange(after: "dev", limit: 2))
                #expect(
                    rooms
                        == ListPage(
                            elements: [RoomSummary(name: "rB", members: 1), RoomSummary(name: "ra", members: 1)],
                            more: true, total: 8))
                let last = try await store.rooms(ListRange(after: "r日"))
                #expect(last.elements.map(\.name) == ["r\u{FF5E}", "r😀"])
                #expect(!last.more)
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `sessions that come, move and go at random leave lists that agree with the truth`(
            _ adapter: PresenceAdapter
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
