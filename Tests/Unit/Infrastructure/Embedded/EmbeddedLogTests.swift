import Domain
import Foundation
import Logging
import Service
import Synchronization
import Testing

@testable import InfrastructureEmbedded

/// The log and bus as a whole, and the directory on a real disk.
struct EmbeddedLogTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "chat-log-\(RandomToken.make())")
        .path

    private func open(_ directory: String? = nil, sync: LogSync = .always) async throws -> EmbeddedLog {
        try await EmbeddedLog.open(
            .init(
                directory: directory ?? self.directory, sync: sync, messagesPerTopic: 10, maximumAge: .seconds(3600)),
            time: LogClock().source, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func append(_ content: String, to log: EmbeddedLog) async throws -> UInt64 {
        let draft = try Draft.sample(content)
        let result = await withCheckedContinuation { continuation in
            log.append(draft) { continuation.resume(returning: $0) }
        }
        return try result.get().sequence.value
    }

    private func contents(of log: EmbeddedLog) async throws -> [String] {
        try await log.page(of: .global, .after(.zero), limit: PageLimit(entries: 100, bytes: 1 << 20))
            .entries.compactMap(\.content)
    }

    @Test(arguments: LogSync.allCases)
    func `the directory keeps the messages for the next start`(_ sync: LogSync) async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let epoch = try await {
            let log = try await open(sync: sync)
            #expect(try await append("1", to: log) == 1)
            #expect(try await append("2", to: log) == 2)
            return log.epoch(of: .rooms)
        }()
        let log = try await open(sync: sync)
        #expect(try await contents(of: log) == ["1", "2"])
        #expect(log.epoch(of: .rooms) == epoch)
        #expect(try await append("3", to: log) == 3)
    }

    @Test(arguments: LogSync.allCases)
    func `nothing is acknowledged in a directory that was put aside, and all is when it is back`(
        _ sync: LogSync
    ) async throws {
        let aside = directory + "-aside"
        defer { for path in [directory, aside] { try? FileManager.default.removeItem(atPath: path) } }
        let log = try await open(sync: sync)
        _ = try await append("1", to: log)
        #expect(log.storageObstacle == nil)
        try FileManager.default.moveItem(atPath: directory, toPath: aside)
        await #expect(throws: ChatError.self) { try await append("to nowhere", to: log) }
        #expect(log.storageObstacle == "data_directory was removed or replaced")
        // One that somebody has made in its place is not the one that was opened.
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        await #expect(throws: ChatError.self) { try await append("to nowhere", to: log) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: directory).isEmpty)
        try FileManager.default.removeItem(atPath: directory)
        try FileManager.default.moveItem(atPath: aside, toPath: directory)
        _ = try await append("2", to: log)
        #expect(log.storageObstacle == nil)
        #expect(try await contents(of: log) == ["1", "2"])
    }

    @Test(arguments: LogSync.allCases)
    func `nothing is acknowledged once the directory was deleted`(_ sync: LogSync) async throws {
        let log = try await open(sync: sync)
        _ = try await append("1", to: log)
        try FileManager.default.removeItem(atPath: directory)
        for _ in 0..<3 { await #expect(throws: ChatError.self) { try await append("to nowhere", to: log) } }
        #expect(log.storageObstacle != nil)
    }

    @Test func `in memory nothing is in the way of storing`() async throws {
        let log = try await open("")
        _ = try await append("1", to: log)
        #expect(log.storageObstacle == nil)
    }

    @Test func `a directory serves one log at a time`() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let first = try await open()
        let error = await #expect(throws: StartupError.self) { try await open() }
        #expect(
            error?.description.hasPrefix("data_directory: cannot use \(directory): another server is using it;") == true
        )
        #expect(try await append("1", to: first) == 1)
    }

    @Test func `a directory that cannot be made is named`() async throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try Data().write(to: URL(fileURLWithPath: directory))
        for path in [directory, directory + "/below"] {
            let error = await #expect(throws: StartupError.self) { try await open(path) }
            #expect(error?.description.hasPrefix("data_directory: cannot make the directory \(path): ") == true)
        }
    }

    @Test func `without a directory nothing is kept, and each log is another one`() async throws {
        let logs = [try await open(""), try await open("")]
        #expect(try await append("1", to: logs[0]) == 1)
        #expect(try await contents(of: logs[0]) == ["1"])
        #expect(try await contents(of: logs[1]) == [])
        #expect(logs[0].epoch(of: .rooms) != logs[1].epoch(of: .rooms))
    }

    /// A receiver that stands still until it is let go.
    private final class Blockade: Sendable {
        private let gate = DispatchSemaphore(value: 0)
        private let arrivals = AsyncStream.makeStream(of: Void.self)

        func receive() {
            arrivals.continuation.yield()
            gate.wait()
            gate.signal()
        }

        func end() { gate.signal() }

        /// Returns when so many have arrived that nobody has waited for before.
        func arrived(_ count: Int) async {
            var left = count
            for await _ in arrivals.stream {
                left -= 1
                if left == 0 { return }
            }
        }
    }

    @Test func `while a receiver blocks, messages that wait are bounded, and the rest is refused`() async throws {
        let log = try await open("")
        let blockade = Blockade()
        log.start { _ in blockade.receive() }
        try log.follow(.global)
        let results = AsyncStream.makeStream(of: Bool.self)
        func append() throws {
            log.append(try Draft.sample("words")) { result in
                results.continuation.yield((try? result.get()) != nil)
            }
        }
        try append()
        await blockade.arrived(1)
        // From here on the queue takes nothing more.
        for _ in 0..<70_000 { try append() }
        blockade.end()
        var stored = 0
        var answers = 0
        for await isStored in results.stream {
            answers += 1
            if isStored { stored += 1 }
            if answers == 70_001 { break }
        }
        #expect(stored == 65_537)
    }

    @Test func `while a receiver blocks, announcements that wait are bounded, and messages do not wait for them`()
        async throws
    {
        let log = try await open("")
        let blockade = Blockade()
        log.start { if case .announcement = $0 { blockade.receive() } }
        let typing = Announcement.typing(
            TypingNotice(room: .global, username: try Username("alice"), session: .random(), isTyping: true))
        try log.announce(typing)
        await blockade.arrived(1)
        var accepted = 0
        let error = #expect(throws: ChatError.self) {
            while accepted < 100_000 {
                try log.announce(typing)
                accepted += 1
            }
        }
        #expect(error?.code == .unavailable && accepted == 65_536)
        #expect(try await append("1", to: log) == 1)
        blockade.end()
        await blockade.arrived(accepted)
    }
}
