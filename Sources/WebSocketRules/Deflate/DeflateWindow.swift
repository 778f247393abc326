/// How far back compressed data may refer to itself (RFC 7692 §7.1.2).
///
/// A peer may ask for any window from 2⁸ to 2¹⁵ bytes. Two are enough: who asks for less than the full one gets the narrow
/// one, which is within whatever was asked for. zlib makes no window of 2⁸ bytes for data without a header.
public enum DeflateWindow: Sendable, CaseIterable {
    /// 2¹⁵ bytes.
    case full
    /// 2⁹ bytes.
    case narrow

    /// The base-2 logarithm of the window's size, as zlib and RFC 7692 count.
    public var bits: Int {
        switch self {
        case .full: 15
        case .narrow: 9
        }
    }

    /// The largest window that is within one of 2 to the power of `bits` bytes; nil: there is none.
    public init?(within bits: Int) {
        switch bits {
        case 15...: self = .full
        case 9...14: self = .narrow
        default: return nil
        }
    }
}
