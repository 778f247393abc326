import Testing

@testable import ChatBench

struct UpgradeAnswerTests {
    private func read(_ text: String) -> UpgradeAnswer? { Array(text.utf8).withUnsafeBytes { UpgradeAnswer($0) } }

    @Test func `the head of an upgrade tells what was agreed on, and where frames begin`() throws {
        let head =
            "HTTP/1.1 101 Switching Protocols\r\nSEC-WebSocket-accept:\t key=  \r\nSec-WebSocket-Protocol:chat.v2\r\n\r\n"
        let answer = try #require(read(head + "frames\r\n\r\n"))
        #expect(answer.status == 101 && answer.accept == "key=" && answer.subprotocol == "chat.v2")
        #expect(answer.count == head.utf8.count)
        for length in 0..<head.utf8.count {
            #expect(read(String(decoding: head.utf8.prefix(length), as: UTF8.self)) == nil)
        }
    }

    @Test(arguments: ["1", "0"])
    func `a refusal has its status`(version: String) throws {
        let answer = try #require(read("HTTP/1.\(version) 503 Service Unavailable\r\nretry-after: 1\r\n\r\nno"))
        #expect(answer.status == 503 && answer.accept.isEmpty && answer.subprotocol.isEmpty)
    }

    @Test(arguments: [
        "\r\n\r\n", "SSH-2.0\r\n\r\n", "HTTP/1.1 \r\n\r\n", "HTTP/1.1 1x1 OK\r\n:\r\nnone\r\n\r\n", "HTTP/1.1 +10\n\n",
    ])
    func `what is no answer has no status`(text: String) throws {
        #expect(try #require(read(text)).status == nil)
    }

    @Test(arguments: ["", "\r\n", "HTTP/1.1 101", "HTTP/1.1 101 Switching Protocols\r\n", "HTTP/1.1 101\r\na: b\r\n\r"])
    func `a head that has not ended is none`(text: String) {
        #expect(read(text) == nil)
    }

    @Test func `an endless head is none`() {
        #expect(
            read("HTTP/1.1 101\r\n" + String(repeating: "a", count: UpgradeAnswer.maximumBytes) + "\r\n\r\n") == nil)
    }
}
