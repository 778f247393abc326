/// A strong validator (RFC 9110 §8.8.3): two answers with the same tag have the same bytes.
struct EntityTag: Equatable, Sendable {
    /// As it stands in `ETag`, with its quotes.
    let text: String

    /// - Parameter opaque: letters, digits and hyphens.
    init(_ opaque: String) { text = "\"\(opaque)\"" }

    /// Of these bytes: their number, and 64 bits of them (FNV-1a). Whoever can choose the bytes is the operator.
    ///
    /// - Parameter coding: tells the tags of the same page in different codings apart.
    init(_ bytes: [UInt8], coding: String = "") {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        self.init("\(String(bytes.count, radix: 16))-\(String(hash, radix: 16))\(coding.isEmpty ? "" : "-" + coding)")
    }

    /// Whether an `If-None-Match` names it. Weak tags count, too (RFC 9110 §13.1.2), since proxies make tags weak.
    ///
    /// - Parameter values: of all such headers of a request, as they came.
    func isNamed(in values: [String]) -> Bool {
        for value in values {
            for item in value.utf8.split(separator: UInt8(ascii: ",")) {
                var item = Substring(item).drop { $0 == " " || $0 == "\t" }
                while item.last == " " || item.last == "\t" { item.removeLast() }
                if item == "*" { return true }
                if item.hasPrefix("W/") { item = item.dropFirst(2) }
                if item == text { return true }
            }
        }
        return false
    }
}
