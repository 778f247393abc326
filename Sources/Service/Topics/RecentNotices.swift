/// Remembers the latest notices by id, so that one that was published twice is shown once.
struct RecentNotices {
    private var order: [String] = []
    private var next = 0
    private var known: Set<String> = []
    private let capacity: Int

    /// - Parameter capacity: how many ids are remembered. A notice is repeated within seconds, by the survivor that
    ///   takes over from another, so this bounds the notices of some seconds.
    init(capacity: Int = 8192) {
        self.capacity = capacity
    }

    /// - Returns: whether `id` is new.
    mutating func insert(_ id: String) -> Bool {
        guard known.insert(id).inserted else { return false }
        if order.count < capacity {
            order.append(id)
        } else {
            known.remove(order[next])
            order[next] = id
            next = (next + 1) % capacity
        }
        return true
    }
}
