/// Reads the decisions of a structured target off the front of an input. When the input is over every choice is zero, so that
/// each input means something.
struct Choices {
    private var rest: ArraySlice<UInt8>

    init(_ input: [UInt8]) { rest = input[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func byte() -> UInt8 { rest.popFirst() ?? 0 }

    mutating func flag() -> Bool { byte() & 1 == 1 }

    /// A number in the range, which begins at zero or above and ends below 65,536.
    mutating func number(_ range: ClosedRange<Int>) -> Int {
        range.lowerBound + (Int(byte()) << 8 | Int(byte())) % (range.upperBound - range.lowerBound + 1)
    }

    mutating func word() -> UInt64 { (0..<8).reduce(0) { word, _ in word << 8 | UInt64(byte()) } }

    /// Up to `maximum` bytes.
    mutating func bytes(upTo maximum: Int) -> [UInt8] {
        let bytes = Array(rest.prefix(number(0...maximum)))
        rest = rest.dropFirst(bytes.count)
        return bytes
    }

    /// Up to `maximum` bytes, what is no UTF-8 among them repaired.
    mutating func text(upTo maximum: Int) -> String { String(decoding: bytes(upTo: maximum), as: UTF8.self) }

    /// All that is left.
    mutating func remainder() -> [UInt8] {
        defer { rest = [] }
        return Array(rest)
    }

    /// Cuts bytes into pieces whose lengths follow from a seed: none is empty, most are short.
    static func pieces(of bytes: [UInt8], seed: UInt8) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var state = UInt32(seed) &* 2_654_435_761 | 1
        var rest = bytes[...]
        while !rest.isEmpty {
            state = state &* 1_664_525 &+ 1_013_904_223
            // One byte at a time with the smallest seeds.
            let length = seed == 0 ? 1 : Int(state >> 24) % (1 + Int(seed) * 4) + 1
            pieces.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return pieces
    }
}
