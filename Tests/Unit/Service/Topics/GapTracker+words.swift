import Domain

@testable import Service

/// The tracker's events with numbers instead of entries, and what it shows in words.
extension GapTracker {
    static func entry(_ sequence: UInt64, after previous: UInt64? = nil) -> Entry {
        Entry(
            topic: .room(.global), sequence: SequenceNumber(sequence), previous: previous.map(SequenceNumber.init),
            body: .unreadable)
    }

    /// An entry comes in live.
    mutating func shows(_ sequence: UInt64, after previous: UInt64? = nil) -> [String] {
        receive(Self.entry(sequence, after: previous)).map(\.words)
    }

    /// Entries are read from the log.
    mutating func reads(_ sequences: [UInt64], floor: UInt64? = nil) -> [String] {
        read(sequences.map { Self.entry($0) }, floor: floor.map(SequenceNumber.init)).map(\.words)
    }

    /// The read has handed over everything up to `end`.
    mutating func ends(at end: UInt64) -> [String] { readEnded(at: SequenceNumber(end)).map(\.words) }
}

extension GapTracker.Output {
    var words: String {
        switch self {
        case .entry(let entry): "\(entry.sequence)"
        case .late(let entry): "late \(entry.sequence)"
        case .gap(let after, let before): "gap \(after)..\(before)"
        }
    }
}
