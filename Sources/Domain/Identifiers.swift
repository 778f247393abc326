/// Names one connection's session, unique in the cluster and never used again.
///
/// Not a secret: it stands in Redis and in logs.
public struct SessionID: Hashable, Sendable, CustomStringConvertible {
    private let exact: ExactText

    public var text: String { exact.text }

    public init(_ text: String) { exact = ExactText(text) }

    public static func random() -> SessionID { SessionID(RandomToken.make()) }

    public var description: String { text }
}

/// What lets a client take over its own earlier session, and nobody else: 128 random bits as 32 hexadecimal digits.
///
/// Never logged; Redis holds a digest of it only.
public struct SessionSecret: Hashable, Sendable {
    private let exact: ExactText

    public var text: String { exact.text }

    /// - Returns: nil for what cannot be one of ours: anything but 32 lowercase hexadecimal digits.
    public init?(_ text: String) {
        let isOurs = text.utf8.count == 32 && text.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) }
        guard isOurs else { return nil }
        self.init(unchecked: text)
    }

    private init(unchecked text: String) { exact = ExactText(text) }

    public static func random() -> SessionSecret { SessionSecret(unchecked: RandomToken.make()) }
}

/// Names one message, chosen by whoever sends it, so that a retry is known as a retry. It is its bytes: in no normal form.
public struct MessageID: Hashable, Sendable, CustomStringConvertible {
    public static let maximumLength = 64

    private let exact: ExactText

    public var text: String { exact.text }

    public init(_ text: String) { exact = ExactText(text) }

    /// An id that a client chose: 1 to ``maximumLength`` Unicode scalars, none of them a control character.
    public init?(chosen text: String) {
        let scalars = text.unicodeScalars
        guard (1...Self.maximumLength).contains(scalars.count),
            !scalars.contains(where: \.isControl)
        else { return nil }
        self.init(text)
    }

    /// A fresh id with 128 random bits, for senders whose dialect has none.
    public static func random() -> MessageID { MessageID(RandomToken.make()) }

    public var description: String { text }
}

extension Unicode.Scalar {
    /// Whether it is of Unicode's category “control”: without a look at its tables, since those are two blocks for good.
    var isControl: Bool { value < 0x20 || 0x7F...0x9F ~= value }
}

/// Random names that need no coordination.
public enum RandomToken {
    /// 128 bits from the system's random number generator, as 32 hexadecimal digits.
    public static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return String(unsafeUninitializedCapacity: 32) { buffer in
            for half in 0..<2 {
                var bits = generator.next()
                for position in 0..<16 {
                    let digit = UInt8(bits & 0xF)
                    buffer[half * 16 + position] = digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10)
                    bits >>= 4
                }
            }
            return 32
        }
    }
}

/// A message's place in the log: strictly increasing within a room, not necessarily dense. ``zero`` is before all.
public struct SequenceNumber: Hashable, Comparable, Sendable, CustomStringConvertible {
    public static let zero = SequenceNumber(0)

    public let value: UInt64

    public init(_ value: UInt64) { self.value = value }

    /// The number just before; of zero, which stands before everything, zero.
    public var predecessor: SequenceNumber { SequenceNumber(value == 0 ? 0 : value - 1) }

    /// The next number; the greatest is followed by itself.
    public var successor: SequenceNumber { SequenceNumber(value == .max ? .max : value + 1) }

    public static func < (left: SequenceNumber, right: SequenceNumber) -> Bool { left.value < right.value }

    public var description: String { String(value) }
}
