import Domain
import Service
import Testing

extension Integration {
    /// What every room bus promises.
    @Suite("What every room bus promises", .serialized)
    struct BusConformanceTests {
        private let dev: Topic
        private let ops: Topic

        init() throws {
            dev = try .room("dev")
            ops = try .room("ops")
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
                .map { try Topic.room($0) }
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
                let room = try Topic.room(name)
                try log.follow(room)
                for other in ["a", "b", "a.c", "global"] {
                    try await log.append(.sample("not heard", in: .room(other)))
                }
                try await log.append(.sample("heard", in: room))
                try await log.hear(1, in: room)
                for other in ["a", "b", "a.c", "global"] {
                    #expect(log.heard.contents(of: try .room(other)) == [])
                }
                #expect(log.heard.contents(of: room) == ["heard"])
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `an inbox is heard like a room, and not by a room of the same name`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with { log in
                let names = ["bob", "b.o", "*", ">", "日本"]
                for name in names { try log.follow(.inbox(name), .room(name)) }
                for name in names { try await log.append(.sample("to \(name)", in: .inbox(name))) }
                try await log.append(.sample("not heard", in: .inbox("carol")))
                for name in names { try await log.append(.sample("in \(name)", in: .room(name))) }
                for name in names {
                    try await log.hear(1, in: .room(name))
                    try await log.hear(1, in: .inbox(name))
                    #expect(log.heard.contents(of: try .inbox(name)) == ["to \(name)"])
                    #expect(log.heard.contents(of: try .room(name)) == ["in \(name)"])
                }
                #expect(log.heard.contents(of: try .inbox("carol")) == [])
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `announcements are heard as they were made, in their order`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                let room = try RoomName("a.*>%日\"")
                let announcements: [Announcement] = try (0..<60).map { number in
                    let username = try Username("us\"er\(number)")
                    return switch number % 4 {
                    case 0, 1:
                        .membership(
                            MembershipNotice(
                                number % 4 == 0 ? .joined : .left, room: room, username: username,
                                session: number.isMultiple(of: 3) ? nil : .random(),
                                members: number.isMultiple(of: 5) ? nil : number,
                                timestamp: Timestamp(millisecondsSince1970: 1_767_323_045_000 + Int64(number) * 7)))
                    case 2:
                        .typing(
                            TypingNotice(
                                room: room, username: username, session: .random(),
                                isTyping: number.isMultiple(of: 3)))
                    default: .succession(.random())
                    }
                }
                for announcement in announcements { try log.bus.announce(announcement) }
                try await eventually("all announcements", seen: { "\(log.heard.announcements.count)" }) {
                    log.heard.announcements.count >= announcements.count
                }
                #expect(log.heard.announcements == announcements)
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `announcements are stored nowhere`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                try log.follow(dev)
                let notice = MembershipNotice(
                    .joined, room: try RoomName("dev"), username: try Username("alice"),
                    timestamp: Timestamp(millisecondsSince1970: 0))
                let typing = TypingNotice(
                    room: try RoomName("dev"), username: try Username("alice"), session: .random(), isTyping: true)
                try log.bus.announce(.membership(notice))
                try log.bus.announce(.typing(typing))
                try await eventually("the notices") {
                    log.heard.announcements == [.membership(notice), .typing(typing)]
                }
                #expect(try await log.log.head(of: dev) == .zero)
                for kind in Topic.Kind.allCases { #expect(try await log.readAll(kind).entries == []) }
            }
        }

        @Test func `what one instance appends the others hear, all in the same order`() async throws {
            try await LogUnderTest.onNATS(instances: 2) { logs, _ in
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
            try await LogUnderTest.onNATS(instances: 2) { logs, _ in
                for log in logs { try log.follow(dev) }
                let id = MessageID.random()
                let first = try await logs[0].append(.sample("first", in: dev, id: id))
                let again = try await logs[1].append(.sample("again", in: dev, id: id))
                #expect(again == Appended(sequence: first.sequence, isDuplicate: true))
                #expect(try await logs[1].log.head(of: dev) == first.sequence)
                #expect(try await logs[1].read(dev).map(\.content) == ["first"])
                let notice = Announcement.membership(
                    MembershipNotice(
                        .left, room: try RoomName("dev"), username: try Username("alice"),
                        timestamp: Timestamp(millisecondsSince1970: 0)))
                let succession = Announcement.succession(.random())
                try logs[0].bus.announce(notice)
                try logs[0].bus.announce(succession)
                for log in logs {
                    // They come on subjects of their own.
                    try await eventually("the announcements", seen: { "\(log.heard.announcements)" }) {
                        log.heard.announcements.count == 2 && log.heard.announcements.contains(notice)
                            && log.heard.announcements.contains(succession)
                    }
                }
            }
        }
    }
}
