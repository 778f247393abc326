import NIOCore
import WebSocketRules

/// Reads the server's side of a WebSocket connection, answers pings and closes, and notes what the server must not do.
struct WebSocketParser: StreamParser {
    struct Journals: Sendable {
        let handshake = Journal<HTTPAnswer>()
        let texts = Journal<TextFrame>()
        let pongs = Journal<[UInt8]>()
        let closings = Journal<Closing>()
        let violations = Journal<String>()
        /// The sizes on the wire of those texts that came compressed, in their order.
        let compressed = Journal<Int>()
    }

    let journals: Journals
    private var isUpgraded = false
    private var closing: Closing?
    /// Whether the server has agreed on permessage-deflate.
    private var agreesOnCompression = false

    init(journals: Journals) {
        self.journals = journals
    }

    mutating func consume(_ bytes: inout ByteBuffer, reply: (ByteBuffer) -> Void) {
        while !isUpgraded {
            guard let answer = HTTPAnswer.parse(&bytes, atEnd: false) else { return }
            isUpgraded = answer.status == 101
            agreesOnCompression = answer["sec-websocket-extensions"] != nil
            journals.handshake.append(answer)
        }
        while let frame = WebSocketFrame.parse(&bytes) { take(frame, reply: reply) }
    }

    mutating func end(rest: inout ByteBuffer, error: (any Error)?) {
        if !isUpgraded, let answer = HTTPAnswer.parse(&rest, atEnd: true) { journals.handshake.append(answer) }
        journals.handshake.finish()
        journals.texts.finish()
        journals.pongs.finish()
        if closing == nil { journals.closings.append(Closing(reason: error.map { "\($0)" } ?? "")) }
        journals.closings.finish()
    }

    private mutating func take(_ frame: WebSocketFrame, reply: (ByteBuffer) -> Void) {
        if closing != nil { violate("a frame after its close", frame) }
        if frame.mask != nil { violate("a masked frame", frame) }
        var frame = frame
        if frame.reserved != 0 { inflate(&frame) }
        if !frame.isFinal { violate("a fragment", frame) }
        switch frame.opcode {
        case WebSocketFrame.Opcode.text:
            if String(validating: frame.payload, as: UTF8.self) == nil { violate("bad UTF-8", frame) }
            journals.texts.append(TextFrame(frame.payload))
        case WebSocketFrame.Opcode.ping:
            let pong = WebSocketFrame(opcode: WebSocketFrame.Opcode.pong, payload: frame.payload)
            reply(ByteBuffer(bytes: pong.bytes))
        case WebSocketFrame.Opcode.pong:
            journals.pongs.append(frame.payload)
        case WebSocketFrame.Opcode.close:
            let code = frame.payload.count >= 2 ? UInt16(frame.payload[0]) << 8 | UInt16(frame.payload[1]) : nil
            let ending = Closing(code: code, reason: String(decoding: frame.payload.dropFirst(2), as: UTF8.self))
            closing = ending
            journals.closings.append(ending)
            let echo = WebSocketFrame(opcode: WebSocketFrame.Opcode.close, payload: Array(frame.payload.prefix(2)))
            reply(ByteBuffer(bytes: echo.bytes))
        default:
            violate("opcode \(frame.opcode)", frame)
        }
    }

    /// RFC 7692 §6.2. The server keeps no context, so every message stands alone.
    private func inflate(_ frame: inout WebSocketFrame) {
        guard agreesOnCompression, frame.reserved == 0x40, frame.opcode == WebSocketFrame.Opcode.text,
            let text = try? Inflater().inflate(ByteBuffer(bytes: frame.payload), atMost: 4 << 20)
        else { return violate("reserved bits", frame) }
        journals.compressed.append(frame.payload.count)
        frame.payload = Array(text.readableBytesView)
    }

    private func violate(_ what: String, _ frame: WebSocketFrame) {
        journals.violations.append("\(what): \(String(decoding: frame.payload.prefix(120), as: UTF8.self))")
    }
}
