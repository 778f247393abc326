/// Changes inputs at random, for runs without libFuzzer: the same seed gives the same inputs.
public struct Mutations<Generator: RandomNumberGenerator> {
    private let seeds: [[UInt8]]
    private let maximumBytes: Int
    private var generator: Generator

    /// Bytes and words that decide more often than others.
    private static var words: [[UInt8]] {
        [
            [0], [0xFF], [0x7F], [0x80], Array("\"".utf8), Array("\\".utf8), Array("{}[]:,".utf8), Array("%".utf8),
            Array("\r\n".utf8), Array("\u{301}".utf8), Array("\u{202E}".utf8), Array("\\ud800".utf8),
            Array("-1".utf8), Array("9223372036854775807".utf8), Array("18446744073709551616".utf8),
            Array("0e9223372036854775807".utf8), Array("null".utf8),
        ]
    }

    /// - Parameter seeds: at least one is needed to get anything but empty inputs.
    public init(of seeds: [[UInt8]], maximumBytes: Int, using generator: Generator) {
        self.seeds = seeds
        self.maximumBytes = maximumBytes
        self.generator = generator
    }

    /// A seed with one to four changes.
    public mutating func next() -> [UInt8] {
        var bytes = seeds.randomElement(using: &generator) ?? []
        for _ in 0..<Int.random(in: 1...4, using: &generator) { change(&bytes) }
        return Array(bytes.prefix(maximumBytes))
    }

    private mutating func change(_ bytes: inout [UInt8]) {
        let range = range(of: bytes)
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: bytes.removeSubrange(range)
        case 1: bytes.insert(contentsOf: bytes[range], at: range.lowerBound)
        case 2: bytes.insert(contentsOf: Self.words.randomElement(using: &generator) ?? [], at: range.lowerBound)
        case 3: bytes.replaceSubrange(range, with: Self.words.randomElement(using: &generator) ?? [])
        case 4:
            let other = seeds.randomElement(using: &generator) ?? []
            bytes.replaceSubrange(range, with: other[self.range(of: other)])
        case 5: bytes.removeSubrange(range.lowerBound...)
        default:
            guard range.lowerBound < bytes.count else { return }
            bytes[range.lowerBound] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        }
    }

    private mutating func range(of bytes: [UInt8]) -> Range<Int> {
        let start = Int.random(in: 0...bytes.count, using: &generator)
        let length = Bool.random(using: &generator) ? Int.random(in: 0...8, using: &generator) : bytes.count
        return start..<min(bytes.count, start + length)
    }
}
