import Domain

/// Messages of which it is not known whether they are stored in the log that is read.
///
/// The log is asked about each kind of topic by itself, and an answer holds for what was in doubt when it was asked for:
/// the log may have become another one since. A pure value, and small: an idle connection has one.
struct Doubts {
    private var waiting: [(kind: Topic.Kind, token: PendingMessages.Token)] = []

    /// - Returns: whether there is a question to be asked; if not, one about this kind is going to be asked anyway.
    mutating func add(_ token: PendingMessages.Token, _ kind: Topic.Kind) -> Bool {
        defer { waiting.append((kind, token)) }
        return !waiting.contains { $0.kind == kind }
    }

    /// The question about a kind is asked now. - Returns: what its answer holds for.
    mutating func take(_ kind: Topic.Kind) -> [PendingMessages.Token] {
        let taken = waiting.filter { $0.kind == kind }
        waiting = waiting.filter { $0.kind != kind }  // most often empty then, and without storage
        return taken.map(\.token)
    }
}
