public import Domain

/// A message's place in the log, where it is for certain.
public struct Stored: Equatable, Sendable {
    public let sequence: SequenceNumber
    /// When it was said; of a duplicate when it was said first, nil where that is too long ago to be remembered.
    public let timestamp: Timestamp?
    /// The log had it already, from an earlier try with the same id.
    public let isDuplicate: Bool

    public init(sequence: SequenceNumber, timestamp: Timestamp?, isDuplicate: Bool) {
        self.sequence = sequence
        self.timestamp = timestamp
        self.isDuplicate = isDuplicate
    }
}
