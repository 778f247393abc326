import Testing

extension Integration {
    /// After whatever has happened every instance lists exactly the living, and who watches has seen each come and go exactly
    /// as often as they did.
    @Suite("User lists tell the truth", .serialized)
    struct Truth {
        @Test func `an instance is killed: who comes back was never away, the others leave once`() async throws {
            try await withHall { hall in
                let killed = ContinuousClock.now
                await hall.far.kill9()
                try await hall.resume("v2-2-0", on: hall.near[0])
                try await hall.resume("v2-2-1", on: hall.near[1])
                let gone: Set = ["v2-2-2", "v2-2-3", "old-2-0", "old-2-1"]
                try await hall.lists(hall.members.subtracting(gone), within: .seconds(10) - (.now - killed))
                let seen = Dictionary(uniqueKeysWithValues: gone.map { ($0, Hall.Sightings(joined: 1, left: 1)) })
                try await hall.isSeenExactly(seen)

                try await hall.far.start()
                try await hall.resume("v2-2-2", on: hall.far)
                try await hall.lists(hall.members.subtracting(gone.subtracting(["v2-2-2"])))
                // It has come anew, to the room that everyone starts in, and has gone on to this one.
                try await hall.isSeenExactly(seen.merging(["v2-2-2": .init(joined: 2, left: 1)]) { $1 })
            }
        }

        @Test func `an instance is frozen for longer than sessions wait: the living are back when it goes on`()
            async throws
        {
            try await withHall { hall in
                let (lost, kept) = (hall.readers["v2-2-0"], hall.classics["old-2-1"])
                hall.far.freeze()
                try await hall.resume("v2-2-0", on: hall.near[1])
                let gone = hall.distant.subtracting(["v2-2-0"])
                let left = Dictionary(uniqueKeysWithValues: gone.map { ($0, Hall.Sightings(joined: 1, left: 1)) })
                try await hall.isSeen(left)
                let usurper = try await hall.near[0].enter("old-2-1", room: Hall.room)
                // Read when the instance goes on, whatever it does first.
                kept?.say("no longer mine to say")

                hall.far.thaw()
                try await hall.lists(hall.members)
                #expect(try await lost?.closed().code == 4001)
                #expect(try await kept?.closed().code == 4001)
                #expect(usurper.isConnected)
                try await hall.isHeard("v2-2-2")
                try await hall.isHeard("old-2-0")
                #expect(!hall.hasHeard("no longer mine to say"))
                try await hall.isSeenExactly(left.mapValues { _ in .init(joined: 2, left: 1) })
            }
        }

        @Test func `an instance loses Redis for longer than sessions wait: its users chat on, and are back with it`()
            async throws
        {
            try await withHall { hall in
                await hall.cable.cut()
                // One quits before the others take him for dead with his instance, one afterwards.
                try await hall.classics["old-2-0"]?.close()
                let left = Dictionary(
                    uniqueKeysWithValues: hall.distant.map { ($0, Hall.Sightings(joined: 1, left: 1)) })
                try await hall.isSeen(left)
                try await hall.classics["old-2-1"]?.close()
                try await hall.isHeard("v2-2-0")
                try await hall.cable.mend()
                let gone: Set = ["old-2-0", "old-2-1"]
                try await hall.lists(hall.members.subtracting(gone))
                try await hall.isSeenExactly(
                    Dictionary(
                        uniqueKeysWithValues: left.map {
                            ($0.key, gone.contains($0.key) ? $0.value : Hall.Sightings(joined: 2, left: 1))
                        }))
            }
        }

        @Test func `Redis is emptied: nobody has come or gone`() async throws {
            try await withHall { hall in
                let peer = try await RedisPeer.connect(port: hall.redis.port)
                for _ in 0..<3 {
                    try await peer.command("FLUSHALL")
                    try await peer.command("SCRIPT", "FLUSH")
                    try await hall.lists(hall.members)
                }
                await peer.close()
                try await hall.isSeenExactly([:])
            }
        }

        @Test(arguments: [false, true])
        func `Redis is away for longer than leases last, and comes back: nobody has come or gone`(
            withItsData: Bool
        ) async throws {
            try await withHall { hall in
                if withItsData {
                    let peer = try await RedisPeer.connect(port: hall.redis.port)
                    try await peer.command("SAVE")
                    await peer.close()
                }
                await hall.redis.kill9()
                // How long it is away: longer than a lease lasts.
                try await Task.sleep(for: .seconds(3))
                try await hall.isHeard("v2-2-0")
                try await hall.redis.start()
                try await hall.lists(hall.members)
                try await hall.isSeenExactly([:])
            }
        }

        @Test func `fifty want one name on three instances: one has it, each time`() async throws {
            try await withCluster(instances: 3, ["lease_seconds": 6]) { cluster in
                for _ in 0..<5 {
                    let sockets = try await withThrowingTaskGroup(of: WebSocketClient.self) { group in
                        for number in 0..<50 {
                            group.addTask {
                                number.isMultiple(of: 2)
                                    ? try await cluster[number].v2Socket("prize")
                                    : try await cluster[number].client("prize")
                            }
                        }
                        return try await group.reduce(into: [WebSocketClient]()) { $0.append($1) }
                    }
                    var winners: [WebSocketClient] = []
                    for socket in sockets {
                        let first = try await socket.texts.next("an answer for \(socket.name)").description
                        if first.contains("username_taken") || first.contains("username already exists") {
                            #expect(try await socket.closed().code == 4001)
                        } else {
                            winners.append(socket)
                        }
                    }
                    #expect(winners.count == 1)
                    for winner in winners { try await winner.close() }
                    try await cluster.isEmpty()
                }
            }
        }
    }
}
