import Domain
import Logging
import Synchronization

/// The periodic work of the log.
extension LogStore {
    /// A segment that retains less than this, in bytes, is sealed, so that it can be compacted.
    private static let smallestSparseSegment = 1 << 20

    /// Syncs what ``LogSync/interval`` has left for later.
    func sync() {
        writer.withLock { writer in
            guard writer.isUnsynced, let active = writer.active else { return }
            writer.isUnsynced = false
            do throws(StorageError) {
                try active.file.sync()
            } catch {
                logger.error(
                    "messages that were acknowledged may not be on the disk; a loss of power now would lose them",
                    metadata: ["error": "\(error)"])
                // After a failed sync, writes to this file cannot be trusted, so the next ones go to a new file.
                seal(&writer)
                setFailure(error, &writer)
            }
        }
    }

    /// The greatest number of bytes that a probe writes.
    private static let largestProbe = 1 << 20

    /// Finds out without a message whether messages can be stored, so that operators hear of a failure before a message
    /// is lost, and of its end before one comes. Called every second. While all is well it only checks that the files
    /// are in their place.
    func probe() {
        writer.withLock { writer in
            guard !writer.isClosed else { return }
            do throws(StorageError) {
                if writer.isFailing { try tryWriting(&writer) }
                try checkPlace(&writer)
                report(nil, &writer)
            } catch {
                report(error, &writer)
            }
        }
    }

    /// Writes as much as could not be written before, and removes it again. A smaller probe could fit when the next
    /// message does not.
    private func tryWriting(_ writer: inout LogWriter) throws(StorageError) {
        let active = try prepare(&writer)
        let count = min(max(writer.refusedBytes, LogRecord.minimumBytes), Self.largestProbe)
        writer.tail = .torn
        // Zeros: if the process ends now, the next start takes them for a write that was cut off.
        try active.file.write([UInt8](repeating: 0, count: count), at: active.size)
        if settings.sync == .always {
            writer.tail = .unknown
            try active.file.sync()
        }
        try active.file.truncate(to: active.size)
        writer.tail = .sound
        writer.refusedBytes = 0
    }

    /// Drops entries that are too old.
    ///
    /// - Returns: for each topic that lost entries, the newest sequence that it lost.
    @discardableResult
    func expire() -> [Topic: UInt64] {
        let now = now
        return writer.withLock { writer in
            let (dropped, segment) = index.withLock { index in
                (index.expire(now: now), writer.active.flatMap { index.segments[$0.key] })
            }
            writer.wantsCompaction = true
            guard let segment, case .sound = writer.tail, segment.size > SegmentHeader.bytes,
                segment.liveBytes == 0
                    || segment.size >= Self.smallestSparseSegment && segment.liveBytes < segment.size / 2
            else { return dropped }
            if writer.isUnsynced, (try? segment.file.sync()) == nil { return dropped }  // the next sync reports why
            seal(&writer)
            return dropped
        }
    }

    /// Whether ``compact()`` may have something to do since the last call of this.
    func takeCompactionRequest() -> Bool {
        writer.withLock { writer in
            defer { writer.wantsCompaction = false }
            return writer.wantsCompaction
        }
    }

    /// Makes everything durable and accepts nothing more.
    func close() {
        sync()
        writer.withLock { $0.isClosed = true }
        do throws(StorageError) {
            try saveManifest { $0.isClosed = true }
        } catch {
            logger.warning("the log was not closed in order", metadata: ["error": "\(error)"])
        }
    }

    /// Changes the manifest and writes it.
    func saveManifest(_ change: (inout LogManifest) -> Void = { _ in }) throws(StorageError) {
        let kinds = index.withLock { $0.kinds }
        let given = writer.withLock { $0.last }
        try manifest.withLock { manifest throws(StorageError) in
            var new = manifest
            for kind in Topic.Kind.allCases {
                new.last[kind] = given[kind]
                new.forgotten[kind] = kinds[kind].forgotten
                new.damaged[kind] = kinds[kind].damaged
            }
            change(&new)
            guard new != manifest else { return }
            try storage.checkPlace()
            try new.write(to: storage)
            manifest = new
        }
    }
}
