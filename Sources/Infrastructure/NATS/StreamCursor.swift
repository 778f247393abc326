import Domain

/// Reads a stream, or one subject of it, forward to an end that was known to be there when the read began.
struct StreamCursor {
    private static let maximumFruitlessReads = 3

    private let api: JetStreamAPI
    private let kind: Topic.Kind
    private let subject: String?
    private let end: UInt64
    private var consumer: StreamConsumer?
    private var fruitlessReads = 0
    /// Everything retained before it was handed over.
    private(set) var next: UInt64

    /// - Parameters:
    ///   - end: the last number that is wanted.
    ///   - consumer: one that stands at `first` already, which the cursor then owns.
    init(
        api: JetStreamAPI, kind: Topic.Kind, subject: String?, from first: UInt64, end: UInt64,
        consumer: StreamConsumer? = nil
    ) {
        self.api = api
        self.kind = kind
        self.subject = subject
        self.end = end
        self.consumer = consumer
        next = first
    }

    /// To be called when the read is over. Does not wait.
    mutating func close() {
        if let consumer { api.close(consumer) }
        consumer = nil
    }

    /// - Returns: at most `count` messages up to the end, oldest first; none where all were handed over.
    /// - Throws: ``JetStreamError/incomplete`` where something is there and does not come.
    mutating func read(_ count: Int) async throws(JetStreamError) -> [StoredMessage] {
        while next <= end {
            do throws(JetStreamError) {
                let messages = try await pull(count).filter { $0.sequence >= next }
                if let last = messages.last {
                    fruitlessReads = 0
                    next = last.sequence + 1
                    let wanted = messages.filter { $0.sequence <= end }
                    if !wanted.isEmpty { return wanted }
                    continue
                }
            } catch .unanswered(.noResponders) {
                // The server that had the consumer is gone, and it with it.
                consumer = nil
            }
            // Has it been dropped since the read began? The stream's leader knows.
            let isThere =
                try await api.nextSequence(of: subject ?? kind.allStored, in: kind.stream, from: next)
                .map { $0 <= end } ?? false
            guard isThere else {
                next = end + 1
                break
            }
            // It is there, and this consumer does not bring it: it was sent before, and lost.
            close()
            fruitlessReads += 1
            if fruitlessReads >= Self.maximumFruitlessReads { throw .incomplete }
        }
        return []
    }

    /// A consumer that may have sent more than has come is given up, and the next pull reads on with another one: what it
    /// has sent does not come again.
    private mutating func pull(_ count: Int) async throws(JetStreamError) -> [StoredMessage] {
        let consumer: StreamConsumer
        if let existing = self.consumer {
            consumer = existing
        } else {
            consumer = try await api.openConsumer(of: kind.stream, on: subject, from: next)
            self.consumer = consumer
        }
        let batch = try await api.pull(consumer, count: count, until: end)
        if batch.isWhole { self.consumer?.delivered = batch.delivered } else { close() }
        return batch.messages
    }
}
