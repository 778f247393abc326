import DequeModule

/// Keeps the commands of one connection in order while some of them take their time.
///
/// A pure value. Most commands (messages) are done at once on the event loop; one that has to wait for the presence store
/// makes the lane busy, and what comes behind it waits. The connection reads nothing more while anything waits, so what
/// waits is what came in one read, some kilobytes.
struct CommandLane<Command> {
    private var waiting: Deque<Command> = []
    private var isBusy: Bool

    /// - Parameter isBusy: whether the first command has to wait for something.
    init(isBusy: Bool) { self.isBusy = isBusy }

    var isBlocked: Bool { !waiting.isEmpty }

    var isIdle: Bool { !isBusy && waiting.isEmpty }

    /// - Returns: the command, where it may run now; nil where it waits its turn.
    mutating func submit(_ command: Command) -> Command? {
        guard isBusy || !waiting.isEmpty else { return command }
        waiting.append(command)
        return nil
    }

    /// The command that runs now takes its time.
    mutating func block() { isBusy = true }

    /// It is done.
    mutating func unblock() { isBusy = false }

    /// Takes out what waits and `isMeant`. - Returns: it, oldest first.
    mutating func remove(where isMeant: (Command) -> Bool) -> [Command] {
        let removed = Array(waiting.lazy.filter(isMeant))
        if !removed.isEmpty { waiting.removeAll(where: isMeant) }
        return removed
    }

    /// Forgets what waits, and what runs.
    mutating func clear() {
        waiting.removeAll()
        isBusy = false
    }

    /// - Returns: what may run now, oldest first.
    mutating func next() -> Command? {
        guard !isBusy, let command = waiting.popFirst() else { return nil }
        if waiting.isEmpty { waiting = [] }  // without storage: most connections are idle
        return command
    }
}
