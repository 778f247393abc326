import Testing

@testable import InfrastructureIdentity

struct KeyScheduleTests {
    private let start = ContinuousClock.now

    private func at(_ seconds: Int) -> ContinuousClock.Instant { start + .seconds(seconds) }

    /// Begins a fetch at a time and ends it at once.
    private func fetch(_ schedule: inout KeySchedule, at seconds: Int, hasSucceeded: Bool = true) -> Bool {
        guard schedule.begin(now: at(seconds)) else { return false }
        _ = schedule.end(hasSucceeded: hasSucceeded, now: at(seconds))
        return true
    }

    private func ask(_ schedule: inout KeySchedule, at seconds: Int) -> Bool { schedule.ask(now: at(seconds)) }

    private func begin(_ schedule: inout KeySchedule, at seconds: Int) -> Bool { schedule.begin(now: at(seconds)) }

    private func end(_ schedule: inout KeySchedule, _ hasSucceeded: Bool, at seconds: Int) -> Bool {
        schedule.end(hasSucceeded: hasSucceeded, now: at(seconds))
    }

    @Test func `keys are fetched at the start and hourly`() {
        var schedule = KeySchedule(now: start)
        #expect(fetch(&schedule, at: 0))
        #expect(!fetch(&schedule, at: 3599))
        #expect(fetch(&schedule, at: 3600))
        #expect(!fetch(&schedule, at: 3601))
    }

    @Test func `an unknown key is asked for at once, and then for a minute not again`() {
        var schedule = KeySchedule(now: start)
        #expect(fetch(&schedule, at: 0))
        #expect(ask(&schedule, at: 10))
        #expect(fetch(&schedule, at: 10))
        for second in 10..<70 { #expect(!ask(&schedule, at: second)) }
        #expect(!fetch(&schedule, at: 69))
        #expect(ask(&schedule, at: 70))
        #expect(fetch(&schedule, at: 70))
    }

    @Test func `whoever asks while a fetch is under way waits for that one`() {
        var schedule = KeySchedule(now: start)
        #expect(ask(&schedule, at: 0) && schedule.isBusy)
        #expect(begin(&schedule, at: 0))
        #expect(ask(&schedule, at: 0))
        #expect(!begin(&schedule, at: 0))
        _ = end(&schedule, true, at: 0)
        #expect(!schedule.isBusy)
        #expect(!begin(&schedule, at: 0))
    }

    @Test func `what has failed is tried again, ever more slowly, and told once`() {
        var schedule = KeySchedule(now: start)
        var moments: [Int] = []
        var news: [Bool] = []
        for second in 0..<200 where schedule.begin(now: at(second)) {
            moments.append(second)
            news.append(schedule.end(hasSucceeded: false, now: at(second)))
        }
        #expect(moments == [0, 1, 3, 7, 15, 31, 63, 123, 183])
        #expect(news.filter { $0 }.count == 1 && news[0])
        #expect(begin(&schedule, at: 243))
        #expect(end(&schedule, true, at: 243))
        #expect(!fetch(&schedule, at: 244))
    }

    @Test func `while the keys cannot be fetched nobody waits for the next try`() {
        var schedule = KeySchedule(now: start)
        for second in [0, 1, 3, 7, 15, 31] { #expect(fetch(&schedule, at: second, hasSucceeded: false)) }
        #expect(ask(&schedule, at: 32))
        #expect(fetch(&schedule, at: 32, hasSucceeded: false))
        for second in 33..<91 where !fetch(&schedule, at: second, hasSucceeded: false) {
            #expect(!ask(&schedule, at: second))
        }
    }
}
