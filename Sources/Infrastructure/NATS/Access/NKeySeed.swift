import Crypto

/// The secret half of a user's NKEY: an Ed25519 key in NATS's own writing, `SU…`. The description does not show it.
///
/// The writing is base 32 without padding: two bytes that say what it is, the 32 bytes of the key, and a CRC-16 of both,
/// low byte first (docs.nats.io, “NKeys”).
struct NKeySeed: Equatable, Sendable {
    /// As it is written.
    let text: String
    /// What NATS knows the user by: `U…`.
    let publicKey: String

    /// The code for a user, in the five bits that make the first letter of a public key a `U`.
    private static let user: UInt8 = 20 << 3
    /// The code for a seed: `S`.
    private static let seed: UInt8 = 18 << 3

    init?(_ text: some StringProtocol) {
        guard text.utf8.count == 58, let bytes = Base32.decoded(text.utf8), bytes.count == 36 else { return nil }
        let (signed, check) = (bytes[..<34], UInt16(bytes[34]) | UInt16(bytes[35]) << 8)
        // The kind of the key stands across the boundary of the first two bytes.
        guard CRC16.of(signed) == check, bytes[0] & 0xF8 == Self.seed,
            bytes[0] << 5 | bytes[1] >> 3 == Self.user,
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: bytes[2..<34])
        else { return nil }
        self.text = String(text)
        var named = [Self.user] + key.publicKey.rawRepresentation
        let code = CRC16.of(named)
        named += [UInt8(truncatingIfNeeded: code), UInt8(truncatingIfNeeded: code >> 8)]
        publicKey = Base32.encoded(named)
    }

    /// The seed on the first line that is one; other lines may be around it, as tools write them.
    static func first(in text: String) -> NKeySeed? {
        text.split(whereSeparator: \.isWhitespace).lazy.compactMap { NKeySeed($0) }.first
    }
}

extension NKeySeed: CustomStringConvertible, CustomReflectable {
    var description: String { publicKey }
    var customMirror: Mirror { Mirror(self, children: ["publicKey": publicKey]) }
}

/// A file of credentials: a user's JWT and the seed of its NKEY, each on a line behind one that announces it.
struct CredentialsFile {
    let token: String
    let seed: NKeySeed

    init?(_ text: String) {
        let words = text.split(whereSeparator: \.isNewline).map { $0.drop(while: \.isWhitespace) }
        guard let mark = words.firstIndex(where: { $0.contains("BEGIN NATS USER JWT") }),
            let token = words[mark...].dropFirst().first?.split(whereSeparator: \.isWhitespace).first,
            token.split(separator: ".", omittingEmptySubsequences: false).count == 3,
            let seedMark = words.firstIndex(where: { $0.contains("BEGIN USER NKEY SEED") }),
            let seed = NKeySeed.first(in: words[seedMark...].joined(separator: "\n"))
        else { return nil }
        self.token = String(token)
        self.seed = seed
    }
}

/// Base 32 without padding (RFC 4648 §6).
enum Base32 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

    static func encoded(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var (rest, bits) = (0, 0)
        for byte in bytes {
            rest = (rest << 8 | Int(byte)) & 0xFFF
            bits += 8
            while bits >= 5 {
                bits -= 5
                text.append(digits[rest >> bits & 31])
            }
        }
        if bits > 0 { text.append(digits[rest << (5 - bits) & 31]) }
        return String(decoding: text, as: UTF8.self)
    }

    /// - Returns: nil for a text with another character in it. Bits that make no whole byte are left out.
    static func decoded(_ text: some Sequence<UInt8>) -> [UInt8]? {
        var bytes: [UInt8] = []
        var (rest, bits) = (0, 0)
        for digit in text {
            guard let value = digits.firstIndex(of: digit) else { return nil }
            rest = (rest << 5 | value) & 0xFFF
            bits += 5
            guard bits >= 8 else { continue }
            bits -= 8
            bytes.append(UInt8(truncatingIfNeeded: rest >> bits))
        }
        return bytes
    }
}

/// The CRC-16 of NKEYs: polynomial 0x1021, beginning with zero (XMODEM).
enum CRC16 {
    static func of(_ bytes: some Sequence<UInt8>) -> UInt16 {
        var code: UInt16 = 0
        for byte in bytes {
            code ^= UInt16(byte) << 8
            for _ in 0..<8 { code = code & 0x8000 == 0 ? code << 1 : code << 1 ^ 0x1021 }
        }
        return code
    }
}
