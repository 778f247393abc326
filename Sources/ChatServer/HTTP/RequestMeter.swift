import NIOCore

/// Measures the requests on a connection in the bytes that come: how large a head is, and whether one has begun.
///
/// A pure value. It cuts what comes into pieces of which none goes beyond a request, and is told by the parser behind it what
/// body a head announces. It decides nothing else: what a request is, the parser says.
struct RequestMeter {
    private enum Phase: Equatable {
        /// - Parameters:
        ///   - bytes: of this head so far.
        ///   - line: of its current line, without the line's end.
        ///   - lines: those before, that are not empty.
        case head(bytes: Int, line: Int, lines: Int)
        case body(left: Int)
        /// Its end is the end of a line.
        case chunked
        /// Nothing behind it is a request any more.
        case over
    }

    private let maximumHeadBytes: Int
    private var phase = Phase.head(bytes: 0, line: 0, lines: 0)

    init(maximumHeadBytes: Int) { self.maximumHeadBytes = maximumHeadBytes }

    /// Whether a request has begun that has not ended.
    var isWithinRequest: Bool { phase != .head(bytes: 0, line: 0, lines: 0) }

    var isHeadTooLarge: Bool {
        if case .head(let bytes, _, _) = phase { bytes > maximumHeadBytes } else { false }
    }

    /// Takes some of the bytes.
    ///
    /// - Returns: how many, 1 at least, are to be passed on before the next are taken.
    mutating func take(_ bytes: ByteBufferView) -> Int {
        switch phase {
        case .head(var count, var line, var lines):
            for (index, byte) in bytes.enumerated() {
                count += 1
                switch byte {
                case 0x0A where line == 0 && lines > 0:
                    phase = .head(bytes: count, line: 0, lines: lines)
                    return index + 1
                case 0x0A:
                    if line > 0 { lines += 1 }
                    line = 0
                case 0x0D: break
                default: line += 1
                }
                guard count <= maximumHeadBytes else {
                    phase = .head(bytes: count, line: line, lines: lines)
                    return index + 1
                }
            }
            phase = .head(bytes: count, line: line, lines: lines)
            return bytes.count
        case .body(let left):
            let count = min(left, bytes.count)
            phase = .body(left: left - count)
            return max(count, 1)
        case .chunked:
            return bytes.firstIndex(of: 0x0A).map { bytes.distance(from: bytes.startIndex, to: $0) + 1 } ?? bytes.count
        case .over:
            return bytes.count
        }
    }

    /// The parser has read a head that announces this body.
    mutating func headEnded(_ body: RequestBody) {
        switch body {
        case .none: break  // the request's end follows at once
        case .counted(let bytes): phase = .body(left: bytes)
        case .chunked: phase = .chunked
        }
    }

    /// The parser has read all of a request.
    mutating func requestEnded() { phase = .head(bytes: 0, line: 0, lines: 0) }

    /// Whatever comes is passed on as it is.
    mutating func end() { phase = .over }
}

/// Puts a ``RequestMeter`` before the parser, behind whatever decrypts.
final class RequestMeterHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    /// Fired instead of what goes beyond the largest head that is allowed.
    struct HeadTooLarge: Error {}

    private var meter: RequestMeter
    /// Not passed on yet.
    private var rest = ByteBuffer()

    init(maximumHeadBytes: Int) { meter = RequestMeter(maximumHeadBytes: maximumHeadBytes) }

    /// Whether more has come than the requests that have ended.
    var isWithinRequest: Bool { meter.isWithinRequest || rest.readableBytes > 0 }

    func headEnded(_ body: RequestBody) { meter.headEnded(body) }

    func requestEnded() { meter.requestEnded() }

    /// Whatever has come and was not passed on, which it will not be any more.
    func takeRest() -> ByteBuffer? {
        defer { rest = ByteBuffer() }
        return rest.readableBytes > 0 ? rest : nil
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var read = unwrapInboundIn(data)
        if rest.readableBytes > 0 { rest.writeBuffer(&read) } else { rest = read }
        while rest.readableBytes > 0 {
            let count = meter.take(rest.readableBytesView)
            guard !meter.isHeadTooLarge else {
                meter.end()
                rest = ByteBuffer()
                return context.fireErrorCaught(HeadTooLarge())
            }
            guard let piece = rest.readSlice(length: count) else { return }
            context.fireChannelRead(NIOAny(piece))
        }
    }
}
