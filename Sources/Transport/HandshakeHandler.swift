import NIOCore
import NIOHTTP1
import NIOSSL
import WebSocketRules

/// Asks for the upgrade, and reads the server's answer to the end if it refuses.
///
/// It comes after NIO's upgrade handler: a response arrives here only if it did not lead to an upgrade.
final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// The limit for the body of a refusal, in bytes.
    private static let mostBody = 4096

    private let link: Link
    private let opening: WebSocketTransport.Opening
    private var head: HTTPResponseHead?
    private var body: [UInt8] = []

    init(link: Link, _ opening: WebSocketTransport.Opening) {
        self.link = link
        self.opening = opening
    }

    func channelActive(context: ChannelHandlerContext) {
        let request = opening.request
        var headers = HTTPHeaders()
        headers.add(name: "Host", value: opening.address.authority)
        headers.add(name: "User-Agent", value: opening.userAgent)
        if let token = opening.token { headers.add(name: "Authorization", value: "Bearer \(token)") }
        if !request.subprotocols.isEmpty {
            headers.add(name: "Sec-WebSocket-Protocol", value: request.subprotocols.joined(separator: ", "))
        }
        if opening.codec != nil { headers.add(name: "Sec-WebSocket-Extensions", value: PerMessageDeflate.offer) }
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: request.target(at: opening.address.path), headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body(let part): body += part.readableBytesView.prefix(Self.mostBody - body.count)
        case .end: finish(context: context)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        finish(context: context)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError || error is NIOHTTPClientUpgradeError {
            link.end(.unreachable("what answers there is no chat server"))
        } else if let words = TLSFailure.words(
            for: error, certificate: try? context.pipeline.syncOperations.nioSSL_peerCertificate())
        {
            link.end(.unreachable(words))
        } else {
            link.end(.unreachable(ConnectFailure.words(for: error)))
        }
        context.close(promise: nil)
    }

    private func finish(context: ChannelHandlerContext) {
        if let head {
            link.end(Self.refusal(head: head, body: body))
        } else {
            link.end(.unreachable("the server hung up during the handshake"))
        }
        context.close(promise: nil)
    }

    static func refusal(head: HTTPResponseHead, body: [UInt8]) -> ConnectionEnd {
        let status = Int(head.status.code)
        if status < 300 {
            return .refused(status: status, words: "no chat server answers there", retryAfter: nil)
        }
        let type = head.headers.first(name: "Content-Type")?.lowercased() ?? "text/plain"
        var words = ""
        if type.hasPrefix("text/plain") {
            let text = String(decoding: body, as: UTF8.self)
            words = String(text.split(whereSeparator: \.isNewline).first ?? "")
        }
        if words.isEmpty { words = head.headers["WWW-Authenticate"].lazy.compactMap(errorDescription).first ?? "" }
        let retryAfter = head.headers.first(name: "Retry-After").flatMap { RetryAfter.delay($0) }
        return .refused(status: status, words: words, retryAfter: retryAfter)
    }

    /// The `error_description` of a challenge (RFC 6750 §3), which is a quoted string without escapes.
    private static func errorDescription(_ challenge: String) -> String? {
        guard let start = challenge.firstRange(of: "error_description=\"")?.upperBound,
            let end = challenge[start...].firstIndex(of: "\"")
        else { return nil }
        return String(challenge[start..<end])
    }
}
