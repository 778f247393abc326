import Domain

/// Reads a stream, or one subject of it, forward, to an end that existed when the read began.
struct StreamCursor {
    private static let maximumFruitlessReads = 3

    private let api: JetStreamAPI
    private let kind: Topic.Kind
    private let subject: String?
    private let end: UInt64
    private var consumer: StreamConsumer?
    private var fruitlessReads = 0
    /// Every retained message before this sequence was returned.
    private(set) var next: UInt64

    /// - Parameters:
    ///   - end: the last sequence that is wanted.
    ///   - consumer: a consumer positioned at `first`, which the cursor then owns.
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

    /// Must be called when the read is over. Does not wait.
    mutating func close() {
        if let consumer { api.close(consumer) }
        consumer = nil
    }

    /// - Returns: at most `count` messages up to the end, oldest first; none if all were returned.
    /// - Throws: ``JetStreamError/incomplete`` if a message exists and does not come.
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
                // The server that had the consumer is gone, and the consumer with it.
                consumer = nil
            }
            // The message may have been dropped since the read began. The stream's leader knows.
            let isThere =
                try await api.nextSequence(of: subject ?? kind.allStored, in: kind.stream, from: next)
                .map { $0 <= end } ?? false
            guard isThere else {
                next = end + 1
                break
            }
            // The message exists, and this consumer does not deliver it: the delivery was sent before and got lost.
            close()
            fruitlessReads += 1
            if fruitlessReads >= Self.maximumFruitlessReads { throw .incomplete }
        }
        return []
    }

    /// Pulls once. A consumer that may have sent more than arrived is given up, because it does not send anything
    /// twice; the next pull continues with a new one.
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
