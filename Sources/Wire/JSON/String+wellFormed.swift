import Foundation

extension String {
    /// The text that `bytes` spell in UTF-8: `String(validating:as:)` in a third of its time for short texts, of which every
    /// message has some twenty (docs/performance.md).
    ///
    /// - Returns: nil where they are not UTF-8.
    public init?(wellFormed bytes: UnsafeBufferPointer<UInt8>) {
        let text = String(decoding: bytes, as: UTF8.self)
        // What is not UTF-8 was replaced by U+FFFD.
        let isUnchanged = text.utf8.withContiguousStorageIfAvailable { utf8 in
            guard utf8.count == bytes.count else { return false }
            guard let left = utf8.baseAddress, let right = bytes.baseAddress else { return true }
            return memcmp(left, right, bytes.count) == 0
        }
        guard isUnchanged == true else { return nil }
        self = text
    }
}
