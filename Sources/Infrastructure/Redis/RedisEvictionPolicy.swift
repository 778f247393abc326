/// What Redis does when its memory is full, as the section `memory` of `INFO` says it.
struct RedisEvictionPolicy: Equatable {
    /// As in Redis's configuration: `noeviction`, `allkeys-lru`, …
    let name: String
    /// In bytes; 0: no limit so far. It can be set at any time.
    let maximumMemory: Int

    /// Nil where the text does not say.
    init?(info: String) {
        var fields: [Substring: Substring] = [:]
        for line in info.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts.count == 2 { fields[parts[0]] = parts[1] }
        }
        guard let name = fields["maxmemory_policy"] else { return nil }
        self.name = String(name)
        maximumMemory = fields["maxmemory"].flatMap { Int($0) } ?? 0
    }

    /// Whether it deletes keys that nobody has asked it to delete.
    var evicts: Bool { name != "noeviction" }
}
