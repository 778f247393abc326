import Domain
import Service
import Testing

extension Integration {
    /// A user has several sessions, which share the name.
    @Suite("What every presence store promises about names that are shared", .serialized)
    struct PresenceSharingConformanceTests {
        private let alice: Username
        private let bob: Username
        private let dev: RoomName

        init() throws {
            alice = try Username("alice")
            bob = try Username("bob")
            dev = try RoomName("dev")
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `lists show a user once, and counts count users`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                var sessions: [SessionID] = []
                for secret in [nil, SessionSecret.random(), SessionSecret.random()] {
                    sessions.append(.random())
                    try await store.share(alice, as: sessions.last, in: dev, secret: secret)
                }
                try await store.share(bob, in: dev)
                #expect(try await store.names() == ["alice", "bob"])
                #expect(try await store.names(in: dev) == ["alice", "bob"])
                #expect(try await store.roomLines() == ["dev: 2"])
                for session in sessions.dropLast() {
                    await store.release(session)
                    #expect(try await store.names(in: dev) == ["alice", "bob"])
                    #expect(try await store.contains(alice) == true)
                }
                await store.release(try #require(sessions.last))
                #expect(try await store.names() == ["bob"])
                #expect(try await store.roomLines() == ["dev: 1"])
                #expect(try await store.contains(alice) == false)
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `the first session to enter a room and the last to leave it are news, and no other`(
            _ adapter: PresenceAdapter
        ) async throws {
            try await adapter.withStore { store async throws in
                let (first, second) = (SessionID.random(), SessionID.random())
                #expect(try await store.share(alice, as: first).news.map(\.key) == [.global])
                #expect(try await store.share(alice, as: second).news.map(\.key) == [])
                #expect(try await store.moveAndTell(first, entering: dev) == [dev])
                #expect(try await store.moveAndTell(first, entering: dev) == [])
                #expect(try await store.moveAndTell(second, leaving: [.global], entering: dev) == [])
                #expect(try await store.roomLines() == ["dev: 1", "global: 1"])
                #expect(try await store.moveAndTell(first, leaving: [.global]) == [.global])
                #expect(try await store.moveAndTell(first, leaving: [.global, dev]) == [])
                #expect(try await store.roomLines() == ["dev: 1"])
                #expect(try await store.moveAndTell(second, leaving: [dev], entering: .global) == [dev, .global])
                #expect(try await store.roomLines() == ["global: 1"])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `each move answers the members of its rooms, a user counted once`(
            _ adapter: PresenceAdapter
        ) async throws {
            try await adapter.withStore { store async throws in
                let session = SessionID.random()
                try await store.share(bob, in: dev)
                try await store.share(alice, in: dev)
                #expect(try await store.share(alice, as: session, in: dev).rooms.map(\.members) == [2])
                #expect(
                    try await store.move(session, leaving: [dev], entering: .global).members == [dev: 2, .global: 1])
                #expect(try await store.move(session, leaving: [], entering: dev).members == [dev: 2])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a name that is shared and one that a session has alone exclude each other`(
            _ adapter: PresenceAdapter
        ) async throws {
            try await adapter.withStore { store async throws in
                let (shared, alone) = (SessionID.random(), SessionID.random())
                let secret = SessionSecret.random()
                try await store.share(alice, as: shared, secret: secret)
                try await store.enter(bob, as: alone, in: dev, secret: secret)
                for presented in [nil, secret] {
                    let exclusive = await #expect(throws: ChatError.self) {
                        try await store.enter(alice, secret: .random(), presenting: presented)
                    }
                    #expect(exclusive?.code == .usernameTaken)
                    let other = await #expect(throws: ChatError.self) {
                        try await store.share(bob, secret: .random(), presenting: presented)
                    }
                    #expect(other?.code == .usernameTaken)
                }
                #expect(try await store.roomLines() == ["dev: 1", "global: 1"])
                await store.release(shared)
                await store.release(alone)
                try await store.enter(alice)
                try await store.share(bob)
                #expect(try await store.names() == ["alice", "bob"])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a secret resumes its own session, and the user's others stay where they are`(
            _ adapter: PresenceAdapter
        ) async throws {
            try await adapter.withStore { store async throws in
                let (mine, other, next) = (SessionID.random(), SessionID.random(), SessionID.random())
                let (secret, otherSecret) = (SessionSecret.random(), SessionSecret.random())
                try await store.share(alice, as: mine, in: dev, secret: secret)
                try await store.share(alice, as: other, in: .global, secret: otherSecret)
                let claimed = try await store.share(
                    alice, as: next, in: .global, secret: .random(), presenting: secret)
                #expect(
                    claimed
                        == Claimed(predecessor: mine, secret: secret, rooms: [(dev, 1)], inboxStart: nil, news: [:]))
                let error = await #expect(throws: ChatError.self) {
                    try await store.move(mine, leaving: [], entering: .global)
                }
                #expect(error?.code == .usernameTaken)
                await store.release(mine)
                #expect(try await store.moveAndTell(other, leaving: [.global], entering: dev) == [.global])
                #expect(try await store.moveAndTell(next, leaving: [dev]) == [])
                await store.release(next)
                let anew = try await store.share(alice, secret: .random(), presenting: secret)
                #expect(anew.predecessor == nil)
                #expect(try await store.names() == ["alice"])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `of sessions that enter and leave a room at once each coming is told once, and each going`(
            _ adapter: PresenceAdapter
        ) async throws {
            try await adapter.withStore { store async throws in
                let (alice, dev) = (self.alice, self.dev)
                let stay = SessionID.random()
                try await store.share(alice, as: stay)
                let balances = try await withThrowingTaskGroup(of: Int.self) { group in
                    for _ in 0..<20 {
                        group.addTask {
                            let session = SessionID.random()
                            try await store.share(alice, as: session, secret: .random())
                            var balance = 0
                            for _ in 0..<10 {
                                balance += try await store.moveAndTell(session, entering: dev).count
                                balance -= try await store.moveAndTell(session, leaving: [dev]).count
                            }
                            await store.release(session)
                            return balance
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(balances.reduce(0, +) == 0)
                #expect(try await store.moveAndTell(stay, entering: dev) == [dev])
                #expect(try await store.roomLines() == ["dev: 1", "global: 1"])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `what nobody is known to have told is told before what follows it`(
            _ adapter: PresenceAdapter
        ) async throws {
            try await adapter.withObservedStore { store, observer async throws in
                let (first, second) = (SessionID.random(), SessionID.random())
                try await store.share(alice, as: first, in: dev)
                try await store.share(alice, as: second)
                #expect(observer.told == [])
                let left = try await store.move(first, leaving: [dev], entering: nil)
                let id = try #require(left.news[dev]?.keptAs)
                // Its instance may die before it tells the room.
                let joined = try await store.move(second, leaving: [], entering: dev)
                #expect(observer.notices.map(\.id) == [id])
                #expect(observer.told == ["-alice@dev"])
                #expect(observer.notices.first?.members == 0)
                await store.told([try #require(joined.news[dev]?.keptAs)])
                #expect(try await store.moveAndTell(second, leaving: [dev]) == [dev])
                #expect(observer.told == ["-alice@dev"])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a session that ends in rooms has them told where it was the user's last one`(
            _ adapter: PresenceAdapter
        ) async throws {
            try await adapter.withObservedStore { store, observer async throws in
                let (first, second) = (SessionID.random(), SessionID.random())
                try await store.share(alice, as: first, in: dev)
                try await store.share(alice, as: second, in: .global)
                try await store.moveAndTell(second, entering: dev)
                await store.release(second)
                #expect(observer.told == ["-alice@global"])
                await store.release(first)
                await store.release(first)
                #expect(observer.told == ["-alice@global", "-alice@dev"])
                #expect(try await store.names() == [])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a session in no room keeps its user in the list`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                let (first, second) = (SessionID.random(), SessionID.random())
                try await store.share(alice, as: first)
                try await store.share(alice, as: second)
                try await store.moveAndTell(first, leaving: [.global])
                await store.release(second)
                #expect(try await store.names() == ["alice"])
                #expect(try await store.roomLines() == [])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `one session more than may share a name is refused`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                let first = SessionID.random()
                try await store.share(alice, as: first)
                for _ in 1..<Claim.maximumSessions { try await store.share(alice) }
                let error = await #expect(throws: ChatError.self) { try await store.share(alice, in: dev) }
                #expect(error?.message == "too many sessions of this user: at most 100 at a time")
                #expect(try await store.roomLines() == ["global: 1"])
                await store.release(first)
                try await store.share(alice, in: dev)
                #expect(try await store.roomLines() == ["dev: 1", "global: 1"])
            }
        }

        @Test(arguments: PresenceAdapter.allCases, ["a.b", "*", "%", "日本語", "(", "[", "!", "\u{301}x", "{x}"])
        func `any valid name can be shared, and is no other's`(_ adapter: PresenceAdapter, _ name: String) async throws
        {
            try await adapter.withStore { store async throws in
                let session = SessionID.random()
                let room = try RoomName(name)
                try await store.share(try Username(name), as: session, in: room)
                try await store.share(try Username(name + "!"), in: room)
                try await store.share(try Username(name), secret: .random())
                #expect(try await store.names() == [name, name + "!"])
                #expect(try await store.moveAndTell(session, leaving: [room]) == [room])
                #expect(try await store.names(in: room) == [name + "!"])
            }
        }
    }
}

extension PresenceStore {
    /// Claims a name that is shared, and tells what is news.
    @discardableResult
    func share(
        _ username: Username, as session: SessionID? = nil, in room: RoomName = .global, secret: SessionSecret? = nil,
        presenting presented: SessionSecret? = nil
    ) async throws(ChatError) -> Claimed {
        let claimed = try await enter(
            username, as: session ?? .random(), in: room, secret: secret, presenting: presented, isShared: true)
        await told(claimed.news.values.compactMap(\.keptAs))
        return claimed
    }

    /// Moves, and tells what is news. - Returns: the rooms that are told.
    @discardableResult
    func moveAndTell(
        _ session: SessionID, leaving: Set<RoomName> = [], entering: RoomName? = nil
    ) async throws(ChatError) -> Set<RoomName> {
        let moved = try await move(session, leaving: leaving, entering: entering)
        await told(moved.news.values.compactMap(\.keptAs))
        return Set(moved.news.keys)
    }
}
