import Domain
import Logging
import Synchronization

extension LogIndex {
    /// Adjacent segments whose retained entries fit into one; nil if compaction is not worthwhile.
    ///
    /// A segment without retained entries is returned alone. Compaction is worthwhile for a segment of which less than
    /// half is retained, and for four small ones. So each entry is rewritten a few times in its life, and the files
    /// take at most about twice the size of what is retained.
    ///
    /// - Parameter now: seconds since 1970. Entries younger than ``RecentIDs/window`` stay, because a start must find
    ///   their ids.
    func compactible(segmentBytes: Int, now: UInt32) -> [Segment]? {
        let window = Int(RecentIDs.window.components.seconds)
        var run: [Segment] = []
        for key in order {
            guard let segment = segments[key], segment.isSealed else { continue }
            let isOld = Int(segment.newest) + window < Int(now)
            if isOld, segment.liveBytes == 0 { return [segment] }
            let isWorthIt =
                isOld && (segment.liveBytes < segment.size / 2 || segment.liveBytes < segmentBytes / 4)
            let fits = run.reduce(segment.liveBytes) { $0 + $1.liveBytes } <= segmentBytes
            if isWorthIt, fits {
                run.append(segment)
                continue
            }
            if run.isWorthCompacting { return run }
            run = isWorthIt ? [segment] : []
        }
        return run.isWorthCompacting ? run : nil
    }
}

extension [LogIndex.Segment] {
    fileprivate var isWorthCompacting: Bool { count >= 4 || contains { $0.liveBytes < $0.size / 2 } }
}

extension LogStore {
    private static let chunk = 1 << 20

    /// Frees the disk space of entries that are not retained any more.
    func compact() {
        do throws(StorageError) {
            while let run = index.withLock({ $0.compactible(segmentBytes: settings.segmentBytes, now: now) }) {
                try compact(run)
            }
        } catch {
            logger.warning("the log could not be made smaller; trying again later", metadata: ["error": "\(error)"])
        }
    }

    private func compact(_ run: [LogIndex.Segment]) throws(StorageError) {
        guard let first = run.first else { return }
        // If the directory was replaced by another one of the same name, its files are not ours to remove.
        try storage.checkPlace()
        var obsolete = run
        if run.contains(where: { $0.liveBytes > 0 }) {
            let (file, header, moves) = try rewrite(run)
            try saveIfNeeded(without: run)
            try storage.rename(SegmentName.unfinished, to: first.name)
            try storage.syncNames()
            let size = try file.size()
            let key = index.withLock { index in
                index.addSegment(first.name, file, header, size: size, at: index.order.firstIndex(of: first.key))
            }
            // In small steps, because appends wait for the index meanwhile.
            for start in stride(from: 0, to: moves.count, by: 1000) {
                index.withLock { index in
                    for move in moves.dropFirst(start).prefix(1000) {
                        index.relocate(
                            move.sequence, of: move.topic, from: move.segment, to: key, offset: move.offset)
                    }
                }
            }
            index.withLock { $0.sealSegment(key) }
            remove(first)
            obsolete.removeFirst()
        } else {
            try saveIfNeeded(without: run)
        }
        for segment in obsolete {
            remove(segment)
            try storage.remove(segment.name)
        }
    }

    private func remove(_ segment: LogIndex.Segment) {
        let isWhole = index.withLock { $0.removeSegment(segment.key) }
        if !isWhole {
            logger.error(
                "stored messages were damaged and are lost", metadata: ["file": "\(segment.file.path)"])
        }
    }

    /// The new place of a retained entry.
    private struct Move {
        let topic: Topic
        let sequence: UInt64
        let segment: UInt32
        let offset: UInt32
    }

    /// Copies retained entries into a new file, which is durable when this returns.
    private func rewrite(
        _ run: [LogIndex.Segment]
    ) throws(StorageError) -> (any LogFile, SegmentHeader, [Move]) {
        let file = try storage.create(SegmentName.unfinished)
        let header = SegmentHeader.random()
        var bytes = header.encoded
        var written = 0
        var moves: [Move] = []
        var topics = TopicNames()
        for segment in run {
            var scanner = SegmentScanner(segment.file, header: segment.header, to: segment.size)
            while let item = try scanner.next() {
                guard case .record(let record, _, let source) = item, let topic = topics[record],
                    index.withLock({ $0.holds(record.sequence, of: topic, in: segment.key) })
                else { continue }
                moves.append(
                    Move(
                        topic: topic, sequence: record.sequence, segment: segment.key,
                        offset: UInt32(written + bytes.count)))
                let start = bytes.count
                bytes.append(contentsOf: source)
                LogRecord.seal(&bytes, from: start, salt: header.salt)
                guard bytes.count >= Self.chunk else { continue }
                try file.write(bytes, at: written)
                written += bytes.count
                bytes.removeAll(keepingCapacity: true)
            }
        }
        try file.write(bytes, at: written)
        try file.sync()
        return (file, header, moves)
    }

    /// Writes the manifest if it does not yet have what only the records in the segments that are about to go say.
    ///
    /// Otherwise nothing is written, so that a full disk can get space back by removing segments.
    private func saveIfNeeded(without run: [LogIndex.Segment]) throws(StorageError) {
        let saved = manifest.withLock { $0 }
        let isNeeded = index.withLock { index in
            let others = index.segments.values.filter { segment in !run.contains { $0.key == segment.key } }
            return Topic.Kind.allCases.contains { kind in
                let remaining = max(others.map { $0.last[kind] }.max() ?? 0, saved.last[kind])
                return remaining < index.kinds[kind].last || saved.forgotten[kind] < index.kinds[kind].forgotten
            }
        }
        if isNeeded { try saveManifest() }
    }
}
