/// When each message is due: at equal distances, whatever became of those before it. An open loop, as users are.
struct Schedule: Equatable, Sendable {
    /// Of `MonotonicClock`.
    var start: Int64
    /// Messages per second, of all senders together. 0: of a floor that sends as fast as it can, nothing is due.
    var rate: Double
    /// What is due before is not measured.
    var warmup: Double
    /// How long is measured, after the warm-up; in seconds.
    var seconds: Double

    var count: Int { Int(((warmup + seconds) * rate).rounded()) }
    var measureFrom: Int64 { start + Int64(warmup * 1e9) }
    var end: Int64 { start + Int64((warmup + seconds) * 1e9) }

    /// How many messages are due at a time or before.
    func count(dueBy time: Int64) -> Int {
        guard rate > 0, time >= start else { return 0 }
        return Int(min(Double(count), (Double(time - start) * rate / 1e9).rounded(.down) + 1))
    }

    func due(_ number: Int) -> Int64 { rate > 0 ? start + Int64(Double(number) * 1e9 / rate) : .max }
    func isMeasured(_ due: Int64) -> Bool { due >= measureFrom && due < end }
}
