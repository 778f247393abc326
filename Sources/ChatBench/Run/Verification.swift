import NIOCore
import NIOPosix
import Transport

/// One run: clients send and misbehave, everything settles, and auditors check what is stored.
struct Verification: Sendable {
    enum Failure: Error, Equatable {
        /// No client could ever connect; the last reason.
        case neverConnected(String)
    }

    let options: VerifyOptions
    /// Reports the progress to people; called from time to time from the run's task.
    var report: @Sendable (String) -> Void = { _ in }

    private static let interval = Duration.milliseconds(100)
    /// The time after the last message in which late events can still arrive.
    private static let silence = Duration.milliseconds(500)

    private struct Lane: Sendable {
        let loop: any EventLoop
        let driver: NIOLoopBound<LoopDriver>
    }

    /// Runs to the end. If its task is cancelled, it ends the talking early.
    func run(on group: MultiThreadedEventLoopGroup) async throws -> History {
        let clock = RunClock()
        let messages = MessageTable()
        let lanes = try await makeLanes(group, clock, messages)
        try await each(lanes) { driver, loop in driver.start(on: loop) }
        var history = History(run: options.run, usesTokens: options.signer != nil)
        do {
            try await connect(lanes)
            try await talk(lanes)
            // From here on a cancelled run continues, because what was sent must be judged.
            let closing = Task { () -> [ClientLog] in
                try await settle(lanes, clock)
                return await inspect(lanes, group, clock, messages)
            }
            let auditors = try await closing.value
            history.clients = try await logs(lanes) + auditors
        } catch {
            try await each(lanes) { driver, _ in driver.stop() }
            throw error
        }
        try await each(lanes) { driver, _ in driver.stop() }
        return history
    }

    // MARK: Setting up

    private func roomName(_ index: Int) -> String { "\(options.run)-room-\(index % options.rooms)" }

    private func makeLanes(
        _ group: MultiThreadedEventLoopGroup, _ clock: RunClock, _ messages: MessageTable
    ) async throws -> [Lane] {
        let loops = Array(group.makeIterator())
        let width = String(options.clients).count
        let names = (0..<options.clients).map { index in
            let digits = String(index)
            return "\(options.run)-" + String(repeating: "0", count: width - digits.count) + digits
        }
        var random = SeededRandom(seed: options.seed)
        var identities: [Int: [Identity]] = [:]
        for (index, name) in names.enumerated() {
            for session in 0..<options.sessions {
                identities[index % loops.count, default: []].append(identity(name, index, session, seed: random.next()))
            }
        }
        var lanes: [Lane] = []
        for (number, loop) in loops.enumerated() {
            let (mine, seed) = (identities[number] ?? [], random.next())
            let listening = stride(from: number, to: options.classic, by: loops.count)
            let driver = try await loop.submit {
                let members = mine.enumerated().map { place, identity in
                    Member(
                        identity, addresses: options.addresses, trust: options.trust,
                        compression: options.compression && place % 2 == 1 ? .init() : nil, loop: loop, clock: clock,
                        messages: messages)
                }
                let listeners = listening.map { index in
                    ClassicListener(
                        name: classicName(index), token: options.signer?.token(for: classicName(index)),
                        trust: options.trust, room: roomName(index), addresses: options.addresses,
                        firstAddress: index % options.addresses.count, loop: loop, clock: clock)
                }
                return NIOLoopBound(
                    LoopDriver(
                        options, members: members, listeners: listeners, names: names, seed: seed, clock: clock),
                    eventLoop: loop)
            }.get()
            lanes.append(Lane(loop: loop, driver: driver))
        }
        return lanes
    }

    /// The clients of a user are in different rooms, but not only, and begin at different servers.
    private func identity(_ name: String, _ index: Int, _ session: Int, seed: UInt64) -> Identity {
        let rooms = Set((0..<min(options.roomsPerClient, options.rooms)).map { roomName(index + session % 2 + $0) })
        return Identity(
            name: name, session: options.sessions > 1 ? session : nil, token: options.signer?.token(for: name),
            rooms: rooms.sorted(), addresses: options.addresses.map(\.description),
            firstAddress: (index + session) % options.addresses.count, seed: seed,
            payloadBytes: options.payloadBytes, readsInbox: options.privateShare > 0)
    }

    private func classicName(_ index: Int) -> String { "\(options.run)-c\(index)" }

    // MARK: Phases

    private func connect(_ lanes: [Lane]) async throws {
        let clients = options.clients * options.sessions
        let deadline = ContinuousClock.now + options.patience + .milliseconds(clients * 5)
        let patience = ContinuousClock.now + options.patience
        while true {
            let progress = try await progress(lanes)
            if progress.ready == progress.clients { break }
            if progress.welcomed == 0, ContinuousClock.now >= patience || Task.isCancelled {
                throw Failure.neverConnected(progress.failure ?? "no answer")
            }
            if ContinuousClock.now >= deadline || Task.isCancelled { break }
            try? await Task.sleep(for: Self.interval)
        }
        report("\(try await progress(lanes).ready) of \(clients) clients are ready")
    }

    private func talk(_ lanes: [Lane]) async throws {
        try await each(lanes) { driver, _ in driver.beginTalking() }
        let half = options.duration / 2
        try? await Task.sleep(for: half)
        if options.storm, !Task.isCancelled {
            report("all connections are dropped")
            try await each(lanes) { driver, _ in driver.storm() }
        }
        try? await Task.sleep(for: options.duration - half)
    }

    private func settle(_ lanes: [Lane], _ clock: RunClock) async throws {
        try await each(lanes) { driver, _ in driver.beginSilence() }
        report("silence; waiting for everything to come to rest")
        let deadline = ContinuousClock.now + options.settle
        try await rest(lanes, until: deadline)
        let leavers = options.mischief == nil ? 0 : max(1, options.clients / 20)
        try await each(lanes) { driver, _ in driver.dismiss(leavers / lanes.count + 1) }
        try? await Task.sleep(for: options.limits.notice + Self.silence)
        try await rest(lanes, until: deadline)
    }

    private func rest(_ lanes: [Lane], until deadline: ContinuousClock.Instant) async throws {
        while true {
            let before = try await progress(lanes)
            try? await Task.sleep(for: Self.silence)
            let after = try await progress(lanes)
            if after.isSettled, before == after { return }
            if ContinuousClock.now >= deadline {
                return report("not at rest: \(after.pending) pending, \(after.ready) of \(after.clients) ready")
            }
        }
    }

    // MARK: Looking

    /// One auditor per address compares the lists; the first one that can reads all rooms.
    private func inspect(
        _ lanes: [Lane], _ group: MultiThreadedEventLoopGroup, _ clock: RunClock, _ messages: MessageTable
    ) async -> [ClientLog] {
        var auditors: [Auditor] = []
        for (index, address) in options.addresses.enumerated() {
            let name = "\(options.run)-reader-\(index)"
            let auditor = Auditor(
                name: name, token: options.signer?.token(for: name), trust: options.trust, address: address,
                loop: group.next(), clock: clock, messages: messages)
            do {
                try await auditor.connect()
                auditors.append(auditor)
            } catch {
                report("\(address) cannot be asked: \(error)")
            }
        }
        await compareLists(lanes, auditors)
        for index in 0..<options.rooms { await read(roomName(index), auditors) }
        for auditor in auditors { auditor.disconnect() }
        return auditors.map(\.log)
    }

    private func read(_ room: String, _ auditors: [Auditor]) async {
        for auditor in auditors {
            do {
                try await auditor.enter(room)
                return try await auditor.readRoom(room)
            } catch {
                report("\(room) could not be read: \(error)")
            }
        }
    }

    /// Asks until the lists are right or the bound has passed; the judge checks the last ones.
    private func compareLists(_ lanes: [Lane], _ auditors: [Auditor]) async {
        let deadline = ContinuousClock.now + options.listBound
        var open = auditors
        while !open.isEmpty {
            guard let progress = try? await progress(lanes) else { return }
            var wrong: [Auditor] = []
            for auditor in open where await !hasRightLists(auditor, progress, auditors) { wrong.append(auditor) }
            open = wrong
            if ContinuousClock.now >= deadline { return }
            if !open.isEmpty { try? await Task.sleep(for: .milliseconds(500)) }
        }
    }

    private func hasRightLists(_ auditor: Auditor, _ progress: Progress, _ auditors: [Auditor]) async -> Bool {
        let classic = (0..<options.classic).map(classicName)
        func own(_ names: [String]) -> Set<String> {
            Set(names.filter { $0.hasPrefix(options.run + "-") }).subtracting(classic)
        }
        do {
            var isRight = own(try await auditor.listUsers(of: nil)) == progress.names.union(auditors.map(\.name))
            for index in 0..<options.rooms {
                let room = roomName(index)
                if own(try await auditor.listUsers(of: room)) != progress.members[room] ?? [] { isRight = false }
            }
            _ = try await auditor.listRooms()
            return isRight
        } catch {
            report("\(auditor.name) got no lists: \(error)")
            return true
        }
    }

    // MARK: Lanes

    private func each(_ lanes: [Lane], _ body: @escaping @Sendable (LoopDriver, any EventLoop) -> Void) async throws {
        for lane in lanes { try await lane.loop.submit { body(lane.driver.value, lane.loop) }.get() }
    }

    private func progress(_ lanes: [Lane]) async throws -> Progress {
        var progress = Progress()
        for lane in lanes { progress += try await lane.loop.submit { lane.driver.value.progress() }.get() }
        return progress
    }

    private func logs(_ lanes: [Lane]) async throws -> [ClientLog] {
        var logs: [ClientLog] = []
        for lane in lanes { logs += try await lane.loop.submit { lane.driver.value.logs() }.get() }
        return logs
    }
}
