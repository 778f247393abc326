import Testing

@testable import InfrastructureObservability

struct LogQueueTests {
    private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    @Test func `lines are taken together, in their order`() {
        var queue = LogQueue(maximumBytes: 100)
        queue.append("one\n".utf8)
        queue.append("two\n".utf8)
        let batch = queue.take()
        #expect(text(batch.bytes) == "one\ntwo\n" && batch.dropped == 0)
        #expect(queue.isEmpty && queue.dropped == 0)
    }

    @Test func `what does not fit is dropped, counted, and told of once`() {
        var queue = LogQueue(maximumBytes: 8)
        for line in ["one\n", "two\n", "three\n", "4\n"] { queue.append(line.utf8) }
        let batch = queue.take()
        #expect(text(batch.bytes) == "one\ntwo\n" && batch.dropped == 2)
        queue.append("five\n".utf8)
        #expect(queue.take().dropped == 0)
        #expect(queue.dropped == 2)
    }

    @Test func `lines that could not be written are told of later, with those counted before`() {
        var queue = LogQueue(maximumBytes: 4)
        queue.append("one\n".utf8)
        queue.append("two\n".utf8)
        let batch = queue.take()
        queue.lose(1 + batch.dropped, again: batch.dropped)
        #expect(queue.dropped == 2)
        #expect(queue.take().dropped == 2)
    }
}
