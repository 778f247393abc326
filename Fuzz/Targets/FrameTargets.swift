import NIOCore
import NIOEmbedded
import NIOWebSocket

@testable import WebSocketRules

extension FuzzTarget {
    /// The greatest message in these targets, in bytes; small, so that the limit is met often.
    private static let maximumMessage = 600

    /// Any bytes as a peer may send them, in any pieces.
    static let frames = FuzzTarget("frames", maximumBytes: 4096) { input in
        var choices = Choices(input)
        let options = choices.byte()
        let receiver: MessageAssembler.Receiver = options & 1 == 1 ? .client : .server
        let compression = options & 2 == 2
        let seed = choices.byte()
        let bytes = choices.remainder()
        let whole = try FrameReading.of(
            [bytes[...]], for: receiver, compression: compression, maximumBytes: maximumMessage)
        let pieces = Choices.pieces(of: bytes, seed: seed)
        let cut = try FrameReading.of(pieces, for: receiver, compression: compression, maximumBytes: maximumMessage)
        try requireSame(whole, cut, "the pieces in which frames come change what they say")
    }

    /// Whole messages, cut into legal frames: each arrives as it was sent, whatever the fragments and the pieces.
    static let messages = FuzzTarget("messages", maximumBytes: 4096) { input in
        var choices = Choices(input)
        let seed = choices.byte()
        var sent: [MessageAssembler.Action] = []
        var bytes: [UInt8] = []
        while !choices.isAtEnd, sent.count < 20 {
            let text = choices.text(upTo: maximumMessage / 3)  // of one repaired byte become three
            var rest = Array(text.utf8)[...]
            var fragments: [ArraySlice<UInt8>] = []
            for _ in 0..<choices.number(0...3) {
                fragments.append(rest.prefix(choices.number(0...rest.count)))
                rest = rest.dropFirst(fragments.last?.count ?? 0)
            }
            for (index, fragment) in fragments.enumerated() {
                bytes += FrameReading.frame(fragment, index == 0 ? 1 : 0, isLast: false, mask: choices.byte())
                guard choices.flag() else { continue }
                let ping = choices.bytes(upTo: 125)
                bytes += FrameReading.frame(ping[...], 9, isLast: true, mask: choices.byte())
                sent.append(.pong(ByteBuffer(bytes: ping)))
            }
            bytes += FrameReading.frame(rest, fragments.isEmpty ? 1 : 0, isLast: true, mask: choices.byte())
            sent.append(.text(text, bytes: ByteBuffer(string: text)))
        }
        let pieces = Choices.pieces(of: bytes, seed: seed)
        let reading = try FrameReading.of(pieces, for: .server, maximumBytes: maximumMessage)
        try require(reading.failure == nil, "legal frames are refused: \(reading.failure ?? "")")
        try requireSame(reading.actions.filter { $0 != .none }, sent, "what arrives is not what was sent")
    }
}
