import Synchronization
import Testing

@testable import ChatServer

struct ErrandsTests {
    private let errands = Errands()

    @Test func `errands are done at once, not one after the other`() async {
        errands.begin()
        async let served: Void = errands.serve()
        let (words, said) = AsyncStream.makeStream(of: Int.self)
        // Each waits for the one that comes after it.
        let first = Mutex<CheckedContinuation<Void, Never>?>(nil)
        errands.run {
            await withCheckedContinuation { continuation in
                first.withLock { $0 = continuation }
                said.yield(1)
            }
            said.yield(3)
            said.finish()
        }
        var heard: [Int] = []
        for await word in words {
            heard.append(word)
            guard word == 1 else { continue }
            errands.run {
                said.yield(2)
                first.withLock { $0.take() }?.resume()
            }
        }
        #expect(heard == [1, 2, 3])
        errands.end()
        errands.finish()
        await served
    }

    @Test func `they end when the last conversation has ended, with all its errands done`() async {
        let done = Mutex(0)
        for _ in 0..<100 {
            errands.begin()
            errands.run { [errands] in
                await Task.yield()
                errands.run {
                    done.withLock { $0 += 1 }
                    errands.end()
                }
            }
        }
        errands.finish()
        await errands.serve()
        #expect(done.withLock { $0 } == 100)
    }

    @Test func `without conversations there is nothing to wait for`() async {
        errands.finish()
        await errands.serve()
    }
}
