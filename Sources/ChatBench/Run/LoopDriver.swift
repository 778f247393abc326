import NIOCore

/// Drives the clients of one event loop: it wakes them, lets them send at the given rate, and from time to time lets
/// one misbehave.
///
/// Confined to its loop.
final class LoopDriver {
    /// How often it serves its clients.
    static let interval = TimeAmount.milliseconds(10)
    /// New connections per second and loop: a crowd that arrives at once would be another test.
    private static let arrivalsPerSecond = 400.0

    private let options: VerifyOptions
    private let clock: RunClock
    private let members: [Member]
    private let listeners: [ClassicListener]
    /// All users' names, for private messages.
    private let names: [String]
    /// This loop's part of all messages.
    private let share: Double
    private var random: SeededRandom
    private var ticker: RepeatedTask?
    private var started = 0
    private var beganAt = Moment.start
    private var talksSince: Moment?
    private var said = 0
    private var mischiefDone = 0

    init(
        _ options: VerifyOptions, members: [Member], listeners: [ClassicListener], names: [String], seed: UInt64,
        clock: RunClock
    ) {
        self.options = options
        self.members = members
        self.listeners = listeners
        self.names = names
        self.clock = clock
        share = Double(members.count) / Double(max(1, names.count * options.sessions))
        random = SeededRandom(seed: seed)
    }

    func start(on loop: any EventLoop) {
        beganAt = clock.now
        for listener in listeners { listener.start() }
        let driver = NIOLoopBound(self, eventLoop: loop)
        ticker = loop.scheduleRepeatedTask(initialDelay: .zero, delay: Self.interval) { _ in driver.value.tick() }
    }

    func stop() {
        ticker?.cancel()
        for member in members { member.stop() }
        for listener in listeners { listener.stop() }
    }

    private func tick() {
        let due = Int((clock.now - beganAt).milliseconds * Self.arrivalsPerSecond / 1000) + 1
        while started < min(due, members.count) {
            members[started].start()
            started += 1
        }
        for member in members[..<started] { member.tick() }
        for listener in listeners { listener.tick() }
        guard let talksSince else { return }
        let elapsed = (clock.now - talksSince).milliseconds / 1000
        talk(upTo: Int(elapsed * options.rate * share))
        guard let mischief = options.mischief else { return }
        misbehave(upTo: Int(elapsed * Double(members.count) / max(0.001, mischief.milliseconds / 1000)))
    }

    // MARK: Phases

    func beginTalking() {
        talksSince = clock.now
        said = 0
    }

    /// No more messages and no more mischief; clients that stopped reading continue to read.
    func beginSilence() {
        talksSince = nil
        for member in members { member.read() }
    }

    /// Drops every connection.
    func storm() {
        for member in members { member.act { machine, now in machine.drop(forgets: false, until: now, now) } }
    }

    /// Some users leave for good with all their clients, so that lists and notices have departures.
    func dismiss(_ count: Int) {
        for member in members.suffix(count * options.sessions) {
            member.act { machine, now in machine.quit(.init(pause: nil), now) }
        }
    }

    private func talk(upTo due: Int) {
        while said < due {
            said += 1
            guard let member = members.randomElement(using: &random) else { return }
            let isPrivate = Double.random(in: 0..<1, using: &random) < options.privateShare
            let partner = names.randomElement(using: &random) ?? ""
            _ = member.act { machine, now in
                isPrivate && machine.whisper(to: partner, member.canonical, now) || machine.say(member.canonical, now)
            }
        }
    }

    private func misbehave(upTo due: Int) {
        while mischiefDone < due {
            mischiefDone += 1
            guard let member = members.randomElement(using: &random) else { return }
            // One in eight stops reading instead.
            guard let deed = ClientMachine.Mischief.allCases.randomElement(using: &random),
                Int.random(in: 0..<8, using: &random) > 0
            else {
                member.beSlow(for: options.absence)
                continue
            }
            member.act { machine, now in machine.perform(deed, pause: options.absence, now) }
        }
    }

    // MARK: Looking

    func progress() -> Progress {
        var progress = Progress()
        for member in members { progress.add(member.machine) }
        return progress
    }

    func logs() -> [ClientLog] { members.map(\.machine.log) + listeners.map(\.log) }
}
