import Synchronization

/// Runs tasks where and when the test says, on the test's own thread: who comes first is a choice, not chance.
///
/// Give it to a task as its executor preference; nonisolated functions that the task awaits run here, too.
final class SteppedExecutor: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    /// How many tasks could go on.
    var waiting: Int { jobs.withLock { $0.count } }

    /// Lets one task go on until it waits for something. - Returns: false where none could.
    @discardableResult
    func step(at position: Int = 0) -> Bool {
        let job = jobs.withLock { jobs in jobs.indices.contains(position) ? jobs.remove(at: position) : nil }
        job?.runSynchronously(on: asUnownedTaskExecutor())
        return job != nil
    }

    func step(using random: inout some RandomNumberGenerator) -> Bool {
        let count = waiting
        return count > 0 && step(at: Int.random(in: 0..<count, using: &random))
    }

    /// Returns when every task waits for something else.
    func settle() { while step() {} }
}
