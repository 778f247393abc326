import Domain
import Logging
import Synchronization
import Testing

@testable import Service

struct RevocationWatchTests {
    private let store = FakeRevocationStore()
    private let clock = Clock()
    private let watch: RevocationWatch
    private let news = News()

    private final class Clock: Sendable {
        let start = ContinuousClock.now
        let passed = Mutex(Duration.zero)

        var source: TimeSource {
            TimeSource(
                wall: { [self] in
                    Timestamp(millisecondsSince1970: 1000 + Int64(passed.withLock { $0 } / .milliseconds(1)))
                },
                monotonic: { [self] in start + passed.withLock { $0 } })
        }
    }

    private final class News: Sendable {
        let count = Mutex(0)
    }

    init() {
        watch = Self.watch(on: store, clock, news)
    }

    private static func watch(on store: FakeRevocationStore, _ clock: Clock, _ news: News) -> RevocationWatch {
        let watch = RevocationWatch(
            store, time: clock.source, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        watch.start { news.count.withLock { $0 += 1 } }
        return watch
    }

    private func entry(_ id: String, until: Int64 = 1_000_000) -> RevocationEntry {
        RevocationEntry(.token(id: ExactText(id)), until: Timestamp(millisecondsSince1970: until))
    }

    private func isRevoked(_ id: String) -> Bool {
        watch.isRevoked(Principal(username: nil, kind: .token, tokenID: id))
    }

    @Test func `what is pushed counts at once, and is news once`() {
        watch.take([entry("t1")])
        watch.take([entry("t1"), entry("t2")])
        #expect(isRevoked("t1") && isRevoked("t2") && !isRevoked("t3"))
        watch.take([entry("t2")])
        #expect(news.count.withLock(\.self) == 2)
    }

    @Test func `what is over is not taken in`() {
        watch.take([entry("t1", until: 1000)])
        #expect(!isRevoked("t1"))
    }

    @Test func `a push that was lost is found in the store, which is read only when its mark has changed`() async throws
    {
        try await watch.load()
        try await store.add([entry("t1")])
        try await watch.look()
        #expect(isRevoked("t1"))
        try await watch.look()
        #expect(store.reads == 2)
    }

    @Test func `what the store has lost is written again`() async throws {
        try await watch.keep(entry("t1"))
        try await watch.look()
        store.loseEverything()
        try await watch.look()
        #expect(store.entries == [entry("t1")])
        // Its own writing has changed the mark: that is looked at, and then there is peace.
        try await watch.look()
        let reads = store.reads
        try await watch.look()
        #expect(store.reads == reads)
    }

    @Test func `what the store has lost before its new mark was seen is written again, too`() async throws {
        try await watch.load()
        // The push comes, and the store is what it was when it was read.
        watch.take([entry("t1")])
        try await watch.look()
        #expect(store.entries == [entry("t1")])
    }

    @Test func `one that cannot be stored counts here all the same, and is stored later`() async throws {
        store.setDown(true)
        await #expect(throws: ChatError.self) { try await watch.keep(entry("t1")) }
        #expect(isRevoked("t1"))
        store.setDown(false)
        try await watch.look()
        #expect(store.entries == [entry("t1")])
    }

    @Test func `all instances end with the same, whoever was told what`() async throws {
        let other = Self.watch(on: store, clock, News())
        watch.take([entry("t1")])
        other.take([entry("t2")])
        for watch in [watch, other, watch, other] { try await watch.look() }
        #expect(Set(store.entries) == [entry("t1"), entry("t2")])
        #expect(isRevoked("t2") && other.count == 2)
    }

    @Test func `an instance that was cut off is in doubt until it has looked`() async throws {
        try await watch.look()
        #expect(!watch.isInDoubt)
        watch.doubt()
        #expect(watch.isInDoubt)
        try await store.add([entry("t1")])
        await watch.confirm()
        #expect(!watch.isInDoubt && isRevoked("t1"))
    }

    @Test func `an instance that was frozen is, too`() async throws {
        try await watch.look()
        clock.passed.withLock { $0 += RevocationWatch.patience + .milliseconds(1) }
        #expect(watch.isInDoubt)
        try await store.add([entry("t1")])
        await watch.confirm()
        #expect(!watch.isInDoubt && isRevoked("t1"))
    }

    @Test func `where the store is away, too, one try is enough for connected clients to go on`() async {
        store.setDown(true)
        watch.doubt()
        await watch.confirm()
        #expect(!watch.isInDoubt)
    }

    @Test func `without a store nothing is revoked and nothing is doubted`() async {
        let watch = RevocationWatch(
            nil, time: clock.source, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        watch.take([entry("t1")])
        watch.doubt()
        #expect(!watch.isInDoubt && watch.count == 0)
        await #expect(throws: ChatError.self) { try await watch.keep(entry("t1")) }
    }
}
