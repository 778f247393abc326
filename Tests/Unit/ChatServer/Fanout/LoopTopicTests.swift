import Testing

@testable import ChatServer

struct LoopTopicTests {
    private let edge = EmbeddedEdge()

    private func members(_ topic: LoopTopic, _ encoding: Encoding) -> [ObjectIdentifier] {
        topic.groups.filter { $0.encoding == encoding }.flatMap { $0.readers.members.map(ObjectIdentifier.init) }
    }

    @Test func `readers are grouped by encoding, and a group goes with its last reader`() throws {
        let (classic, v2) = (try edge.connect().connection, try edge.connectV2("username=alice").connection)
        let topic = LoopTopic()
        #expect(topic.isEmpty)
        topic.add(classic)
        topic.add(v2)
        #expect(members(topic, classic.encoding) == [ObjectIdentifier(classic)])
        #expect(members(topic, v2.encoding) == [ObjectIdentifier(v2)])
        #expect(topic.contains(classic) && topic.contains(v2))
        topic.remove(classic)
        #expect(!topic.contains(classic) && topic.contains(v2))
        #expect(topic.groups.map(\.encoding) == [v2.encoding])
        topic.remove(classic)
        topic.remove(v2)
        #expect(topic.isEmpty)
    }
}
