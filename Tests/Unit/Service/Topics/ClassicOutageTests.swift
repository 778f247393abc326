import Domain
import Service
import Synchronization
import Testing

@testable import SteppedService
@testable import TestSupport

/// Whoever is told of having entered a room is shown what is said there from then on, wherever the network breaks.
struct ClassicOutageTests {
    private let chat = SteppedChat()
    private let room = RoomName.global

    private final class Flag: Sendable {
        let isUp = Atomic(false)
    }

    private func messages(_ connection: FakeConnection) -> [UInt64] {
        connection.events().compactMap { $0.sequence?.value }
    }

    /// Lets things happen in one order of many until `body` has.
    private func end<Value: Sendable>(
        _ body: @escaping @Sendable () async throws -> Value, _ random: inout SeededGenerator
    ) {
        let hasEnded = Flag()
        chat.begin {
            _ = try await body()
            hasEnded.isUp.store(true, ordering: .relaxed)
        }
        while !hasEnded.isUp.load(ordering: .relaxed), chat.step(using: &random) {}
        let isOver = hasEnded.isUp.load(ordering: .relaxed)
        #expect(isOver)
    }

    private func outage(with count: Int) {
        chat.log.tell(.lost)
        chat.log.refuseReads()
        for number in 1...count {
            chat.store("\(number)")
            chat.log.loseCopy()
        }
        chat.log.refuseReads(false)
        chat.log.tell(.interrupted)
        chat.settle()
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `an outage right after one has entered costs nothing`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        chat.run()
        for number in 1...3 { chat.store("before \(number)") }
        while chat.log.letCopyThrough() {}
        let connection = chat.edge.connection()
        let alice = try Username("alice")
        end({ [chat, room] in try await chat.service.connect(alice, entering: room, through: connection) }, &random)
        outage(with: 4)
        #expect(messages(connection) == [4, 5, 6, 7])
    }
}
