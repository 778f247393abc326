import Domain
import Service
import Testing

extension Integration {
    /// A client that comes back takes its own name over, and nobody else does.
    @Suite("What every presence store promises about succession", .serialized)
    struct PresenceSuccessionConformanceTests {
        private let alice: Username
        private let dev: RoomName
        private let secret = SessionSecret.random()

        init() throws {
            alice = try Username("alice")
            dev = try RoomName("dev")
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a claim of a free name has its own secret, room and inbox, whatever it presents`(
            _ adapter: PresenceAdapter
        ) async throws {
            try await adapter.withStore { store async throws in
                let claimed = try await store.enter(
                    alice, in: dev, secret: secret, presenting: .random(), inboxStart: SequenceNumber(7))
                #expect(
                    claimed
                        == Claimed(
                            predecessor: nil, secret: secret, rooms: [(dev, 1)], inboxStart: SequenceNumber(7),
                            news: [dev: PresenceNews()]))
                let classic = try await store.enter(try Username("bob"), in: dev)
                #expect(
                    classic
                        == Claimed(
                            predecessor: nil, secret: nil, rooms: [(dev, 2)], inboxStart: nil,
                            news: [dev: PresenceNews()]))
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a successor has its predecessor's rooms in their order, its secret and its inbox`(
            _ adapter: PresenceAdapter
        ) async throws {
            try await adapter.withStore { store async throws in
                let (first, second) = (SessionID.random(), SessionID.random())
                let largest = SequenceNumber(.max)
                try await store.enter(try Username("bob"), in: dev)
                try await store.enter(
                    alice, as: first, in: try RoomName("z"), secret: secret, inboxStart: largest)
                try await store.move(first, leaving: [], entering: dev)
                try await store.move(first, leaving: [], entering: try RoomName("a"))
                let before = try await store.roomLines()

                let claimed = try await store.enter(
                    alice, as: second, in: .global, secret: .random(), presenting: secret,
                    inboxStart: SequenceNumber(9))
                let rooms = [(name: try RoomName("z"), members: 1), (dev, 2), (try RoomName("a"), 1)]
                #expect(
                    claimed == Claimed(predecessor: first, secret: secret, rooms: rooms, inboxStart: largest))
                #expect(try await store.names() == ["alice", "bob"])
                #expect(try await store.roomLines() == before)
                #expect(
                    try await store.move(second, leaving: [dev], entering: .global).members == [dev: 1, .global: 1])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `the secret stays the same from one successor to the next`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                var last = SessionID.random()
                try await store.enter(alice, as: last, secret: secret)
                for _ in 0..<5 {
                    let (next, fresh) = (SessionID.random(), SessionSecret.random())
                    let claimed = try await store.enter(alice, as: next, secret: fresh, presenting: secret)
                    #expect(claimed.predecessor == last)
                    #expect(claimed.secret == secret)
                    let error = await #expect(throws: ChatError.self) {
                        try await store.enter(alice, presenting: fresh)
                    }
                    #expect(error?.code == .usernameTaken)
                    last = next
                }
                await store.release(last)
                #expect(try await store.names() == [])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a wrong secret, or none, is refused and changes nothing`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                let session = SessionID.random()
                try await store.enter(alice, as: session, secret: secret)
                for presented in [nil, SessionSecret.random()] {
                    let error = await #expect(throws: ChatError.self) {
                        try await store.enter(alice, in: dev, secret: .random(), presenting: presented)
                    }
                    #expect(error?.code == .usernameTaken)
                }
                #expect(try await store.roomLines() == ["global: 1"])
                #expect(
                    try await store.move(session, leaving: [.global], entering: dev).members == [.global: 0, dev: 1])
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a classic session has no successor`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                try await store.enter(alice)
                for presented in [nil, SessionSecret.random()] {
                    let error = await #expect(throws: ChatError.self) {
                        try await store.enter(alice, secret: .random(), presenting: presented)
                    }
                    #expect(error?.code == .usernameTaken)
                }
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `the secret of a session that ended opens nothing`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                let first = SessionID.random()
                try await store.enter(alice, as: first, secret: secret)
                await store.release(first)
                let claimed = try await store.enter(alice, in: dev, secret: .random(), presenting: secret)
                #expect(claimed.predecessor == nil)
                #expect(claimed.rooms.map(\.name) == [dev])
                let error = await #expect(throws: ChatError.self) {
                    try await store.enter(alice, presenting: secret)
                }
                #expect(error?.code == .usernameTaken)
            }
        }

        @Test(arguments: PresenceAdapter.allCases)
        func `a predecessor can neither move its successor nor release it`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                let (first, second) = (SessionID.random(), SessionID.random())
                try await store.enter(alice, as: first, secret: secret)
                try await store.enter(alice, as: second, presenting: secret)
                let error = await #expect(throws: ChatError.self) {
                    try await store.move(first, leaving: [.global], entering: dev)
                }
                #expect(error?.code == .usernameTaken)
                await store.release(first)
                #expect(try await store.names() == ["alice"])
                #expect(try await store.roomLines() == ["global: 1"])
                #expect(
                    try await store.move(second, leaving: [.global], entering: dev).members == [.global: 0, dev: 1])
            }
        }

        /// Each takes over from the one before it, in whatever order the store has them: the last one has the name. One that
        /// was taken over before it heard of its own success may be told so at once.
        @Test(arguments: PresenceAdapter.allCases)
        func `of fifty successors at once one has the name in the end`(_ adapter: PresenceAdapter) async throws {
            try await adapter.withStore { store async throws in
                let (first, alice, secret) = (SessionID.random(), alice, secret)
                try await store.enter(alice, as: first, secret: secret)
                let successors = (0..<50).map { _ in SessionID.random() }
                let claims = await withTaskGroup(of: (SessionID, Result<Claimed, any Error>).self) { group in
                    for session in successors {
                        group.addTask {
                            do {
                                return (
                                    session, .success(try await store.enter(alice, as: session, presenting: secret))
                                )
                            } catch {
                                return (session, .failure(error))
                            }
                        }
                    }
                    return await group.reduce(into: []) { $0.append($1) }
                }
                var predecessors: [SessionID] = []
                for (_, result) in claims {
                    switch result {
                    case .success(let claimed): predecessors.append(try #require(claimed.predecessor))
                    case .failure(let error): #expect((error as? ChatError)?.code == .usernameTaken)
                    }
                }
                #expect(Set(predecessors).count == predecessors.count)

                var owners: [SessionID] = []
                for session in [first] + successors {
                    do throws(ChatError) {
                        try await store.move(session, leaving: [.global], entering: dev)
                        owners.append(session)
                    } catch {
                        #expect(error.code == .usernameTaken)
                    }
                }
                #expect(owners.count == 1)
                #expect(try await store.names() == ["alice"])
                #expect(try await store.roomLines() == ["dev: 1"])
                for session in successors where session != owners.first { await store.release(session) }
                #expect(try await store.names(in: dev) == ["alice"])
            }
        }
    }
}
