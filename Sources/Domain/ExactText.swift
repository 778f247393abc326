import Foundation

/// A text that is what its bytes are: equal to another only where both have the same UTF-8.
///
/// Swift's own strings are equal where Unicode calls them equivalent, so that `é` as one scalar and as two are one key of a
/// dictionary. Whoever names something (an id, a session, a user of an original server) means the bytes, as NATS, Redis and
/// the files of the log do.
public struct ExactText: Hashable, Sendable {
    public let text: String

    public init(_ text: String) { self.text = text }

    public static func == (left: ExactText, right: ExactText) -> Bool {
        let isSame = left.text.utf8.withContiguousStorageIfAvailable { left in
            right.text.utf8.withContiguousStorageIfAvailable { right in
                guard left.count == right.count else { return false }
                guard let bytes = left.baseAddress, let others = right.baseAddress else { return true }
                return memcmp(bytes, others, left.count) == 0
            }
        }
        // Only a text that comes from elsewhere (Foundation on macOS) does not have its bytes in a row.
        return (isSame ?? nil) ?? left.text.utf8.elementsEqual(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        let isDone: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
            hasher.combine(bytes: UnsafeRawBufferPointer(bytes))
        }
        if isDone == nil { for byte in text.utf8 { hasher.combine(byte) } }
        // No text contains this byte: where one text ends and the next begins counts.
        hasher.combine(UInt8.max)
    }
}

extension ExactText: Comparable {
    /// By the bytes of UTF-8, which is the order of Unicode scalars.
    public static func < (left: ExactText, right: ExactText) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }
}
