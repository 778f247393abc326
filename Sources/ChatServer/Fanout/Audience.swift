/// How many readers a topic has on each event loop, by encoding. A pure value.
struct Audience {
    private let loops: Int
    /// Those of the first encoding on each loop, then those of the second, and so on.
    private var counts: [Int]

    init(loops: Int, encodings: Int) {
        self.loops = loops
        counts = Array(repeating: 0, count: loops * encodings)
    }

    var isEmpty: Bool { counts.allSatisfy { $0 <= 0 } }

    /// - Parameter loop: the event loop's place among all, from 0.
    mutating func change(_ encoding: Encoding, onLoop loop: Int, by change: Int) {
        counts[encoding.position * loops + loop] += change
    }

    func has(_ encoding: Encoding) -> Bool { (0..<loops).contains { has(encoding, onLoop: $0) } }

    func has(_ encoding: Encoding, onLoop loop: Int) -> Bool { counts[encoding.position * loops + loop] > 0 }
}
