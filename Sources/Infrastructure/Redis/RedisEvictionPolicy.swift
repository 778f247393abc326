/// What Redis does when its memory is full, from the section `memory` of `INFO`.
struct RedisEvictionPolicy: Equatable {
    /// As in Redis's configuration: `noeviction`, `allkeys-lru`, …
    let name: String
    /// In bytes; 0: no limit now. It can be set at any time.
    let maximumMemory: Int

    /// Nil if the text does not say it.
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

    /// Whether it deletes keys by itself.
    var evicts: Bool { name != "noeviction" }
}
