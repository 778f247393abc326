import NIOCore
import Testing

@testable import ChatServer

struct RequestMeterTests {
    private func pieces(_ text: String, _ meter: inout RequestMeter) -> [String] {
        var bytes = ByteBuffer(string: text)
        var pieces: [String] = []
        while bytes.readableBytes > 0, let piece = bytes.readString(length: meter.take(bytes.readableBytesView)) {
            pieces.append(piece)
        }
        return pieces
    }

    @Test func `a head is as large as its bytes, and one byte more is too much`() {
        let head = "GET / HTTP/1.1\r\nHost: x\r\n\r\n"
        for (maximum, isTooLarge) in [
            (head.utf8.count + 1, false), (head.utf8.count, false), (head.utf8.count - 1, true),
        ] {
            var meter = RequestMeter(maximumHeadBytes: maximum)
            _ = pieces(head, &meter)
            #expect(meter.isHeadTooLarge == isTooLarge)
        }
    }

    @Test func `a head that does not end is too large however it comes`() {
        var meter = RequestMeter(maximumHeadBytes: 10)
        for _ in 0..<10 { _ = pieces("x", &meter) }
        #expect(!meter.isHeadTooLarge)
        _ = pieces("x", &meter)
        #expect(meter.isHeadTooLarge)
    }

    @Test func `what has come of the next request is known`() {
        var meter = RequestMeter(maximumHeadBytes: 1000)
        #expect(!meter.isWithinRequest)
        #expect(pieces("GET / HTTP/1.1\r\nHost: x\r\n\r\n", &meter).count == 1)
        #expect(meter.isWithinRequest)
        meter.headEnded(.none)
        meter.requestEnded()
        #expect(!meter.isWithinRequest)
        _ = pieces("G", &meter)
        #expect(meter.isWithinRequest)
    }

    @Test func `no piece goes beyond a head or a body`() {
        var meter = RequestMeter(maximumHeadBytes: 1000)
        #expect(meter.take(ByteBuffer(string: "\r\nPOST / HTTP/1.1\r\n\r\nabcGET").readableBytesView) == 21)
        meter.headEnded(.counted(3))
        #expect(meter.take(ByteBuffer(string: "a").readableBytesView) == 1)
        #expect(meter.take(ByteBuffer(string: "bcGET").readableBytesView) == 2)
        meter.requestEnded()
        #expect(pieces("POST / HTTP/1.1\n\n", &meter) == ["POST / HTTP/1.1\n\n"])
        meter.headEnded(.chunked)
        #expect(meter.take(ByteBuffer(string: "1\r\na\r\n0\r\n\r\nG").readableBytesView) == 11)
    }

    @Test(arguments: [1, 2, 3, 1000])
    func `a body in chunks is one piece, whatever is in it and however it comes`(size: Int) {
        var meter = RequestMeter(maximumHeadBytes: 1000)
        let bodies = [
            "0\r\n\r\n", "1\r\na\r\n0\r\n\r\n", "a;x=y\r\n\n\n\n\n\n\n\n\n\n\n\r\n0\r\n\r\n", "1\na\n0\n\n",
            "00\r\nTrailer: x\r\nOther: y\r\n\r\n",
        ]
        for body in bodies {
            meter.headEnded(.chunked)
            let bytes = Array(body.utf8)
            for start in stride(from: 0, to: bytes.count, by: size) {
                let part = Array(bytes[start..<min(start + size, bytes.count)])
                let isLast = start + size >= bytes.count
                let next = isLast ? Array("GET".utf8) : []
                #expect(meter.take(ByteBuffer(bytes: part + next).readableBytesView) == part.count, "\(body)")
            }
            meter.requestEnded()
        }
        meter.headEnded(.chunked)
        _ = pieces("1;" + String(repeating: "x", count: 998), &meter)
        #expect(!meter.isHeadTooLarge)
        _ = pieces("x", &meter)
        #expect(meter.isHeadTooLarge)
        meter.requestEnded()
        meter.headEnded(.chunked)
        let lines = "10000\r\n" + String(repeating: "\n", count: 65_536) + "\r\n0\r\n\r\n"
        #expect(meter.take(ByteBuffer(string: lines).readableBytesView) == lines.utf8.count)
    }
}
