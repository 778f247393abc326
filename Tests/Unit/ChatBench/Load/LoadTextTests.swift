import Testing
import Wire

@testable import ChatBench

@Suite("What the load says")
struct LoadTextTests {
    @Test func `a number comes back from its digits`() {
        for number: UInt32 in [0, 1, 15, 16, 0xDEAD_BEEF, .max] + (0..<1000).map({ _ in .random(in: 0 ... .max) }) {
            #expect(LoadText.number(digits: LoadText.digits(of: number)) == number)
        }
    }

    @Test func `the greatest digit comes first`() {
        let bytes = withUnsafeBytes(of: LoadText.digits(of: 0x0000_00AB)) { Array($0) }
        #expect(String(decoding: bytes, as: UTF8.self) == "aaaaaakl")
    }

    @Test func `what is no digit is no number`() {
        for place in 0..<8 {
            for byte in [UInt8(ascii: "`"), UInt8(ascii: "q"), UInt8(ascii: "0"), 0, 0xFF] {
                var digits = LoadText.digits(of: 77)
                digits &= ~(0xFF << UInt64(8 * place))
                digits |= UInt64(byte) << UInt64(8 * place)
                #expect(LoadText.number(digits: digits) == nil, "\(byte) at \(place)")
            }
        }
    }

    /// Takes a client's frame apart as a server would.
    private func unmasked(_ frame: [UInt8]) throws -> [UInt8] {
        try #require(frame.count > 6 && frame[0] == 0x81 && frame[1] & 0x80 != 0)
        let short = Int(frame[1] & 0x7F)
        let header = short < 126 ? 2 : 4
        let count = short < 126 ? short : Int(frame[2]) << 8 | Int(frame[3])
        let mask = frame[header..<header + 4]
        try #require(short < 127 && frame.count == header + 4 + count)
        return frame[(header + 4)...].enumerated().map { $1 ^ mask[mask.startIndex + $0 % 4] }
    }

    @Test(arguments: [16, 17, 60, 64, 1000, 60_000])
    func `a message is what a server understands, and of the size that was asked for`(size: Int) throws {
        var plan = LoadPlan(rooms: 12, members: 5, contentBytes: size)
        plan.run = "abc123"
        var text = ClientText(plan: plan)
        var frame: [UInt8] = []
        text.appendMessage(4711, room: 3, to: &frame)
        let request = try V2Request(json: unmasked(frame))
        #expect(request.ref == "4711")
        guard case .chatMessage(let content, let room, let id) = request.command else {
            Issue.record("\(request)")
            return
        }
        #expect(content.utf8.count == size && content.hasPrefix("~abc123:aaaabcgh"))
        #expect(room == "abc123.03")
        #expect(id?.utf8.count == ClientText.idBytes)

        frame = []
        text.appendClassicMessage(4711, to: &frame)
        #expect(try ClassicCommand(json: unmasked(frame)) == .chatMessage(content: content))
    }

    @Test func `messages have ids of their own`() throws {
        var text = ClientText(plan: LoadPlan(rooms: 1, members: 2))
        var ids: Set<String> = []
        for number in 0..<2000 {
            var frame: [UInt8] = []
            text.appendMessage(number, room: 0, to: &frame)
            guard case .chatMessage(_, _, let id?) = try V2Request(json: unmasked(frame)).command else { continue }
            ids.insert(id)
        }
        #expect(ids.count == 2000)
    }
}
