import Foundation
import InfrastructureThreads
import Synchronization
import Testing

@testable import TestSupport

struct BlockingExecutorTests {
    @Test func `tasks run on its threads, those that they begin too, and go back when they are done`() async {
        let executor = BlockingExecutor(name: "test-blocking", threads: 2)
        let names = await withTaskExecutorPreference(executor) {
            let own = threadName()
            return await withTaskGroup(of: String?.self) { group in
                for _ in 0..<10 { group.addTask { threadName() } }
                return await group.reduce(into: [own]) { $0.append($1) }
            }
        }
        #expect(names == Array(repeating: "test-blocking", count: 11))
        #expect(threadName() != "test-blocking")
    }

    @Test func `while one task blocks its thread another goes on`() async {
        let executor = BlockingExecutor(name: "test-blocking", threads: 2)
        let semaphore = Semaphore()
        await withTaskGroup { group in
            group.addTask(executorPreference: executor) { semaphore.wait() }
            group.addTask(executorPreference: executor) { semaphore.signal() }
        }
    }

    @Test func `a task may block its thread here, and not on Swift's pool`() async {
        #expect(!BlockingExecutor.mayBlockHere)
        #expect(
            await withTaskExecutorPreference(BlockingExecutor(name: "test-blocking", threads: 1)) {
                BlockingExecutor.mayBlockHere
            })
        let onOther = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: BlockingExecutor.mayBlockHere) }
        }
        #expect(onOther)
    }

    @Test func `its threads end with it`() async throws {
        let box = Mutex<Weak?>(nil)
        await withTaskExecutorPreference(BlockingExecutor(name: "test-ending", threads: 3)) {
            box.withLock { $0 = Weak() }
        }
        try await eventually("the thread to end") { box.withLock { $0?.thread?.isFinished ?? true } }
    }

    /// Only looked at.
    private struct Weak: @unchecked Sendable {
        weak var thread: Thread?

        init() { thread = Thread.current }
    }

    private final class Semaphore: Sendable {
        private let semaphore = DispatchSemaphore(value: 0)

        func wait() { semaphore.wait() }

        func signal() { semaphore.signal() }
    }
}

private func threadName() -> String? { Thread.current.name }
