/// Which readers of a topic are shown an entry. Each case includes the readers of the cases before it.
public enum Visibility: Comparable, Sendable {
    /// No reader.
    case hidden
    /// Readers that are live when the entry is stored.
    case live
    /// Readers that read on from where they stopped: after a resume, or when they were too slow. They may show what the
    /// entry changes. A window keeps the entry for them.
    case catchUp
    /// Readers that begin with the latest history or look up what is older. The entry counts as one of the messages that
    /// they ask for.
    case history
}
