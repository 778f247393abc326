import Domain
import Testing

@testable import InfrastructureNATS
@testable import TestSupport

struct LargestMessageTests {
    private func stored(_ draft: Draft) -> Int {
        StoredPayload.encode(draft).count + LargestMessage.headerBytes(draft)
    }

    @Test func `nothing that a client may send is larger when it is stored`() throws {
        let largest = try LargestMessage(contentBytes: 64)
        var random = SeededGenerator(seed: 12)
        func name(_ maximum: Int) -> String {
            let scalars = random.text(maximum: maximum).unicodeScalars.filter {
                !$0.properties.isWhitespace && $0.properties.generalCategory != .control
            }
            return "x" + String(String.UnicodeScalarView(scalars))
        }
        var tried = 0
        for _ in 0..<5000 {
            let content = random.text(maximum: 24)
            guard content.utf8.count <= 64, let id = MessageID(chosen: name(63)), let alice = try? Username(name(31)),
                let bob = try? Username(name(31)), let room = try? RoomName(name(63))
            else { continue }
            tried += 1
            let now = Timestamp(millisecondsSince1970: 1_767_323_045_678)
            #expect(
                stored(Draft(id: id, room: room, sender: alice, content: content, timestamp: now))
                    <= largest.storedBytes)
            for owner in [alice, bob] {
                let draft = Draft(id: id, in: owner, from: alice, to: bob, content: content, timestamp: now)
                #expect(stored(draft) <= largest.storedBytes)
            }
        }
        #expect(tried > 500)
    }

    @Test(arguments: [1, 100, 16_384])
    func `the largest there is has exactly that size`(bytes: Int) throws {
        let face = "\u{1F600}"
        let draft = Draft(
            id: MessageID(String(repeating: face, count: 64)), room: try RoomName(String(repeating: face, count: 64)),
            sender: try Username(String(repeating: face, count: 32)), content: String(repeating: "\0", count: bytes),
            timestamp: Timestamp(millisecondsSince1970: 0))
        #expect(stored(draft) == (try LargestMessage(contentBytes: bytes).storedBytes))
    }

    @Test func `a limit is complained about when it is below that, with what would fit`() throws {
        let largest = try LargestMessage(contentBytes: 16_384)
        let size = Int64(largest.storedBytes)
        #expect(largest.complaint(about: size, named: "max_payload") == nil)
        #expect(largest.complaint(about: nil, named: "max_payload") == nil)
        let words = try #require(largest.complaint(about: size - 1, named: "max_payload"))
        #expect(words.contains("max_payload is \(size - 1) bytes") && words.contains("\(size)"))
        #expect(words.hasSuffix("or set max_message_bytes to at most 16383"))
        // What it says is right, and nothing fits into next to nothing.
        #expect(try LargestMessage(contentBytes: 16_383).complaint(about: size - 1, named: "x") == nil)
        #expect(largest.complaint(about: 100, named: "x")?.hasSuffix("to at least that") == true)
        #expect(largest.complaint(about: 0, named: "x") != nil)
    }
}
