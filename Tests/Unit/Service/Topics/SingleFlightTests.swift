import Domain
import Synchronization
import Testing

@testable import Service
@testable import SteppedService
@testable import TestSupport

struct SingleFlightTests {
    private let executor = SteppedExecutor()
    private let flight = SingleFlight()
    private let way = Turnstile()
    private let bodies = Bodies()

    /// How many bodies have begun, and how many run.
    private final class Bodies: Sendable {
        private let state = Mutex((begun: 0, running: 0))

        var begun: Int { state.withLock { $0.begun } }

        func begin() {
            state.withLock { state in
                state.begun += 1
                state.running += 1
                #expect(state.running == 1)
            }
        }

        func end() { state.withLock { $0.running -= 1 } }
    }

    private func call(failing code: ChatError.Code? = nil) -> Task<ChatError.Code?, Never> {
        Task(executorPreference: executor) { [flight, way, bodies] in
            do throws(ChatError) {
                try await flight.run { () async throws(ChatError) in
                    bodies.begin()
                    await way.pass()
                    bodies.end()
                    if let code { throw ChatError(code, "failed") }
                }
                return nil
            } catch {
                return error.code
            }
        }
    }

    @Test func `a hundred who want the same at once are served by one`() async {
        way.close()
        let calls = (0..<100).map { _ in call() }
        executor.settle()
        #expect(bodies.begun == 1)
        #expect(way.waiting == 1)
        way.open()
        executor.settle()
        for call in calls { #expect(await call.value == nil) }
        #expect(bodies.begun == 1)
    }

    @Test func `who waits shares the failure, and who comes later tries anew`() async {
        way.close()
        let calls = [call(failing: .unavailable), call(), call()]
        executor.settle()
        way.open()
        executor.settle()
        for call in calls { #expect(await call.value == .unavailable) }
        let later = call()
        executor.settle()
        #expect(await later.value == nil)
        #expect(bodies.begun == 2)
    }

    @Test func `one after the other, each does it`() async {
        for round in 1...3 {
            let call = call(failing: round == 2 ? .internal : nil)
            executor.settle()
            #expect(await call.value == (round == 2 ? .internal : nil))
            #expect(bodies.begun == round)
        }
    }

    @Test(arguments: 1...50 as ClosedRange<UInt64>)
    func `in whatever order they come and go, never two at a time, and all are answered`(seed: UInt64) async {
        var random = SeededGenerator(seed: seed)
        var calls: [Task<ChatError.Code?, Never>] = []
        for _ in 0..<200 {
            switch Int.random(in: 0..<4, using: &random) {
            case 0: calls.append(call(failing: Bool.random(using: &random) ? .unavailable : nil))
            case 1: Bool.random(using: &random) ? way.close() : way.open()
            default: _ = executor.step(using: &random)
            }
        }
        way.open()
        executor.settle()
        // The ones that are still waiting would hang the test here.
        for call in calls { _ = await call.value }
        #expect(bodies.begun <= calls.count)
    }
}
