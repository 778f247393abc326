import Domain
import Foundation
import Logging
import Service
import Synchronization
import Testing

@testable import Infrastructure

/// The log and bus as a whole, and the directory on a real disk.
struct EmbeddedRoomLogTests {
    private let directory = FileManager.default.temporaryDirectory.appending(path: "chat-log-\(RandomToken.make())")
        .path

    private func open(_ directory: String? = nil, sync: LogSync = .always) async throws -> EmbeddedRoomLog {
        try await EmbeddedRoomLog.open(
            .init(
                directory: directory ?? self.directory, sync: sync, messagesPerTopic: 10, maximumAge: .seconds(3600)),
            time: LogClock().source, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    private func append(_ content: String, to log: EmbeddedRoomLog) async throws -> UInt64 {
        let draft = try Draft.sample(content)
        let result = await withCheckedContinuation { continuation in
            log.append(draft) { continuation.resume(returning: $0) }
        }
        return try result.get().sequence.value
    }

    private func contents(of log: EmbeddedRoomLog) async throws -> [String] {
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

    @Test func `while a receiver blocks, what waits is bounded, and the rest is refused`() async throws {
        let log = try await open("")
        let gate = DispatchSemaphore(value: 0)
        let received = Mutex(0)
        let (entered, entering) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
        log.start { _ in
            entering.yield()
            gate.wait()
            gate.signal()
            received.withLock { $0 += 1 }
        }
        let typing = Announcement.typing(
            TypingNotice(room: .global, username: try Username("alice"), session: .random(), isTyping: true))
        try log.announce(typing)
        // From here on the queue takes nothing more.
        for await _ in entered { break }
        var accepted = 1
        let error = #expect(throws: ChatError.self) {
            while accepted < 100_000 {
                try log.announce(typing)
                accepted += 1
            }
        }
        #expect(error?.code == .unavailable)
        await #expect(throws: ChatError.self) { try await append("refused", to: log) }
        gate.signal()
        // The queue does one thing after the other, once there is room in it again.
        while (try? await append("accepted", to: log)) == nil { await Task.yield() }
        #expect(received.withLock { $0 } == accepted)
        #expect(try await contents(of: log) == ["accepted"])
    }
}
