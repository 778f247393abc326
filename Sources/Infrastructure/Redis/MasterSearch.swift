/// One round of questions to the sentinels, until one of them names a server that is the master.
///
/// It only decides; its owner asks, connects, and reports the results. A sentinel that was cut off names an old master.
/// So if the named server cannot be reached, or is a replica, the round continues with the next sentinel.
struct MasterSearch {
    enum Step: Equatable {
        case ask(sentinel: RedisAddress)
        case connect(master: RedisAddress, sentinel: RedisAddress)
    }

    /// How to ask a sentinel.
    let question: [String]
    private let master: String
    private var sentinels: ArraySlice<RedisAddress>
    private var asked: RedisAddress?
    private var named: RedisAddress?
    /// Each is tried once per round, since a failure may take its time.
    private var refused: Set<RedisAddress> = []
    private var failures: [String] = []
    /// No error so far could be cured by waiting.
    private var isPermanent = true

    /// - Parameter sentinels: in the order in which they are asked.
    init(for master: String, asking sentinels: [RedisAddress]) {
        self.master = master
        self.sentinels = sentinels[...]
        question = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", master]
    }

    /// The next step; nil: all sentinels were asked, and ``failure`` says how each of them failed.
    mutating func next() -> Step? {
        if let named, let asked { return .connect(master: named, sentinel: asked) }
        asked = sentinels.popFirst()
        return asked.map { .ask(sentinel: $0) }
    }

    /// The answer of the sentinel.
    mutating func answered(_ reply: RedisReply) {
        guard let asked else { return }
        if reply == .null {
            isPermanent = false
            failures.append("sentinel \(asked) knows no master \(master)")
        } else if let words = try? reply.texts(), words.count == 2, !words[0].isEmpty, let port = Int(words[1]),
            (1...65535).contains(port)
        {
            let address = RedisAddress(host: words[0], port: port)
            if !refused.contains(address) { named = address }
        } else {
            isPermanent = false
            failures.append("sentinel \(asked) does not answer as a sentinel")
        }
    }

    /// The step has failed.
    mutating func failed(_ error: RedisError) {
        guard let asked else { return }
        if !error.isPermanent { isPermanent = false }
        if let named {
            failures.append("sentinel \(asked) names \(named): \(error)")
            refused.insert(named)
            self.named = nil
        } else {
            failures.append("sentinel \(asked): \(error)")
        }
    }

    var failure: RedisError {
        let words = failures.joined(separator: "; ")
        return isPermanent && !failures.isEmpty ? .misconfigured(words) : .unreachable(words)
    }
}
