import Domain
import Logging
import Service
import Synchronization

extension LogStore {
    /// Stores drafts in their order. Returns when the acknowledged ones are as durable as ``Settings/sync`` says.
    ///
    /// - Returns: one result per draft. All new ones fail together. Drafts that the log had already succeed, unless its
    ///   directory is gone.
    func append(_ drafts: [Draft]) -> [Result<Stored, ChatError>] {
        writer.withLock { writer in
            let instant = time.monotonic()
            writer.ids.forget(now: instant)
            guard !writer.isClosed else { return drafts.map { _ in .failure(.closed) } }
            do throws(StorageError) {
                try storage.checkPlace()
            } catch {
                // The messages that their ids would find are gone as well.
                report(error, &writer)
                return drafts.map { _ in .failure(.notStored(error)) }
            }
            do throws(StorageError) {
                let active = try prepare(&writer)
                var batch = LogBatch()
                let storedAt = time.wall().millisecondsSince1970
                for draft in drafts {
                    batch.add(draft, writer: &writer, salt: active.header.salt, storedAt: storedAt) { topic in
                        index.withLock { ($0.head(of: topic), $0.before(topic)) }
                    }
                }
                let failure = commit(batch, &writer, active, storedAt: storedAt, instant: instant)
                return batch.outcomes.map { batch.result($0, failure) }
            } catch {
                report(error, &writer)
                return drafts.map { draft in
                    writer.ids[RecentIDs.Key(draft)].map { .success(.known($0)) } ?? .failure(.notStored(error))
                }
            }
        }
    }

    /// - Returns: why none of the batch was stored; nil if all was.
    private func commit(
        _ batch: LogBatch, _ writer: inout LogWriter, _ active: LogWriter.Active, storedAt: Int64,
        instant: ContinuousClock.Instant
    ) -> StorageError? {
        guard !batch.places.isEmpty else { return nil }
        do throws(StorageError) {
            writer.tail = .torn
            try active.file.write(batch.bytes, at: active.size)
            if settings.sync == .always {
                writer.tail = .unknown
                try active.file.sync()
            } else {
                writer.isUnsynced = true
            }
            // If the file is not under its name any more, the next start would not find the bytes, so nothing may be
            // acknowledged.
            try checkPlace(&writer)
        } catch {
            writer.refusedBytes = batch.bytes.count
            report(error, &writer)
            // Frees the disk space at once. If this fails, the next append tries it again.
            if case .torn = writer.tail { try? active.file.truncate(to: active.size) }
            return error
        }
        writer.tail = .sound
        report(nil, &writer)
        let size = active.size + batch.bytes.count
        writer.active?.size = size
        let seconds = UInt32(clamping: storedAt / 1000)
        index.withLock { index in
            index.extendSegment(active.key, to: size)
            for place in batch.places {
                index.append(
                    LogIndex.Location(
                        sequence: place.sequence, segment: active.key, offset: UInt32(active.size + place.offset),
                        length: UInt32(place.length), storedAt: seconds),
                    to: place.draft.topic, before: place.before)
            }
        }
        for place in batch.places { writer.ids.insert(place.key, place.sequence, at: instant) }
        return nil
    }

    /// Returns a sound segment with room for writing.
    func prepare(_ writer: inout LogWriter) throws(StorageError) -> LogWriter.Active {
        if let active = writer.active {
            switch writer.tail {
            case .sound: break
            case .torn: try active.file.truncate(to: active.size)
            case .unknown:
                try active.file.truncate(to: active.size)
                try active.file.sync()
                seal(&writer)
            }
            writer.tail = .sound
        }
        if let active = writer.active {
            if active.size < settings.segmentBytes { return active }
            if writer.isUnsynced { try active.file.sync() }
            seal(&writer)
        }
        try storage.checkPlace()
        let name = SegmentName(number: writer.nextNumber)
        let header = SegmentHeader.random()
        let file = try storage.create(name.text)
        try file.write(header.encoded, at: 0)
        try file.sync()
        try storage.syncNames()
        writer.nextNumber += 1
        let key = index.withLock { $0.addSegment(name.text, file, header, size: SegmentHeader.bytes) }
        let active = LogWriter.Active(key: key, file: file, header: header, size: SegmentHeader.bytes)
        writer.active = active
        return active
    }

    func seal(_ writer: inout LogWriter) {
        if let active = writer.active { index.withLock { $0.sealSegment(active.key) } }
        writer.active = nil
        writer.isUnsynced = false
        writer.wantsCompaction = true
    }

    /// Throws if the next start would not find what is written now. If only the file is gone, it is given up, and the
    /// next message begins a new one.
    func checkPlace(_ writer: inout LogWriter) throws(StorageError) {
        try storage.checkPlace()
        do throws(StorageError) {
            try writer.active?.file.checkPlace()
        } catch {
            seal(&writer)
            writer.tail = .sound
            throw error
        }
    }

    /// Logs one line when storing begins to fail, and one when it works again, not one per failure.
    func report(_ error: StorageError?, _ writer: inout LogWriter) {
        guard writer.isFailing != (error != nil) else { return }
        setFailure(error, &writer)
        if let error {
            logger.error(
                "messages cannot be stored and are refused until they can be again", metadata: ["error": "\(error)"])
        } else {
            logger.notice("messages are stored again")
        }
    }

    func setFailure(_ error: StorageError?, _ writer: inout LogWriter) {
        writer.isFailing = error != nil
        // The path is left out, because `/readyz` shows this to anybody who asks.
        obstacle.withLock { $0 = error?.reason }
    }
}

extension LogBatch {
    fileprivate func result(_ outcome: Outcome, _ failure: StorageError?) -> Result<LogStore.Stored, ChatError> {
        switch (outcome, failure) {
        case (.known(let sequence), _):
            .success(.known(sequence))
        case (.tooLong, _):
            .failure(ChatError(.messageTooLong, "message too long", cause: AppendFailure(.tooLarge)))
        case (_, let failure?):
            .failure(.notStored(failure))
        case (.stored(let place), nil):
            .success(
                LogStore.Stored(
                    appended: Appended(sequence: SequenceNumber(places[place].sequence), isDuplicate: false),
                    entry: places[place].entry))
        case (.repeated(let place), nil):
            .success(.known(places[place].sequence))
        }
    }
}

extension LogStore.Stored {
    fileprivate static func known(_ sequence: UInt64) -> LogStore.Stored {
        LogStore.Stored(appended: Appended(sequence: SequenceNumber(sequence), isDuplicate: true), entry: nil)
    }
}

extension ChatError {
    fileprivate static let closed = ChatError(
        .unavailable, "not sent: the server is stopping, try again later", cause: AppendFailure(.unreachable))

    fileprivate static func notStored(_ error: StorageError) -> ChatError {
        ChatError(
            .unavailable, "not sent: the message store cannot be written, try again later",
            cause: AppendFailure(error.isFull ? .full : .refused, cause: error))
    }
}
