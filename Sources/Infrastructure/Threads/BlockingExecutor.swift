import DequeModule
import Foundation
import Synchronization

/// Runs tasks that may block their thread on a few threads of its own.
///
/// Swift's pool has one thread per core and counts on all of them going on; a task that waits for a lock or a full queue
/// does so here (docs/decisions/0023-topics-apart.md). What is queued is bounded by the tasks that prefer this
/// executor: each has one job here at the most.
public final class BlockingExecutor: TaskExecutor {
    private let jobs = Jobs()
    private let threads: Int

    /// - Parameters:
    ///   - name: of the threads, at most 15 bytes.
    ///   - threads: how many tasks may block at a time while others go on; at least 1.
    public init(name: String, threads: Int) {
        self.threads = max(1, threads)
        for _ in 0..<self.threads {
            Thread.detachNewThread { [jobs] in
                Thread.current.name = name  // set from outside it is not heard before the thread runs
                jobs.run()
            }
        }
    }

    /// Whether the caller may block its thread: a task may only where it prefers an executor, as one that runs here does;
    /// without, it runs on Swift's pool.
    public static var mayBlockHere: Bool {
        withUnsafeCurrentTask { task in task.map { $0.unownedTaskExecutor != nil } ?? true }
    }

    deinit { for _ in 0..<threads { jobs.put(nil) } }

    public func enqueue(_ job: consuming ExecutorJob) {
        jobs.put((UnownedJob(job), asUnownedTaskExecutor()))
    }
}

extension BlockingExecutor {
    /// What waits for the threads. They hold it, not the executor, which ends them when nobody holds it any more.
    private final class Jobs: Sendable {
        /// Nil ends the thread that takes it.
        typealias Job = (job: UnownedJob, executor: UnownedTaskExecutor)?

        private let waiting = Mutex<Deque<Job>>([])
        /// Counts what waits.
        private let count = DispatchSemaphore(value: 0)

        func put(_ job: Job) {
            waiting.withLock { $0.append(job) }
            count.signal()
        }

        func run() {
            while true {
                count.wait()
                guard let (job, executor) = waiting.withLock({ $0.popFirst() }) ?? nil else { return }
                job.runSynchronously(on: executor)
            }
        }
    }
}
