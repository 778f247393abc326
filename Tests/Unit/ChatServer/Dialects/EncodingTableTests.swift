import Domain
import NIOCore
import Testing
import WebSocketRules

@testable import ChatServer

struct EncodingTableTests {
    private static let text = Array(String(repeating: "again and again ", count: 100).utf8)
    private let event = TopicEvent.entry(
        Entry(topic: .room(.global), sequence: SequenceNumber(1), previous: nil, body: .foreignNotice("x")))

    @Test func `without compression there is one encoding for every dialect`() {
        var table = EncodingTable()
        let encoding = table.register(readsLog: true) { _ in Self.text }
        #expect(table.entries.count == 1)
        for window in DeflateWindow.allCases { #expect(table.encoding(encoding, window) == encoding) }
    }

    @Test func `with compression there is one more for each window, with the same readers and words`() throws {
        var table = EncodingTable(compression: MessageCompression(minimumBytes: 512))
        let first = table.register(readsLog: true) { _ in Self.text }
        let second = table.register(readsLog: false) { _ in nil }
        #expect(table.entries.count == 6)
        for (plain, readsLog) in [(first, true), (second, false)] {
            let all = [plain] + DeflateWindow.allCases.map { table.encoding(plain, $0) }
            #expect(Set(all).count == 3)
            #expect(table.encoding(plain, nil) == plain)
            for encoding in all { #expect(table.entries[encoding.position].readsLog == readsLog) }
        }
        let plainFrame = try #require(table.frame(of: event, in: first))
        #expect(plainFrame.readableBytes > Self.text.count)
        for window in DeflateWindow.allCases {
            let frame = try #require(table.frame(of: event, in: table.encoding(first, window)))
            #expect(frame.readableBytes < Self.text.count / 2)
            #expect(table.frame(of: event, in: table.encoding(second, window)) == nil)
        }
    }
}
