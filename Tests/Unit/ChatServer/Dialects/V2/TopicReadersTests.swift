import Domain
import Testing

@testable import ChatServer
@testable import Service

struct TopicReadersTests {
    private let room = Topic.room(.global)
    private let inbox: Topic
    private let epoch = Epoch("e")
    private var readers = TopicReaders()

    init() throws { inbox = .inbox(try Username("alice")) }

    private func behind(_ cursor: UInt64, _ manner: TopicReader.Manner = .catchUp) -> TopicReader {
        TopicReader(epoch: epoch, state: .behind(SequenceNumber(cursor), manner))
    }

    private func wanted(_ topic: Topic, _ cursor: UInt64) -> TopicReaders.Wanted {
        .init(topic: topic, cursor: SequenceNumber(cursor), epoch: epoch)
    }

    private func page(upTo cursor: UInt64, isTruncated: Bool = false, in epoch: Epoch? = nil) -> ReadingPage {
        ReadingPage(
            entries: [], cursor: SequenceNumber(cursor), more: false, isTruncated: isTruncated,
            epoch: epoch ?? self.epoch)
    }

    /// The state in which the reader was that a page is shown by; nil where the page is not shown.
    private func shown(_ taken: TopicReaders.Taken) -> TopicReader.State? {
        if case .show(let reader) = taken { reader.state } else { nil }
    }

    @Test mutating func `one page is read at a time, until the reader is live`() {
        #expect(readers.nextPage() == nil)
        readers.begin(room, behind(5))
        readers.begin(inbox, TopicReader(epoch: epoch, state: .live))
        #expect(readers.nextPage() == wanted(room, 5))
        #expect(readers.nextPage() == nil)
        #expect(
            shown(readers.take(page(upTo: 7), wanted(room, 5), isLast: false))
                == .behind(SequenceNumber(5), .catchUp))
        #expect(readers.nextPage() == wanted(room, 7))
        #expect(
            shown(readers.take(page(upTo: 9), wanted(room, 7), isLast: true))
                == .behind(SequenceNumber(7), .catchUp))
        #expect(readers[room]?.state == .live)
        #expect(readers.nextPage() == nil)
    }

    @Test mutating func `a page that could not be read is asked for again`() {
        readers.begin(room, behind(5))
        #expect(readers.nextPage() == wanted(room, 5))
        readers.pageFailed()
        #expect(readers.nextPage() == wanted(room, 5))
    }

    @Test mutating func `a page is shown to nobody who has left, begun anew, or reads another log`() {
        readers.begin(room, behind(5))
        #expect(shown(readers.take(page(upTo: 7, in: Epoch("f")), wanted(room, 5), isLast: true)) == nil)
        readers.begin(room, behind(3))
        #expect(shown(readers.take(page(upTo: 7), wanted(room, 5), isLast: true)) == nil)
        #expect(readers[room]?.state == .behind(SequenceNumber(3), .catchUp))
        readers.end(room)
        #expect(shown(readers.take(page(upTo: 7), wanted(room, 3), isLast: true)) == nil)
        #expect(readers[room] == nil)
    }

    @Test mutating func `a hole in an inbox cannot be told while catching up, and in a room or a resume it can`() {
        let page = page(upTo: 7, isTruncated: true)
        readers.begin(inbox, behind(5))
        guard case .hasHole = readers.take(page, wanted(inbox, 5), isLast: true) else {
            Issue.record("the hole is not told")
            return
        }
        readers.begin(inbox, behind(5, .resume(isTruncated: false)))
        #expect(shown(readers.take(page, wanted(inbox, 5), isLast: true)) != nil)
        readers.begin(room, behind(5))
        #expect(shown(readers.take(page, wanted(room, 5), isLast: true)) != nil)
    }

    @Test mutating func `a live reader that falls behind has missed notices until it is live again`() {
        readers.begin(room, TopicReader(epoch: epoch, state: .live))
        #expect(readers.live == [room])
        readers.fallBehind(room, at: SequenceNumber(5))
        #expect(readers.live.isEmpty && readers[room]?.hasMissedNotices == true)
        #expect(readers.nextPage() == wanted(room, 5))
        _ = readers.take(page(upTo: 6), wanted(room, 5), isLast: false)
        #expect(readers[room]?.hasMissedNotices == true)
        _ = readers.take(page(upTo: 7), wanted(room, 6), isLast: true)
        #expect(readers[room]?.hasMissedNotices == false && readers.live == [room])
    }

    @Test mutating func `once closed nothing is read, and nothing begins`() {
        readers.begin(room, behind(5))
        #expect(readers.reads(.rooms) && !readers.reads(.inboxes))
        #expect(readers.nextPage() != nil)
        readers.close()
        #expect(readers.topics.isEmpty && readers.isClosed)
        readers.begin(room, behind(5))
        readers.pageFailed()
        #expect(readers[room] == nil && readers.nextPage() == nil)
    }
}
