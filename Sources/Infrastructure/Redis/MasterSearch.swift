/// One round of asking sentinels where the master is, until one of them names a server that is it.
///
/// Decides only: whoever owns it asks, connects, and tells how that went. A sentinel that was cut off names a master of
/// old, so the round goes on to the next one where the named server is not to be reached, or is a replica.
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
    /// One try a round for each, since it may take its time to fail.
    private var refused: Set<RedisAddress> = []
    private var failures: [String] = []
    /// Nothing went wrong so far that could get better by waiting.
    private var isPermanent = true

    /// - Parameter sentinels: in the order in which they are asked.
    init(for master: String, asking sentinels: [RedisAddress]) {
        self.master = master
        self.sentinels = sentinels[...]
        question = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME", master]
    }

    /// What to do now; nil: nobody is left to ask, and ``failure`` says how all of it went.
    mutating func next() -> Step? {
        if let named, let asked { return .connect(master: named, sentinel: asked) }
        asked = sentinels.popFirst()
        return asked.map { .ask(sentinel: $0) }
    }

    /// What the sentinel has answered.
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

    /// That the step could not be done.
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
