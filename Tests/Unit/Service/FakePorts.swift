import Domain
import InfrastructureEmbedded
import Service
import Synchronization
import Testing

@testable import SteppedService

/// The embedded adapters, which can be taken down port by port, and which object to calls that the ports forbid.
final class FakePorts: MessageLog, TopicBus, PresenceStore {
    /// What can be out of reach.
    enum Part {
        case append, read, follow, announce, claim, move, lists
    }

    private struct State {
        var log = EmbeddedLog()
        var down: Set<Part> = []
        var followed: Set<Topic> = []
        var entriesToLose = 0
        var receive: (@Sendable (BusEvent) -> Void)?
        /// Who waits for an announcement of its own.
        var markers: [SessionID: AsyncStream<Void>.Continuation] = [:]
        /// Everything up to here is no longer retained.
        var dropped = SequenceNumber.zero
        var present: [SessionID: Set<RoomName>] = [:]
        var lost: Set<SessionID> = []
        /// Sessions that share their names: the rooms hear of the user's first one and last one.
        var sharing: Set<SessionID> = []
        var entriesPerTopic = 10_000
    }

    private let presence = EmbeddedPresenceStore()
    private let state = Mutex(State())
    private let outage = ChatError(.unavailable, "down")
    /// Reads of the log pass here.
    let reading = Turnstile()

    private var log: EmbeddedLog { state.withLock { $0.log } }

    // MARK: What a test does to them

    func takeDown(_ parts: Part...) { state.withLock { $0.down.formUnion(parts) } }

    func bringBack() { state.withLock { $0.down = [] } }

    /// The next `count` entries do not come through the bus.
    func loseEntries(_ count: Int) { state.withLock { $0.entriesToLose = count } }

    /// From now on the log retains only what is beyond `sequence`.
    func drop(upTo sequence: SequenceNumber) { state.withLock { $0.dropped = max($0.dropped, sequence) } }

    /// How far an interruption may go back for one read of all topics.
    func setEntriesPerTopic(_ count: Int) { state.withLock { $0.entriesPerTopic = count } }

    /// Everything is gone, and the log is another one.
    func renew() throws {
        let (log, followed, receive) = state.withLock { state in
            state.log = EmbeddedLog()
            state.dropped = .zero
            return (state.log, state.followed, state.receive)
        }
        start(log)
        for topic in followed { try log.follow(topic) }
        for kind in Topic.Kind.allCases { receive?(.renewed(kind, after: .zero)) }
    }

    /// As the bus tells it, on the caller's thread.
    func tell(_ event: BusEvent) { state.withLock { $0.receive }?(event) }

    /// Tells that the session has lost its name, as the store does after an outage.
    func lose(_ session: SessionID, of observer: any PresenceObserver) {
        state.withLock { _ = $0.lost.insert(session) }
        observer.presenceLost(session)
    }

    var followed: Set<Topic> { state.withLock { $0.followed } }

    /// Returns when everything that was appended and announced before has been handed to the receiver.
    func settle() async throws {
        let room = try RoomName("nobody's")
        let draft = Draft(
            id: .random(), room: room, sender: try Username("nobody"), content: "",
            timestamp: Timestamp(millisecondsSince1970: 0))
        // The embedded log does one thing after the other, and tells one after the other.
        await withCheckedContinuation { continuation in log.append(draft) { _ in continuation.resume() } }
        let marker = SessionID.random()
        let told = AsyncStream.makeStream(of: Void.self)
        state.withLock { $0.markers[marker] = told.continuation }
        try log.announce(.succession(marker))
        for await _ in told.stream {}
    }

    private func check(_ part: Part) throws(ChatError) {
        if state.withLock({ $0.down.contains(part) }) { throw outage }
    }

    // MARK: MessageLog

    func append(_ draft: Draft, completion: @escaping @Sendable (Result<Appended, ChatError>) -> Void) {
        do throws(ChatError) {
            try check(.append)
            log.append(draft, completion: completion)
        } catch {
            completion(.failure(error))
        }
    }

    func head(of topic: Topic) async throws(ChatError) -> SequenceNumber {
        await reading.pass()
        try check(.read)
        return try await log.head(of: topic)
    }

    func readAll(
        _ kind: Topic.Kind, after sequence: SequenceNumber, atMost maximum: UInt64,
        _ batch: @escaping @Sendable ([Entry]) -> Void
    ) async throws(ChatError) -> SequenceNumber? {
        await reading.pass()
        try check(.read)
        let dropped = state.withLock { $0.dropped }
        return try await log.readAll(kind, after: sequence, atMost: maximum) { entries in
            batch(entries.filter { $0.sequence > dropped })
        }
    }

    func page(of topic: Topic, _ range: LogRange, limit: PageLimit) async throws(ChatError) -> LogPage {
        await reading.pass()
        try check(.read)
        let (log, dropped) = state.withLock { ($0.log, $0.dropped) }
        var range = range
        if case .after(let sequence) = range { range = .after(max(sequence, dropped)) }
        let page = try await log.page(of: topic, range, limit: limit)
        let kept = page.entries.filter { $0.sequence > dropped }
        return LogPage(
            entries: kept, more: page.more && kept.count == page.entries.count, floor: max(page.floor, dropped),
            head: page.head, epoch: page.epoch)
    }

    func epoch(of kind: Topic.Kind) -> Epoch { log.epoch(of: kind) }

    func verifyEpoch(of kind: Topic.Kind) async throws(ChatError) -> Epoch {
        await reading.pass()
        try check(.read)
        return try await log.verifyEpoch(of: kind)
    }

    func entriesPerTopic(_ kind: Topic.Kind) -> Int { state.withLock { $0.entriesPerTopic } }

    var storageObstacle: String? { log.storageObstacle }

    // MARK: TopicBus

    func start(_ receive: @escaping @Sendable (BusEvent) -> Void) {
        state.withLock { state in
            if state.receive != nil { Issue.record("started twice") }
            state.receive = receive
        }
        start(log)
    }

    private func start(_ log: EmbeddedLog) {
        log.start { [self] event in
            if case .announcement(.succession(let session)) = event,
                let marker = state.withLock({ $0.markers.removeValue(forKey: session) })
            {
                return marker.finish()
            }
            let receive = state.withLock { state -> (@Sendable (BusEvent) -> Void)? in
                guard case .entry = event, state.entriesToLose > 0 else { return state.receive }
                state.entriesToLose -= 1
                return nil
            }
            receive?(event)
        }
    }

    func follow(_ topic: Topic) throws(ChatError) {
        try check(.follow)
        let log = state.withLock { state in
            if !state.followed.insert(topic).inserted { Issue.record("\(topic) is followed already") }
            return state.log
        }
        try log.follow(topic)
    }

    func unfollow(_ topic: Topic) {
        let log = state.withLock { state in
            if state.followed.remove(topic) == nil { Issue.record("\(topic) was not followed") }
            return state.log
        }
        log.unfollow(topic)
    }

    func announce(_ announcement: Announcement) throws(ChatError) {
        if case .membership(let notice) = announcement { note(notice) }
        try check(.announce)
        try log.announce(announcement)
    }

    private func note(_ notice: MembershipNotice) {
        state.withLock { state in
            guard let session = notice.session else { return }
            switch notice.change {
            case .joined: state.present[session, default: []].insert(notice.room)
            case .left: state.present[session]?.remove(notice.room)
            }
        }
    }

    // MARK: PresenceStore

    func start(_ observer: any PresenceObserver) { presence.start(observer) }

    func claim(_ claim: Claim) async throws(ChatError) -> Claimed {
        try check(.claim)
        let claimed = try await presence.claim(claim)
        if claim.isShared { state.withLock { _ = $0.sharing.insert(claim.session) } }
        if let predecessor = claimed.predecessor {
            // Nobody hears that the successor comes, nor that the predecessor goes.
            state.withLock { state in
                if state.present[claim.session] != nil { Issue.record("the successor was announced too early") }
                state.present[claim.session] = state.present.removeValue(forKey: predecessor)
            }
        }
        return claimed
    }

    func move(
        _ session: SessionID, leaving: Set<RoomName>, entering: RoomName?
    ) async throws(ChatError) -> Moved {
        try check(.move)
        return try await presence.move(session, leaving: leaving, entering: entering)
    }

    func told(_ notices: [String]) async { await presence.told(notices) }

    func release(_ session: SessionID) async {
        // Once the name is free another instance may announce its next user.
        state.withLock { state in
            if !state.lost.contains(session), !state.sharing.contains(session), let rooms = state.present[session],
                !rooms.isEmpty
            {
                Issue.record("released before its departure was told")
            }
        }
        await presence.release(session)
    }

    var namesAreDoubtful: Bool { presence.namesAreDoubtful }
    func confirmNames() async { await presence.confirmNames() }

    func contains(_ username: Username) async throws(ChatError) -> Bool {
        try check(.lists)
        return try await presence.contains(username)
    }

    func users(in room: RoomName?, _ range: ListRange) async throws(ChatError) -> ListPage<String> {
        try check(.lists)
        return try await presence.users(in: room, range)
    }

    func rooms(_ range: ListRange) async throws(ChatError) -> ListPage<RoomSummary> {
        try check(.lists)
        return try await presence.rooms(range)
    }
}
