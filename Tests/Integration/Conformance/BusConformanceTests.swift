import Domain
import Service
import Testing

extension Integration {
    /// What every room bus promises.
    @Suite("What every room bus promises", .serialized)
    struct BusConformanceTests {
        private let dev: RoomName
        private let ops: RoomName

        init() throws {
            dev = try RoomName("dev")
            ops = try RoomName("ops")
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `a room that is followed is heard, another is not`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                try log.follow(dev)
                try await log.append(.sample("not heard", in: ops))
                try await log.append(.sample("heard", in: dev))
                try await log.hear(1, in: dev)
                #expect(log.heard.contents(of: dev) == ["heard"])
                #expect(log.heard.contents(of: ops) == [])
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `a room can be left and followed again`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                for round in 0..<5 {
                    try log.follow(dev)
                    try await log.append(.sample("heard \(round)", in: dev))
                    try await log.hear(round + 1, in: dev)
                    log.bus.unfollow(dev)
                    try await log.append(.sample("not heard", in: dev))
                }
                #expect(log.heard.contents(of: dev) == (0..<5).map { "heard \($0)" })
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `to leave a room that is not followed does nothing`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                log.bus.unfollow(dev)
                try log.follow(dev)
                log.bus.unfollow(ops)
                try await log.append(.sample("heard", in: dev))
                try await log.hear(1, in: dev)
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `rooms with any names do not hear each other`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                let rooms = try [
                    "a.b", "a", "*", ">", "a%b", "a%2Eb", "%", "a>b", "日本語", "😀", "chat.room.a", "A", "\"",
                ]
                .map { try RoomName($0) }
                for room in rooms { try log.follow(room) }
                for room in rooms { try await log.append(.sample("for \(room)", in: room)) }
                for room in rooms { try await log.hear(1, in: room) }
                for room in rooms { #expect(log.heard.contents(of: room) == ["for \(room)"]) }
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases, ["*", ">", "a.b"])
        func `a room called like a wildcard hears no other room`(
            _ adapter: LogUnderTest.Adapter, name: String
        ) async throws {
            try await adapter.with { log in
                let room = try RoomName(name)
                try log.follow(room)
                for other in ["a", "b", "a.c", "global"] {
                    try await log.append(.sample("not heard", in: RoomName(other)))
                }
                try await log.append(.sample("heard", in: room))
                try await log.hear(1, in: room)
                for other in ["a", "b", "a.c", "global"] {
                    #expect(log.heard.contents(of: try RoomName(other)) == [])
                }
                #expect(log.heard.contents(of: room) == ["heard"])
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `notices are heard as they were announced, in their order`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                let room = try RoomName("a.*>%日\"")
                try log.follow(room)
                let notices = try (0..<50).map { number in
                    MembershipNotice(
                        number.isMultiple(of: 2) ? .joined : .left, room: room,
                        username: try Username("us\"er\(number)"),
                        session: number.isMultiple(of: 3) ? nil : .random(),
                        timestamp: Timestamp(millisecondsSince1970: 1_767_323_045_000 + Int64(number) * 7))
                }
                for notice in notices { try log.bus.announce(notice) }
                try await eventually("50 notices", seen: { "\(log.heard.notices.count)" }) {
                    log.heard.notices.count >= 50
                }
                #expect(log.heard.notices == notices)
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `notices are stored nowhere`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                try log.follow(dev)
                let notice = MembershipNotice(
                    .joined, room: dev, username: try Username("alice"), timestamp: Timestamp(millisecondsSince1970: 0))
                try log.bus.announce(notice)
                try await eventually("the notice") { log.heard.notices == [notice] }
                #expect(try await log.log.head(of: dev) == .zero)
                #expect(try await log.read(nil, after: .zero).entries == [])
            }
        }

        @Test func `what one instance appends the others hear, all in the same order`() async throws {
            try await LogUnderTest.onNATS(instances: 2) { logs in
                for log in logs {
                    try log.follow(dev)
                    // An answer on the same connection: NATS knows of the interest by then, and others are heard too.
                    _ = try await log.log.head(of: dev)
                }
                try await withThrowingTaskGroup { group in
                    for (number, log) in logs.enumerated() {
                        group.addTask {
                            _ = try await log.appendAll((0..<100).map { try .sample("\(number)/\($0)", in: dev) })
                        }
                    }
                    try await group.waitForAll()
                }
                for log in logs { try await log.hear(200, in: dev) }
                #expect(logs[0].heard.entries(of: dev) == logs[1].heard.entries(of: dev))
                #expect(Set(logs[0].heard.contents(of: dev)).count == 200)
                #expect(logs[0].heard.entries(of: dev).count == 200)
            }
        }

        @Test func `instances know each other's messages again, and hear each other's notices`() async throws {
            try await LogUnderTest.onNATS(instances: 2) { logs in
                for log in logs { try log.follow(dev) }
                let id = MessageID.random()
                let first = try await logs[0].append(.sample("first", in: dev, id: id))
                let again = try await logs[1].append(.sample("again", in: dev, id: id))
                #expect(again == Appended(sequence: first.sequence, isDuplicate: true))
                #expect(try await logs[1].log.head(of: dev) == first.sequence)
                #expect(try await logs[1].read(dev, after: .zero).entries.map(\.content) == ["first"])
                let notice = MembershipNotice(
                    .left, room: dev, username: try Username("alice"), timestamp: Timestamp(millisecondsSince1970: 0))
                try logs[0].bus.announce(notice)
                for log in logs { try await eventually("the notice") { log.heard.notices == [notice] } }
            }
        }
    }
}
