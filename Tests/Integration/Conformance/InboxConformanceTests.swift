import Domain
import Service
import Testing

@testable import TestSupport

extension Integration {
    /// What every message log promises about private messages.
    @Suite("What every message log promises about private messages", .serialized)
    struct InboxConformanceTests {
        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `both copies of a private message are stored, heard and read back as they were appended`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with { log in
                let (alices, bobs) = (try Topic.inbox("alice"), try Topic.inbox("b.*>%\"日"))
                try log.follow(alices, bobs)
                let id = MessageID.random()
                let content = "\0\u{1F}\"\\\n日本語 😀"
                let his = try await log.append(.sample(content, in: bobs, id: id))
                let hers = try await log.append(.ownCopy(content, to: "b.*>%\"日", id: id))
                #expect(!his.isDuplicate && !hers.isDuplicate && his.sequence < hers.sequence)
                for (topic, sequence) in [(bobs, his.sequence), (alices, hers.sequence)] {
                    try await log.hear(1, in: topic)
                    let expected = Message(
                        id: id, sender: "alice", recipient: "b.*>%\"日", content: content,
                        timestamp: Timestamp(millisecondsSince1970: 1_767_323_045_678))
                    #expect(log.heard.entries(of: topic).map(\.message) == [expected])
                    #expect(try await log.read(topic).map(\.message) == [expected])
                    #expect(try await log.read(topic).map(\.sequence) == [sequence])
                    #expect(try await log.log.head(of: topic) == sequence)
                }
                #expect(try await log.readAll(.inboxes).entries.map(\.topic) == [bobs, alices])
                #expect(try await log.readAll(.rooms).entries == [])
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `a private message that comes again with its id is stored once in each inbox`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with { log in
                let (alices, bobs) = (try Topic.inbox("alice"), try Topic.inbox("bob"))
                let id = MessageID("one id")
                let drafts: [Draft] = [
                    try .sample("first", in: bobs, id: id), try .ownCopy("first", to: "bob", id: id),
                ]
                let first = try await log.appendAll(drafts)
                let again = try await log.appendAll(drafts)
                #expect(again == first.map { Appended(sequence: $0.sequence, isDuplicate: true) })
                // The same id to somebody else, from somebody else, and in a room of the same name, is another message.
                #expect(try await !log.append(.ownCopy("to carol", to: "carol", id: id)).isDuplicate)
                #expect(try await !log.append(.sample("carol's", in: bobs, by: "carol", id: id)).isDuplicate)
                #expect(try await !log.append(.sample("to all", in: .room("bob"), id: id)).isDuplicate)
                #expect(try await log.read(bobs).map(\.content) == ["first", "carol's"])
                #expect(try await log.read(alices).map(\.content) == ["first", "to carol"])
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `two who write to each other with the same id write two messages`(
            _ adapter: LogUnderTest.Adapter
        ) async throws {
            try await adapter.with { log in
                let (alices, bobs) = (try Topic.inbox("alice"), try Topic.inbox("bob"))
                let id = MessageID("1")
                let words = try await log.appendAll([
                    .sample("hers", in: bobs, by: "alice", id: id), .ownCopy("hers", by: "alice", to: "bob", id: id),
                    .sample("his", in: alices, by: "bob", id: id), .ownCopy("his", by: "bob", to: "alice", id: id),
                ])
                #expect(words.allSatisfy { !$0.isDuplicate })
                #expect(try await log.read(alices).map(\.content) == ["hers", "his"])
                #expect(try await log.read(bobs).map(\.content) == ["hers", "his"])
            }
        }

        @Test(arguments: LogUnderTest.Adapter.allCases)
        func `a message to oneself is stored once`(_ adapter: LogUnderTest.Adapter) async throws {
            try await adapter.with { log in
                let own = try Topic.inbox("alice")
                let id = MessageID.random()
                let first = try await log.append(.sample("note", in: own, id: id))
                let copy = try await log.append(.ownCopy("note", to: "alice", id: id))
                #expect(copy == Appended(sequence: first.sequence, isDuplicate: true))
                #expect(try await log.read(own).map(\.content) == ["note"])
            }
        }
    }
}
