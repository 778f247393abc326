import NIOCore

/// Measures the requests on a connection in the bytes that come: how large a head is, and whether one has begun.
///
/// A pure value. It cuts what comes into pieces of which none goes beyond a request, and is told by the parser behind it what
/// body a head announces. It decides nothing else: what a request is, the parser says.
struct RequestMeter {
    fileprivate enum Phase: Equatable {
        /// - Parameters:
        ///   - bytes: of this head so far.
        ///   - line: of its current line, without the line's end.
        ///   - lines: those before, that are not empty.
        case head(bytes: Int, line: Int, lines: Int)
        case body(left: Int)
        case chunked(Chunks)
        /// Nothing behind it is a request any more.
        case over
    }

    /// A place in a body that comes in chunks (RFC 9112 §7.1).
    fileprivate enum Chunks: Equatable {
        /// In the line with the size of the next chunk, after so many bytes of it. `hasEnded`: its digits have.
        case size(Int, line: Int, hasEnded: Bool)
        /// In a chunk, with the end of the line behind it.
        case data(left: Int)
        /// Behind the last chunk, after so many bytes of a line.
        case trailers(line: Int)

        static let beginning = Chunks.size(0, line: 0, hasEnded: false)
        /// More than the parser lets pass. A size does not grow beyond it.
        static let maximumSize = 1 << 30
    }

    private let maximumHeadBytes: Int
    private var phase = Phase.head(bytes: 0, line: 0, lines: 0)

    init(maximumHeadBytes: Int) { self.maximumHeadBytes = maximumHeadBytes }

    /// Whether a request has begun that has not ended.
    var isWithinRequest: Bool { phase != .head(bytes: 0, line: 0, lines: 0) }

    /// Whether the head, or the line with the size of a chunk, has more bytes than a head may have.
    var isHeadTooLarge: Bool {
        switch phase {
        case .head(let bytes, _, _), .chunked(.size(_, let bytes, _)): bytes > maximumHeadBytes
        case .body, .chunked, .over: false
        }
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
        case .chunked(var chunks):
            defer { phase = .chunked(chunks) }
            return chunks.take(bytes)
        case .over:
            return bytes.count
        }
    }

    /// The parser has read a head that announces this body.
    mutating func headEnded(_ body: RequestBody) {
        switch body {
        case .none: break  // the request's end follows at once
        case .counted(let bytes): phase = .body(left: bytes)
        case .chunked: phase = .chunked(.beginning)
        }
    }

    /// The parser has read all of a request.
    mutating func requestEnded() { phase = .head(bytes: 0, line: 0, lines: 0) }

    /// Whatever comes is passed on as it is.
    mutating func end() { phase = .over }
}

extension RequestMeter.Chunks {
    /// - Returns: how many bytes there are up to the end of the body; all, if it does not end in them. So whoever sends many
    ///   short chunks, or chunks full of line ends, does not make many pieces of them.
    fileprivate mutating func take(_ bytes: ByteBufferView) -> Int {
        var index = bytes.startIndex
        while index < bytes.endIndex {
            if case .data(let left) = self {
                let count = min(left, bytes.endIndex - index)
                index += count
                self = count == left ? .beginning : .data(left: left - count)
                continue
            }
            let byte = bytes[index]
            index += 1
            switch self {
            case .size(0, _, _) where byte == 0x0A: self = .trailers(line: 0)
            case .size(let size, _, _) where byte == 0x0A: self = .data(left: size + 2)
            case .size(let size, let line, hasEnded: false):
                let digit = Character(Unicode.Scalar(byte)).hexDigitValue
                let next = digit.map { min(size * 16 + $0, Self.maximumSize) } ?? size
                self = .size(next, line: line + 1, hasEnded: digit == nil)
            case .size(let size, let line, hasEnded: true): self = .size(size, line: line + 1, hasEnded: true)
            case .trailers(line: 0) where byte == 0x0A: return index - bytes.startIndex
            case .trailers(let line): self = .trailers(line: byte == 0x0A ? 0 : byte == 0x0D ? line : line + 1)
            case .data: break
            }
        }
        return bytes.count
    }
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
