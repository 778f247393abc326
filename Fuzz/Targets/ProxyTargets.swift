import NIOCore
import NIOHTTP1
import Wire

@testable import ChatServer

extension FuzzTarget {
    /// The PROXY protocol, byte by byte: a header is complete with its last byte, and nothing behind it changes what it says.
    static let proxy = FuzzTarget("proxy", maximumBytes: 700) { input in
        var settled = ProxyHeader.incomplete
        for count in 0...input.count {
            let header = ProxyHeader(ByteBuffer(bytes: input.prefix(count)).readableBytesView)
            guard settled == .incomplete else {
                try requireSame(header, settled, "after \(count) bytes")
                continue
            }
            settled = header
            if case .complete(_, let bytes) = header { try requireSame(bytes, count, "the length of a header") }
        }
        try require(
            settled != .incomplete || input.count < 16 + ProxyHeader.maximumRestBytes, "a header that never ends")
    }

    /// Addresses, ranges of them, origins, and what proxies write into `X-Forwarded-For`.
    static let addresses = FuzzTarget("addresses", maximumBytes: 1024) { input in
        let text = String(decoding: input, as: UTF8.self)
        if let address = IPAddress(text) {
            try requireSame(IPAddress(address.description), address, "an address that was written and read")
            try require(!address.isIPv4 || !address.description.contains(":"), "an IPv4 address with colons")
            if let range = AddressRange(address.description) {
                try require(range.contains(address), "the range of one address leaves it out")
            }
            try requireSame(address.block.block, address.block, "a block of a block")
        }
        if let range = AddressRange(text), let base = text.split(separator: "/").first.flatMap({ IPAddress($0) }) {
            try require(range.contains(base), "a range leaves out its beginning")
        }
        if case .page(let scheme, let authority)? = Origin(text) {
            try requireSame(Origin("\(scheme)://\(authority)"), Origin(text), "an origin of an origin")
            try require(Origin(text)?.isOf(host: authority) == true, "an origin is not of its own host")
        }
        let proxies = TrustedProxies(ranges: (try? AddressRange.list("10.0.0.0/8,127.0.0.1,fd00::/8")) ?? [])
        if let peer = IPAddress("10.1.2.3"), let stranger = IPAddress("192.0.2.1") {
            let headers = HTTPHeaders(text.split(separator: "\n").map { ("X-Forwarded-For", String($0)) })
            _ = proxies.client(of: headers, from: peer)
            try requireSame(proxies.client(of: headers, from: stranger), stranger, "a stranger says who somebody is")
        }
    }
}
