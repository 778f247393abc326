import Domain
import Service
import Testing
import Wire

@testable import ChatServer
@testable import TestSupport

/// The pages name the limits that there are.
struct LimitTests {
    private let protocolPage: String
    private let dialectPage: String

    init() throws {
        // As one line: where a line breaks says nothing.
        protocolPage = try Checkout.text("docs/protocol.md").replacing("\n", with: " ")
        dialectPage = try Checkout.text("docs/chat-v2.md").replacing("\n", with: " ")
    }

    @Test func `names and ids may be as long as the pages say`() {
        #expect(
            protocolPage.contains(
                "A username has 1–\(Username.maximumLength) Unicode scalars, a room name 1–\(RoomName.maximumLength)."))
        #expect(dialectPage.contains("| `id` | 1–\(MessageID.maximumLength) characters, no control characters;"))
        #expect(dialectPage.contains("a text of at most \(V2Request.maximumReferenceLength) characters"))
    }

    @Test func `the rules of names are said as they are printed`() {
        let rules: [NameError] = [
            .empty, .tooLong(maximum: Username.maximumLength), .whitespace, .controlCharacter, .invisibleEdge,
        ]
        let words = rules.map { "`\($0)`" + ($0 == rules[1] ? " (\(RoomName.maximumLength))" : "") }
        #expect(protocolPage.contains("The rules in words: \(words.joined(separator: ", "))."))
    }

    @Test func `pages and lists are as long as the pages say`() {
        let page = TopicEngine.pageLimit
        #expect(dialectPage.contains("A page has at most \(page.entries) messages and \(page.bytes >> 10) KiB"))
        #expect(
            dialectPage.contains(
                "| `limit` | 1–\(page.entries), 50 where it is missing; in lists 1–\(ListRange.maximumLimit)"))
        #expect(protocolPage.contains("`?limit=` asks for another maximum (1–\(ListRange.maximumLimit))"))
        #expect(protocolPage.contains("may be nested \(JSONObject.maximumDepth) deep"))
    }

    @Test func `frames may be as large as the pages say`() throws {
        let most = FrameLimit.bytes(forContentOf: 16_384)
        #expect(protocolPage.contains("6 × `max_message_bytes` + 4,096 bytes (102,400), and 65,536 at least"))
        #expect((most, FrameLimit.envelopeBytes, FrameLimit.leastBytes) == (102_400, 4_096, 65_536))
        #expect(dialectPage.contains("\"frame_bytes\":\(most)"))
    }

    @Test func `why a message is not stored is said in the words of the table`() throws {
        let rows = try Section("### Errors", of: "docs/protocol.md").rows.compactMap { $0[0].codes.first }
        let sources = try Checkout.files(under: "Sources/Infrastructure", ending: ".swift").map(Checkout.text)
            .joined(separator: "\n")
        let words = sources.matches(of: /"((?:not sent|not confirmed): [^"\\]+)"/).map { String($0.1) }
        #expect(words.count > 6)
        for text in words { #expect(rows.contains(text), "\(text)") }
        for row in rows where row.hasPrefix("not sent: ") || row.hasPrefix("not confirmed: ") {
            #expect(words.contains(row), "\(row)")
        }
    }
}
