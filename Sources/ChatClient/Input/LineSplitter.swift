import Wire

/// Cuts a stream of bytes into lines, independent of how the stream arrives in pieces.
///
/// A byte order mark at the beginning is dropped. Memory is bounded: a line longer than `longest` is dropped up to its
/// end, and reported once.
struct LineSplitter: Sendable {
    enum Piece: Equatable, Sendable {
        /// A line without its line break. Invalid UTF-8 is repaired.
        case line(String)
        /// A line that was longer than allowed and was dropped.
        case tooLong
    }

    /// In bytes. No server accepts a message this long.
    static let longest = 256 * 1024

    private var partial: [UInt8] = []
    private var isSkipping = false
    private var isFirstLine = true

    mutating func append(_ bytes: some Sequence<UInt8>) -> [Piece] {
        var pieces: [Piece] = []
        for byte in bytes {
            if byte == UInt8(ascii: "\n") {
                if let piece = end() { pieces.append(piece) }
                isSkipping = false
            } else if !isSkipping {
                partial.append(byte)
                if partial.count > Self.longest {
                    partial = []
                    isSkipping = true
                    pieces.append(.tooLong)
                }
            }
        }
        return pieces
    }

    /// The rest after the last line break, at the end of the input.
    mutating func finish() -> Piece? {
        partial.isEmpty ? nil : end()
    }

    private mutating func end() -> Piece? {
        defer { isFirstLine = false }
        if isSkipping { return nil }
        if partial.last == UInt8(ascii: "\r") { partial.removeLast() }
        defer { partial.removeAll(keepingCapacity: true) }
        return .line(String(decoding: isFirstLine ? partial.withoutByteOrderMark : partial[...], as: UTF8.self))
    }
}
