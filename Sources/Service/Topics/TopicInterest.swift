import Domain

/// Counts this instance's readers per topic, and says when the first comes and the last goes.
///
/// The bus is told at exactly these moments: one subscription per active topic, however many readers.
struct TopicInterest {
    private var readers: [Topic: Int] = [:]

    /// Topics with at least one reader here.
    var activeTopics: Int { readers.count }

    /// - Returns: whether this is the topic's first reader here.
    mutating func enter(_ topic: Topic) -> Bool {
        readers[topic, default: 0] += 1
        return readers[topic] == 1
    }

    /// - Returns: whether that was the topic's last reader here. Leaving a topic that has none changes nothing.
    mutating func leave(_ topic: Topic) -> Bool {
        guard let count = readers[topic] else { return false }
        readers[topic] = count > 1 ? count - 1 : nil
        return count == 1
    }
}
