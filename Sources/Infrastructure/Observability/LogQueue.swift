/// Finished log lines that wait to be written, in one buffer. A line that does not fit is dropped and counted.
struct LogQueue {
    /// The next step of the thread.
    struct Batch {
        var bytes: [UInt8]
        /// Lines that were dropped after these and have not been reported yet.
        var dropped: Int
    }

    private let maximumBytes: Int
    private var bytes: [UInt8] = []
    private var untold = 0
    /// Since the start.
    private(set) var dropped = 0

    init(maximumBytes: Int) { self.maximumBytes = maximumBytes }

    var isEmpty: Bool { bytes.isEmpty }

    /// - Parameter line: with its newline.
    mutating func append(_ line: some Collection<UInt8>) {
        guard bytes.count + line.count <= maximumBytes else { return lose(1) }
        bytes += line
    }

    /// Takes all waiting lines. The caller reports the dropped lines, or gives them back with ``lose(_:again:)``.
    mutating func take() -> Batch {
        defer {
            bytes = []
            untold = 0
        }
        return Batch(bytes: bytes, dropped: untold)
    }

    /// Lines could not be written.
    ///
    /// - Parameter again: how many of these were counted before.
    mutating func lose(_ lines: Int, again: Int = 0) {
        untold += lines
        dropped += lines - again
    }
}
