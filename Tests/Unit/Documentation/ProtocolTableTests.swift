import Domain
import Testing
import Wire

@testable import ChatServer
@testable import InfrastructureNATS
@testable import TestSupport

/// docs/protocol.md and docs/chat-v2.md list the codes and frames that there are.
struct ProtocolTableTests {
    @Test func `the error codes are the table's and the one that is not sent`() throws {
        let section = try Section("## Errors", of: "docs/chat-v2.md")
        let listed = section.rows.flatMap { $0[0].codes }
        let unsent = section.text.matches(of: /^`([a-z_]+)` exists and is not sent/.anchorsMatchLineEndings())
            .map { String($0.1) }
        #expect((listed + unsent).sorted() == ChatError.Code.allCases.map(\.rawValue).sorted())
    }

    @Test func `the close codes stand there with their reasons`() throws {
        let rows = try Section("## Close codes", of: "docs/protocol.md").rows
        let listed = Set(rows.filter { Int($0[0]) != nil }.map { "\($0[0]) \($0[1].codes[0])" })
        let codes = try Checkout.text("Sources/Wire/CloseCode.swift")
            .matches(of: /static let (\w+) = CloseCode\(rawValue: (\d+)\)/)
        let numbers = Dictionary(uniqueKeysWithValues: codes.map { ($0.1, $0.2) })
        let goodbyes = try Checkout.text("Sources/ChatServer/WebSocket/Goodbye.swift")
            .matches(of: /Goodbye\(\.(\w+), "([^"]+)"\)/)
        #expect(Set(goodbyes.map { "\(numbers[$0.1] ?? "no code") \($0.2)" }) == listed)
    }

    @Test func `each request of the table is one`() throws {
        let types = try Section("## Requests", of: "docs/chat-v2.md").rows.map { $0[0].codes[0] }
            .filter { $0 != "content" }.prefix { $0 != "room" }
        #expect(types.count >= 10)
        for type in types {
            do throws(V2DecodingError) {
                _ = try V2Request(json: #"{"type":"\#(type)"}"#.utf8)
            } catch {
                if case .unknownType = error.reason { Issue.record("\(type) is no request") }
            }
        }
    }

    // MARK: Examples

    private func examples(_ heading: String) throws -> [String] {
        try Section(heading, of: "docs/protocol.md").text.split(separator: "\n").filter { $0.hasPrefix("{") }
            .map(String.init)
    }

    @Test func `what a classic client is sent looks as it is printed`() throws {
        let frames = try examples("### Server to client")
        #expect(frames.count == 2)
        for frame in frames {
            #expect(String(decoding: try ClassicEvent(json: frame.utf8).json, as: UTF8.self) == frame)
        }
    }

    @Test func `what is stored looks as it is printed`() throws {
        let payloads = try examples("## Messages")
        #expect(payloads.count == 2)
        let alice = try Username("alice")
        for (payload, topic) in zip(payloads, [Topic.room(try RoomName("dev")), .inbox(alice)]) {
            let body = StoredPayload.decode(
                Array(payload.utf8), in: topic, sequence: SequenceNumber(1), epoch: Epoch("e"),
                now: Timestamp(millisecondsSince1970: 0))
            guard case .contribution(.message(let message)) = body else {
                Issue.record("no message: \(payload)")
                continue
            }
            let draft =
                switch topic {
                case .room(let room):
                    Draft(
                        id: message.id, room: room, sender: alice, content: message.content,
                        timestamp: message.timestamp)
                case .inbox(let owner):
                    Draft(
                        id: message.id, in: owner, from: alice, to: try Username(try #require(message.recipient)),
                        content: message.content, timestamp: message.timestamp)
                }
            #expect(String(decoding: StoredPayload.encode(draft), as: UTF8.self) == payload)
        }
    }

    @Test func `what instances announce looks as it is printed`() throws {
        let announcements = try examples("## Announcements")
        #expect(announcements.count == 3)
        for text in announcements {
            let announcement = try #require(AnnouncementPayload.decode(Array(text.utf8)), "\(text)")
            #expect(String(decoding: AnnouncementPayload.encode(announcement), as: UTF8.self) == text)
        }
    }

    @Test func `what instances tell each other for administrators looks as it is printed`() throws {
        let notices = try examples("## Administration")
        #expect(notices.count == 10)
        for text in notices {
            let notice = try #require(AdministrationPayload.decode(Array(text.utf8)), "\(text)")
            #expect(String(decoding: AdministrationPayload.encode(notice), as: UTF8.self) == text)
        }
    }
}
