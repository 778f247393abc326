import Domain
import Testing

@testable import Service
@testable import SteppedService

/// What the service measures, and what it tells the edge for its measuring.
struct LatencyTests {
    private let chat = SteppedChat()

    /// Somebody is in the room, and its log was read to its end.
    private func enter() async throws {
        let connection = chat.edge.connection()
        let alice = try Username("alice")
        let entering = chat.begin { [chat] in
            try await chat.service.connect(alice, entering: .global, through: connection)
        }
        chat.settle()
        _ = try await entering.value
        chat.run()
        chat.settle()
    }

    private func arrive(_ content: String) {
        chat.store(content)
        chat.settle()
    }

    @Test func `what comes in order was held back by nothing`() async throws {
        try await enter()
        arrive("one")
        chat.pass(.seconds(30))
        arrive("two")
        #expect(chat.edge.heldBack == [.zero, .zero])
    }

    @Test func `what waits behind a hole counts from when the hole was seen, and so does what fills it`() async throws {
        try await enter()
        arrive("one")
        chat.pass(.seconds(30))
        chat.store("two")
        chat.log.loseCopy()
        chat.store("three")
        chat.log.letCopyThrough()
        chat.pass(.milliseconds(40))
        chat.settle()
        #expect(chat.edge.heldBack == [.zero, .milliseconds(40), .milliseconds(40)])
        chat.pass(.seconds(30))
        arrive("four")
        #expect(chat.edge.heldBack.last == .zero)
    }

    @Test func `each read of the log is timed, whether it succeeds or not`() async throws {
        #expect(chat.count("chat_log_read_seconds_count") == 0)
        let looking = chat.begin { [chat] in
            try await chat.service.topics.history(of: .room(.global), .latest, limit: 5).entries.count
        }
        chat.log.reading.close()
        chat.settle()
        #expect(chat.log.reading.waiting == 1)
        chat.pass(.seconds(3))
        chat.log.reading.open()
        chat.settle()
        _ = try await looking.value
        chat.log.refuseReads()
        let refused = chat.begin { [chat] in
            try await chat.service.topics.history(of: .room(.global), .latest, limit: 5).entries.count
        }
        chat.settle()
        await #expect(throws: ChatError.self) { try await refused.value }
        #expect(chat.count("chat_log_read_seconds_count") == 2)
        #expect(chat.count("chat_log_reads_total") == 2)
        #expect(chat.count("chat_log_read_seconds_sum") == 3)
    }
}
