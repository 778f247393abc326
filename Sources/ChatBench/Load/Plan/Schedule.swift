/// The due times of the messages: at equal distances, whatever happened to the messages before. This is an open loop,
/// like real users.
struct Schedule: Equatable, Sendable {
    /// In the time of `MonotonicClock`.
    var start: Int64
    /// Messages per second, of all senders together. 0: for a floor that sends as fast as possible; no message has a
    /// due time.
    var rate: Double
    /// Messages that are due before this are not measured.
    var warmup: Double
    /// The measured time after the warm-up, in seconds.
    var seconds: Double

    var count: Int { Int(((warmup + seconds) * rate).rounded()) }
    var measureFrom: Int64 { start + Int64(warmup * 1e9) }
    var end: Int64 { start + Int64((warmup + seconds) * 1e9) }

    /// The number of messages that are due at a time or before.
    func count(dueBy time: Int64) -> Int {
        guard rate > 0, time >= start else { return 0 }
        return Int(min(Double(count), (Double(time - start) * rate / 1e9).rounded(.down) + 1))
    }

    func due(_ number: Int) -> Int64 { rate > 0 ? start + Int64(Double(number) * 1e9 / rate) : .max }
    func isMeasured(_ due: Int64) -> Bool { due >= measureFrom && due < end }
}
