import NIOCore
import NIOEmbedded
import NIOHTTP1
import Wire

@testable import ChatServer

extension FuzzTarget {
    /// Any bytes where HTTP is spoken, in any pieces, and all that is read of a request.
    static let http = FuzzTarget("http", maximumBytes: 4096) { input in
        var choices = Choices(input)
        let seed = choices.byte()
        let bytes = choices.remainder()
        let whole = try RequestReading.of([bytes[...]])
        try requireSame(whole, try RequestReading.of(Choices.pieces(of: bytes, seed: seed)), "pieces change a request")
    }

    /// The target of a request: its forms, its path, its query.
    static let target = FuzzTarget("target", maximumBytes: 2048) { input in
        let text = String(decoding: input, as: UTF8.self)
        for method in [HTTPMethod.GET, .OPTIONS] {
            guard let target = try? RequestTarget(text, for: method) else { continue }
            try require(target.path == "*" || target.path.utf8.first == UInt8(ascii: "/"), "a path without a slash")
            _ = AdminRoute(path: target.path)
            _ = try? Query(target.query).value(of: "token")
        }
        // What is written as a parameter is read as it was.
        let written = PercentCoding.encoded(text) { !PercentCoding.isUnreserved($0) }
        for query in ["a=\(written)", "\(written)=a&a=\(written)", "&&a=\(written)&a=b"] {
            let read = try Query(query[...]).value(of: "a") ?? ""
            let isFirst = query.hasPrefix(written) && written == "a"
            try require(read.utf8.elementsEqual(isFirst ? "a".utf8 : text.utf8), "\(text) came back as \(read)")
        }
        if let decoded = try? PercentCoding.decoded(text[...], as: .form) {
            try require(decoded.utf8.count <= text.utf8.count, "a text that grows when it is decoded")
        }
    }
}

/// What the requests in a stream of bytes come to, in words.
private struct RequestReading: Equatable {
    var words: [String] = []

    static func of(_ pieces: [ArraySlice<UInt8>]) throws -> RequestReading {
        let decoder = ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes))
        let channel = EmbeddedChannel(handler: decoder)
        defer { _ = try? channel.finish(acceptAlreadyClosed: true) }
        var reading = RequestReading()
        for piece in pieces {
            var hasFailed = false
            do { try channel.writeInbound(ByteBuffer(bytes: piece)) } catch { hasFailed = true }
            while let part = try channel.readInbound(as: HTTPServerRequestPart.self) {
                guard case .head(let head) = part else { continue }
                reading.words.append(words(of: head))
            }
            if hasFailed {
                reading.words.append("unintelligible")
                return reading
            }
        }
        return reading
    }

    /// Everything that the server asks of a request, and what it is told.
    private static func words(of head: HTTPRequestHead) -> String {
        let source = RequestSource(peerAddress: try? SocketAddress(ipAddress: "127.0.0.1", port: 1))
        guard let request = try? Request(head, from: source) else { return "refused" }
        let purpose = try? Purpose(request)
        let token = try? PresentedToken.of(request)
        let admission = try? Admission.decide(
            request,
            at: Door(
                rules: DoorRules(maximumConnections: 1),
                occupancy: { Occupancy(connections: 0, maximum: 1, isDraining: false) }))
        let admitted = if case .known(let value) = admission { "\(value)" } else { "nobody" }
        return
            "\(String(describing: purpose)) \(String(describing: token)) \(admitted) \(LoopbackRule.isMet(by: request))"
            + " \(request.body) \(request.asksForUpgrade) \(request.awaitsContinue) \(request.keepsAlive)"
    }
}
