import Domain
import Synchronization
import Testing

@testable import Service
@testable import SteppedService

/// One client that follows a topic: reads page by page until it is live, as the edge does.
final class SteppedReader: Sendable {
    let connection: FakeConnection
    let session: Session
    private let chat: SteppedChat
    private let begun = Mutex<ReadingStart?>(nil)
    private let failures = Mutex<[ChatError.Code]>([])

    init(_ session: Session, _ connection: FakeConnection, in chat: SteppedChat) {
        self.session = session
        self.connection = connection
        self.chat = chat
    }

    /// Where it began; nil as long as that is not known.
    var start: ReadingStart? { begun.withLock { $0 } }

    var failure: ChatError.Code? { failures.withLock { $0.last } }

    /// Follows the topic and begins to read; goes on as the test steps.
    @discardableResult
    func read(
        _ topic: Topic, at point: ReadingPoint, limit: PageLimit = TopicEngine.pageLimit,
        notBefore earliest: SequenceNumber = .zero
    ) throws -> Task<Void, any Error> {
        try chat.service.follow(topic, for: session)
        return chat.begin { [self] in
            do throws(ChatError) {
                try await readOn(topic, at: point, limit: limit, notBefore: earliest)
            } catch {
                failures.withLock { $0.append(error.code) }
            }
        }
    }

    private func readOn(
        _ topic: Topic, at point: ReadingPoint, limit: PageLimit, notBefore earliest: SequenceNumber
    ) async throws(ChatError) {
        let start = try await chat.service.topics.beginReading(topic, at: point, notBefore: earliest)
        begun.withLock { $0 = start }
        var cursor = start.cursor
        while let page = try await chat.service.topics.read(
            topic, after: cursor, in: start.epoch, limit: limit, goLive: { connection.goLive(topic, with: $0) })
        {
            connection.show(page)
            #expect(page.cursor >= cursor)
            cursor = page.cursor
        }
    }

    /// The numbers of what was shown since the last look.
    func numbers() -> [UInt64] { connection.events().compactMap { $0.sequence?.value } }
}

extension SteppedChat {
    /// Begins a session of a client that reads, and settles.
    func open(
        _ name: String, to room: RoomName = .global, presenting secret: SessionSecret? = nil
    ) throws -> SteppedReader {
        let connection = edge.connection()
        let username = try Username(name)
        let session = Mutex<Session?>(nil)
        begin { [self] in
            let opened = try await service.open(username, entering: room, presenting: secret, through: connection)
            session.withLock { $0 = opened }
        }
        settle()
        return SteppedReader(try #require(session.withLock { $0 }), connection, in: self)
    }
}
