import Domain

@testable import Service

/// A log as a plain array, against which windows are held.
enum PlainLog {
    /// The page that a log with these entries answers with.
    static func latest(of log: [Entry], limit: PageLimit, floor: UInt64 = 0) -> LogPage {
        let page = pageBefore(nil, in: log, limit: limit)
        return LogPage(
            entries: page, more: page.count < log.count, floor: SequenceNumber(floor),
            head: log.last?.sequence ?? .zero, epoch: Epoch("e"))
    }

    static func pageAfter(_ cursor: SequenceNumber, in log: [Entry], limit: PageLimit) -> [Entry] {
        prefix(of: log.filter { $0.sequence > cursor }, limit)
    }

    static func pageBefore(_ end: SequenceNumber?, in log: [Entry], limit: PageLimit) -> [Entry] {
        prefix(of: log.filter { entry in end.map { entry.sequence < $0 } ?? true }.reversed(), limit).reversed()
    }

    /// At least one, if there is one and any are wanted.
    private static func prefix(of entries: [Entry], _ limit: PageLimit) -> [Entry] {
        var bytes = 0
        return Array(
            entries.prefix(limit.entries).enumerated().prefix { position, entry in
                bytes += entry.frameSize
                return position == 0 || bytes <= limit.bytes
            }.map(\.element))
    }
}
