import Testing

@testable import InfrastructureNATS

struct ConsumerBatchTests {
    private func message(_ sequence: UInt64) -> StoredMessage {
        StoredMessage(subject: "chat.room.dev", sequence: sequence, payload: [])
    }

    /// Brings in messages by their numbers; each stands in the stream at ten times that. - Returns: whether each time the
    /// pull was over.
    private func bring(_ numbers: [UInt64], into batch: inout ConsumerBatch) -> [Bool] {
        var ends: [Bool] = []
        for number in numbers { ends.append(batch.append(message(number &* 10), number: number)) }
        return ends
    }

    @Test func `a batch with as many as were asked for is whole, wherever they stand in the stream`() {
        var batch = ConsumerBatch(count: 3, until: 1000, after: 4)
        #expect(bring([5, 6, 7], into: &batch) == [false, false, true])
        #expect(batch.isWhole && batch.delivered == 7)
        #expect(batch.messages.map(\.sequence) == [50, 60, 70])
    }

    @Test(arguments: [20, 15] as [UInt64])
    func `a batch that has come to the end, or beyond it, is whole`(end: UInt64) {
        var batch = ConsumerBatch(count: 100, until: end, after: 0)
        #expect(bring([1, 2], into: &batch) == [false, true])
        #expect(batch.isWhole)
    }

    @Test(arguments: [0, 2] as [UInt64])
    func `a batch is whole where NATS says that no more come, and is not where nobody says so`(came: UInt64) {
        for isToldByNATS in [true, false] {
            var batch = ConsumerBatch(count: 100, until: 1000, after: 0)
            #expect(bring(Array(1..<(came + 1)), into: &batch) == (0..<came).map { _ in false })
            #expect(!batch.isWhole)
            batch.close(isToldByNATS: isToldByNATS)
            #expect(batch.isWhole == isToldByNATS)
            #expect(batch.messages.count == Int(came) && batch.delivered == came)
        }
    }

    @Test(arguments: [[3], [1, 3, 4], [1, 2, 2], [1, 2, 1], [1, 0], [0], [.max]] as [[UInt64]])
    func `a batch ends before a hole, and whatever comes then is left out`(numbers: [UInt64]) {
        var batch = ConsumerBatch(count: 3, until: 1000, after: 0)
        let ends = bring(numbers + [2, 3, 4, 5], into: &batch)
        let whole = zip(numbers, 1...).prefix { $0 == $1 }.map(\.0)
        #expect(ends == numbers.indices.map { $0 >= whole.count } + [true, true, true, true])
        #expect(batch.messages.map(\.sequence) == whole.map { $0 * 10 })
        // NATS knows nothing of what was lost on the way.
        batch.close(isToldByNATS: true)
        #expect(!batch.isWhole && batch.delivered == UInt64(whole.count))
    }

    @Test func `a batch that was whole before the link was lost is whole`() {
        var batch = ConsumerBatch(count: 1, until: 1000, after: 0)
        let isOver = batch.append(message(10), number: 1)
        batch.close(isToldByNATS: false)
        let isStillOver = batch.append(message(20), number: 2)
        #expect(isOver && isStillOver)
        #expect(batch.isWhole && batch.messages.map(\.sequence) == [10])
    }
}
