extension Collection<UInt8> {
    /// The bytes behind a byte order mark (U+FEFF in UTF-8), which some editors write at the beginning of a file.
    ///
    /// For files and pipes. In a frame it is an error: RFC 8259 §8.1 forbids to send one.
    public var withoutByteOrderMark: SubSequence {
        starts(with: [0xEF, 0xBB, 0xBF]) ? dropFirst(3) : self[...]
    }
}
