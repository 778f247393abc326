import DequeModule

/// The lines that a window has shown, oldest first, in little memory: the texts of a few hundred lines share one array
/// of bytes, and a line is decoded only when it is read.
///
/// Appended lines get increasing numbers, prepended ones decreasing numbers, so a number stands for the same line as
/// long as the line exists. Bounded in lines and in bytes; the oldest chunk is dropped first.
struct Scrollback: Sendable {
    static let mostLines = 100_000

    private struct Entry {
        var time: Int64
        var sequence: UInt64
        /// The offset of its bytes in the chunk: first the sender, then the text.
        var start: UInt32
        var senderLength: UInt16
        var kind: UInt8
        var isMention: Bool
    }

    private struct Chunk {
        static let capacity = 256

        var entries: [Entry] = []
        var bytes: [UInt8] = []

        var cost: Int { bytes.count + entries.count * MemoryLayout<Entry>.stride }

        mutating func append(_ line: ScrollbackLine) {
            let sender = line.sender.utf8.prefix(Int(UInt16.max))
            entries.append(
                Entry(
                    time: line.time, sequence: line.sequence, start: UInt32(truncatingIfNeeded: bytes.count),
                    senderLength: UInt16(sender.count), kind: line.kind.rawValue, isMention: line.isMention))
            bytes += sender
            bytes += line.text.utf8
        }

        /// Releases reserved memory when the chunk is full.
        mutating func trim() {
            var exact: [UInt8] = []
            exact.reserveCapacity(bytes.count)
            exact += bytes
            bytes = exact
        }

        mutating func removeLast() {
            guard let last = entries.popLast() else { return }
            bytes.removeSubrange(Int(last.start)...)
        }

        func textRange(_ index: Int) -> Range<Int> {
            let start = Int(entries[index].start)
            let end = index + 1 < entries.count ? Int(entries[index + 1].start) : bytes.count
            return start + Int(entries[index].senderLength)..<end
        }

        func line(_ index: Int) -> ScrollbackLine {
            let entry = entries[index]
            let text = textRange(index)
            return ScrollbackLine(
                kind: ScrollbackLine.Kind(rawValue: entry.kind) ?? .status, time: entry.time,
                sequence: entry.sequence, isMention: entry.isMention,
                sender: String(decoding: bytes[Int(entry.start)..<text.lowerBound], as: UTF8.self),
                text: String(decoding: bytes[text], as: UTF8.self))
        }
    }

    private var chunks: Deque<Chunk> = []
    /// The number of the oldest line.
    private(set) var first = 0
    private(set) var count = 0
    /// The approximate size in memory, in bytes.
    private(set) var cost = 0

    var isEmpty: Bool { count == 0 }
    /// The number after the last line's.
    var end: Int { first + count }

    mutating func append(_ line: ScrollbackLine) {
        if chunks.last.map({ $0.entries.count >= Chunk.capacity || $0.bytes.count > 1 << 20 }) ?? true {
            if let last = chunks.indices.last { chunks[last].trim() }
            chunks.append(Chunk())
        }
        let last = chunks.index(before: chunks.endIndex)
        cost -= chunks[last].cost
        chunks[last].append(line)
        cost += chunks[last].cost
        count += 1
        if count > Self.mostLines { removeOldest() }
    }

    /// Replaces the last line.
    mutating func replaceLast(with line: ScrollbackLine) {
        guard let last = chunks.indices.last, !chunks[last].entries.isEmpty else { return }
        cost -= chunks[last].cost
        chunks[last].removeLast()
        chunks[last].append(line)
        cost += chunks[last].cost
    }

    /// Adds lines before all others, as far as there is room.
    mutating func prepend(_ lines: [ScrollbackLine]) {
        let lines = lines.suffix(max(0, Self.mostLines - count))
        var end = lines.endIndex
        while end > lines.startIndex {
            let start = max(lines.startIndex, end - Chunk.capacity)
            var chunk = Chunk()
            for line in lines[start..<end] { chunk.append(line) }
            chunk.trim()
            chunks.prepend(chunk)
            cost += chunk.cost
            first -= end - start
            count += end - start
            end = start
        }
    }

    /// Drops the oldest chunk of a few hundred lines.
    mutating func removeOldest() {
        guard chunks.count > 1, let oldest = chunks.popFirst() else { return }
        first += oldest.entries.count
        count -= oldest.entries.count
        cost -= oldest.cost
    }

    mutating func removeAll() {
        chunks = []
        first += count
        count = 0
        cost = 0
    }

    /// - Returns: `nil` if there is no such line, or not any more.
    subscript(number: Int) -> ScrollbackLine? {
        place(of: number).map { chunks[$0.chunk].line($0.index) }
    }

    /// The line's time, without decoding its text.
    func time(of number: Int) -> Int64 {
        place(of: number).map { chunks[$0.chunk].entries[$0.index].time } ?? 0
    }

    /// The smallest sequence number of a shown message.
    var firstSequence: UInt64? {
        for chunk in chunks { for entry in chunk.entries where entry.sequence > 0 { return entry.sequence } }
        return nil
    }

    /// The newest line before `number` whose text contains the words; the case of ASCII letters is ignored.
    func last(containing words: String, before number: Int) -> Int? {
        let wanted = words.utf8.map(Self.folded)
        guard let firstByte = wanted.first else { return nil }
        var chunkEnd = end
        for chunk in chunks.reversed() {
            let chunkStart = chunkEnd - chunk.entries.count
            defer { chunkEnd = chunkStart }
            for index in chunk.entries.indices.reversed() where chunkStart + index < number {
                let range = chunk.textRange(index)
                guard range.count >= wanted.count else { continue }
                let isFound = chunk.bytes.withUnsafeBufferPointer { bytes in
                    (range.lowerBound...range.upperBound - wanted.count).contains { start in
                        Self.folded(bytes[start]) == firstByte
                            && wanted.indices.allSatisfy { Self.folded(bytes[start + $0]) == wanted[$0] }
                    }
                }
                if isFound { return chunkStart + index }
            }
        }
        return nil
    }

    private static func folded(_ byte: UInt8) -> UInt8 {
        UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte ? byte | 0x20 : byte
    }

    /// The chunk and the index in it. Chunks differ in length after lines were prepended.
    private func place(of number: Int) -> (chunk: Int, index: Int)? {
        guard number >= first, number < end else { return nil }
        // The search begins at the nearer end, because a screen mostly reads the newest lines.
        if number - first > count / 2 {
            var before = end
            for chunk in chunks.indices.reversed() {
                before -= chunks[chunk].entries.count
                if number >= before { return (chunk, number - before) }
            }
        } else {
            var start = first
            for chunk in chunks.indices {
                if number < start + chunks[chunk].entries.count { return (chunk, number - start) }
                start += chunks[chunk].entries.count
            }
        }
        return nil
    }
}
