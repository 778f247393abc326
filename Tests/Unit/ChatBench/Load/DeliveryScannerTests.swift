import Testing
import Wire

@testable import ChatBench
@testable import TestSupport

@Suite("Reading deliveries in place")
struct DeliveryScannerTests {
    private let run = "k3x9ab"

    private func content(_ number: UInt32, _ rest: String = " and so on") -> String {
        let digits = withUnsafeBytes(of: LoadText.digits(of: number)) { String(decoding: $0, as: UTF8.self) }
        return "~\(run):\(digits)\(rest)"
    }

    private func message(_ content: String, seq: UInt64, id: String = "0123456789") -> [UInt8] {
        V2Frame(
            .chatMessage(
                V2Message(
                    id: id, room: "k3x9ab.0", sender: "k3x9ab-07", content: content,
                    timestamp: "2026-11-21T15:34:01.044Z", sequence: seq))
        ).json
    }

    /// Read by a scanner that has seen nothing, and by one that knows where to look.
    private func read(
        _ json: [UInt8], isSequenced: Bool = true, after warmup: [UInt8]? = nil
    ) -> DeliveryScanner.Delivery? {
        var scanner = DeliveryScanner(run: run)
        if let warmup { _ = warmup.withUnsafeBytes { scanner.delivery(in: $0, isSequenced: isSequenced) } }
        return json.withUnsafeBytes { scanner.delivery(in: $0, isSequenced: isSequenced) }
    }

    @Test func `what the server's encoder writes is read, whatever follows the number`() {
        var random = SeededGenerator(seed: 11)
        let usual = message(content(1), seq: 100)
        for _ in 0..<2000 {
            let number = UInt32.random(in: 0 ... .max, using: &random)
            let seq = UInt64.random(in: 1...999_999_999_999, using: &random)
            let json = message(
                content(number, random.text(maximum: 60)), seq: seq, id: "\(UInt8.random(in: 0...255, using: &random))")
            let expected = DeliveryScanner.Delivery(number: number, sequence: seq)
            #expect(read(json) == expected)
            #expect(read(json, after: usual) == expected)
        }
    }

    @Test func `classic frames are read, which have no seq`() {
        func frame(_ number: UInt32) -> [UInt8] {
            ClassicEvent.chatMessage(
                sender: "k3x9ab-07", content: content(number), timestamp: "2026-11-21 15:34:01", room: "k3x9ab.0"
            ).json
        }
        let expected = DeliveryScanner.Delivery(number: 9, sequence: 0)
        #expect(read(frame(9), isSequenced: false) == expected)
        #expect(read(frame(9), isSequenced: false, after: frame(8)) == expected)
    }

    @Test(arguments: [
        #"{"seq":5,"content":"C","type":"chat_message","room":"r"}"#,
        #"{"type":"chat_message","seq":5,"content":"C"}"#,
        #" { "content" : "C" , "seq" : 5 , "type" : "chat_message" } "#,
        #"{"type":"chat_message","content":"C","seq":5,"new":{"seq":9,"content":"x"},"more":[1,{"a":"]"}],"t":true}"#,
        #"{"type":"chat_message","room":",\"seq\":77}","content":"C","seq":5,"reaction":"\\"}"#,
        #"{"type":"chat_message","sender":"a\"b\\","content":"C, \"seq\":77","seq":5}"#,
    ])
    func `no order of fields is relied upon`(text: String) {
        let json = Array(text.replacing("C", with: content(42, "")).utf8)
        let expected = DeliveryScanner.Delivery(number: 42, sequence: 5)
        #expect(read(json) == expected)
        #expect(read(json, after: message(content(1), seq: 3)) == expected)
        #expect(read(json, after: json) == expected)
    }

    @Test func `a seq at the end of a text is none`() {
        let json = Array(#"{"type":"chat_message","content":"\#(content(4, ""))","x":"\",\"seq\":77}"}"#.utf8)
        #expect(read(json, after: json) == DeliveryScanner.Delivery(number: 4, sequence: 0))
    }

    @Test func `other frames and other runs are none`() {
        let usual = message(content(1), seq: 100)
        let others: [[UInt8]] = [
            V2Frame(.ack(V2Ack(id: "x", room: "k3x9ab.0", sequence: 7, timestamp: "")), ref: "12").json,
            V2Frame(.userJoined(room: "r", username: content(1), members: 3, timestamp: "")).json,
            message(content(1).replacing(run, with: "zzzzzz"), seq: 7),
            message("hello", seq: 7), message("", seq: 7), Array("{}".utf8), Array("[]".utf8), [],
            message(content(1).replacing("aaaaaaab", with: "aaaaaaaz"), seq: 7),
        ]
        for json in others {
            #expect(read(json) == nil && read(json, after: usual) == nil, "\(String(decoding: json, as: UTF8.self))")
        }
    }

    @Test func `a frame that is cut off is no delivery, and nonsense does no harm`() {
        let usual = message(content(1), seq: 100)
        for count in 0..<usual.count { #expect(read(Array(usual.prefix(count)), after: usual) == nil) }
        var random = SeededGenerator(seed: 3)
        var scanner = DeliveryScanner(run: run)
        _ = usual.withUnsafeBytes { scanner.delivery(in: $0, isSequenced: true) }
        for _ in 0..<20_000 {
            let bytes =
                Array(usual.prefix(Int.random(in: 0...usual.count, using: &random)))
                + random.almostJSON(maximum: 40)
            let found = bytes.withUnsafeBytes { scanner.delivery(in: $0, isSequenced: true) }
            #expect(found == nil || found?.number == 1)
        }
    }

    @Test func `fields of an error are found`() throws {
        let json = V2Frame(.error(code: "rate_limited", content: "slow", retryAfterMilliseconds: 250), ref: "17").json
        let fields = try #require(json.withUnsafeBytes { ObjectScanner.fields(in: $0) })
        json.withUnsafeBytes { bytes in
            #expect(fields.ref.flatMap { bytes.number(in: $0) } == 17)
            #expect(fields.code.map { bytes.text(in: $0) } == "rate_limited")
            #expect(fields.retryAfterMilliseconds == 250)
        }
    }
}
