import Domain
import Logging
import Synchronization

/// What is looked after while nobody sends anything.
extension LogStore {
    /// A segment with so little in it that is retained is sealed, so that it can be compacted.
    private static let smallestSparseSegment = 1 << 20

    /// Forces to the disk what ``LogSync/interval`` has left for later.
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
                // What is written from now on can be synced for all that is known: in another file.
                seal(&writer)
                setFailure(error, &writer)
            }
        }
    }

    /// What is tried at the most, in bytes.
    private static let largestProbe = 1 << 20

    /// Finds out without a message whether messages can be stored, so that it is told before one is lost, and that they can be
    /// again before one comes. Called every second; while all is well it only looks whether the files are in their place.
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

    /// Writes as much as could not be written before, and takes it back: less would fit where the next message does not.
    private func tryWriting(_ writer: inout LogWriter) throws(StorageError) {
        let active = try prepare(&writer)
        let count = min(max(writer.refusedBytes, LogRecord.minimumBytes), Self.largestProbe)
        writer.tail = .torn
        // Zeros: should the process end now, the next start takes them for a write that was cut short.
        try active.file.write([UInt8](repeating: 0, count: count), at: active.size)
        if settings.sync == .always {
            writer.tail = .unknown
            try active.file.sync()
        }
        try active.file.truncate(to: active.size)
        writer.tail = .sound
        writer.refusedBytes = 0
    }

    /// Drops what is too old.
    ///
    /// - Returns: of each topic that has lost something the newest number that it lost.
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
            if writer.isUnsynced, (try? segment.file.sync()) == nil { return dropped }  // the next sync says why
            seal(&writer)
            return dropped
        }
    }

    /// Whether ``compact()`` may find something to do since the last time this was asked.
    func takeCompactionRequest() -> Bool {
        writer.withLock { writer in
            defer { writer.wantsCompaction = false }
            return writer.wantsCompaction
        }
    }

    /// Puts everything on the disk and takes no more.
    func close() {
        sync()
        writer.withLock { $0.isClosed = true }
        do throws(StorageError) {
            try saveManifest { $0.isClosed = true }
        } catch {
            logger.warning("the log was not closed in order", metadata: ["error": "\(error)"])
        }
    }

    /// Writes what the log knows besides its messages.
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
