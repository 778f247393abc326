import Domain
import Testing
import Wire

@testable import ChatServer
@testable import Service

struct TopicReaderTests {
    private let room = Topic.room(.global)
    private let epoch = Epoch("e")
    private static let time = Timestamp(millisecondsSince1970: 1_767_323_045_678)

    private func entry(_ sequence: UInt64) -> Entry {
        let message = Message(
            id: MessageID("m\(sequence)"), sender: "alice", content: "\(sequence)", timestamp: Self.time)
        return Entry(topic: room, sequence: SequenceNumber(sequence), previous: nil, body: .message(message))
    }

    private func page(
        _ sequences: [UInt64], upTo cursor: UInt64, more: Bool = false, isTruncated: Bool = false
    ) -> ReadingPage {
        ReadingPage(
            entries: sequences.map(entry), cursor: SequenceNumber(cursor), more: more, isTruncated: isTruncated,
            epoch: epoch)
    }

    private func show(
        _ page: ReadingPage, behind cursor: UInt64, _ manner: TopicReader.Manner, isLast: Bool, own: Set<UInt64> = []
    ) -> [String] {
        let reader = TopicReader(epoch: epoch, state: .behind(SequenceNumber(cursor), manner))
        let frames = reader.frames(of: page, in: room, isLast: isLast) { entry in
            own.contains(entry.sequence.value) ? V2Frame(.ack(V2Ack(sequence: entry.sequence.value))) : nil
        }
        return frames.map(words)
    }

    private func words(_ frame: V2Frame) -> String {
        switch frame.event {
        case .history(let history):
            "history \(history.messages.map(\.sequence))" + (history.more ? " more" : "")
                + (history.truncated ? " truncated" : "")
        case .chatMessage(let message): "\(message.sequence)"
        case .ack(let ack): "ack \(ack.sequence ?? 0)"
        case .gap(_, let after, let before): "gap \(after)..\(before)"
        default: "\(frame)"
        }
    }

    @Test func `a resume is shown as history with more to come until it is live, and is truncated at its start only`() {
        let first = TopicReader.Manner.resume(isTruncated: true)
        #expect(
            show(page([6, 7], upTo: 7, more: true), behind: 5, first, isLast: false)
                == ["history [6, 7] more truncated"])
        #expect(first.next == .resume(isTruncated: false))
        #expect(show(page([8], upTo: 9), behind: 7, first.next, isLast: true) == ["history [8]"])
    }

    @Test func `a resume that has missed nothing is told so`() {
        #expect(show(page([], upTo: 5), behind: 5, .resume(isTruncated: false), isLast: true) == ["history []"])
    }

    @Test(arguments: [true, false], [true, false])
    func `the latest history says whether there is older, and what comes behind its page comes as if live`(
        hasOlder: Bool, isLast: Bool
    ) {
        let manner = TopicReader.Manner.latest(hasOlder: hasOlder, isTruncated: false)
        let frames = show(page([6, 7], upTo: 7, more: !isLast), behind: 5, manner, isLast: isLast)
        #expect(frames == ["history [6, 7]" + (hasOlder ? " more" : "")])
        #expect(manner.next == .catchUp)
    }

    @Test func `history in place of a resume that was not possible is truncated`() {
        let manner = TopicReader.Manner.latest(hasOlder: false, isTruncated: true)
        #expect(show(page([1], upTo: 1), behind: 0, manner, isLast: true) == ["history [1] truncated"])
    }

    @Test func `who has fallen behind is shown the messages as if they had come live, one's own as acknowledged`() {
        let frames = show(page([6, 7, 8], upTo: 8), behind: 5, .catchUp, isLast: true, own: [7])
        #expect(frames == ["6", "ack 7", "8"])
        #expect(TopicReader.Manner.catchUp.next == .catchUp)
    }

    @Test func `who has fallen behind is told what is gone, before the first message that is not`() {
        #expect(
            show(page([9], upTo: 9, isTruncated: true), behind: 5, .catchUp, isLast: true) == ["gap 5..9", "9"])
        #expect(show(page([], upTo: 9, isTruncated: true), behind: 5, .catchUp, isLast: true) == ["gap 5..10"])
    }

    @Test func `one's own messages in a history are acknowledged right behind it`() {
        let manners: [TopicReader.Manner] = [
            .resume(isTruncated: false), .latest(hasOlder: false, isTruncated: false),
        ]
        for manner in manners {
            let frames = show(page([6, 7, 8], upTo: 8), behind: 5, manner, isLast: true, own: [6, 8])
            #expect(frames == ["history [6, 7, 8]", "ack 6", "ack 8"])
        }
    }

    @Test func `what the dialect has no words for leaves no trace`() {
        let bodies: [Entry.Body] = [.foreignNotice("somebody came"), .unknown, .unreadable]
        let silent = bodies.map { Entry(topic: room, sequence: SequenceNumber(6), previous: nil, body: $0) }
        let page = ReadingPage(
            entries: silent + [entry(7)], cursor: SequenceNumber(7), more: false, isTruncated: false, epoch: epoch)
        #expect(show(page, behind: 5, .catchUp, isLast: true) == ["7"])
        #expect(show(page, behind: 5, .resume(isTruncated: false), isLast: true) == ["history [7]"])
    }

    @Test func `who is live is shown no page`() {
        let reader = TopicReader(epoch: epoch, state: .live)
        #expect(reader.frames(of: page([6], upTo: 6), in: room, isLast: true) { _ in nil }.isEmpty)
    }
}
