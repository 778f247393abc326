import Domain
import Logging
import Synchronization

extension LogIndex {
    /// A few segments next to each other whose retained entries fit into one; nil where it is not worth the work.
    ///
    /// A segment of which nothing is retained comes alone. One that less than half of is retained is worth it, and so are
    /// four small ones: each entry is rewritten a few times in its life, and the files hold at most about twice what is
    /// retained.
    ///
    /// - Parameter now: seconds since 1970. What is younger than ``RecentIDs/window`` stays, since a start has to find its ids.
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

    /// Gives back the room of what is not retained any more.
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
        // In another directory of the same name the files are not ours to remove.
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
            // A little at a time: appends wait for the index meanwhile.
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

    /// Where a retained entry has got to.
    private struct Move {
        let topic: Topic
        let sequence: UInt64
        let segment: UInt32
        let offset: UInt32
    }

    /// Copies what is retained into a new file, which is on the disk when this returns.
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

    /// Makes durable what only the records told that are about to go.
    ///
    /// A full disk gets its room back by removing segments, so nothing is written where nothing has to be.
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
