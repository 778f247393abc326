/// SplitMix64 (https://prng.di.unimi.it/splitmix64.c): the same numbers in every run, so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

extension SeededGenerator {
    /// Up to `maximum` scalars, those that give trouble far more often than chance would have them.
    mutating func text(maximum: Int) -> String {
        let awkward: [Unicode.Scalar] = [
            "\"", "\\", "\0", "\n", "\r", "\t", "\u{08}", "\u{1F}", "\u{7F}", "/", "{", "}", ":", ",", "\u{80}",
            "\u{7FF}",
            "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}", "\u{2028}", "\u{FEFF}", "\u{301}",
            "\u{200D}",
        ]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...maximum, using: &self) {
            let scalar =
                Bool.random(using: &self)
                ? awkward.randomElement(using: &self) : Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &self))
            text.append(scalar ?? "x")
        }
        return String(text)
    }

    /// Up to `maximum` bytes that mostly look like JSON.
    mutating func almostJSON(maximum: Int) -> [UInt8] {
        let pieces = [
            "{", "}", "[", "]", ":", ",", "\"", "\\", "\\u", "\\ud800", "\\udc00", "\"type\"", "\"content\"",
            "\"room\"",
            "\"chat_message\"", "\"join_room\"", "null", "true", "1", "-1e999", " ", "\n", "\0",
        ]
        var bytes: [UInt8] = []
        for _ in 0..<Int.random(in: 0...maximum, using: &self) {
            if Int.random(in: 0..<8, using: &self) == 0 {
                bytes.append(UInt8.random(in: 0...255, using: &self))
            } else {
                bytes += Array((pieces.randomElement(using: &self) ?? "").utf8)
            }
        }
        return bytes
    }
}
