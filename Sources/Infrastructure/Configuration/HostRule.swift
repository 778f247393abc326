import Foundation

/// Whether a text can be looked up as a host, decided without a look-up.
enum HostRule {
    /// - Returns: the host for the look-up, an IPv6 address without the brackets of a URL; nil if the text is neither
    ///   an address nor a name.
    static func host(_ text: String) -> String? {
        if text.hasPrefix("["), text.hasSuffix("]") {
            let address = String(text.dropFirst().dropLast())
            return isIPv6(address) ? address : nil
        }
        return isIPv6(text) || isIPv4(text) || isName(text) ? text : nil
    }

    /// With or without a zone, as in `fe80::1%eth0`.
    private static func isIPv6(_ text: String) -> Bool {
        guard !text.utf8.contains(0) else { return false }
        let address = text.prefix { $0 != "%" }
        var bytes = in6_addr()
        return inet_pton(AF_INET6, String(address), &bytes) == 1
    }

    private static func isIPv4(_ text: String) -> Bool {
        guard !text.utf8.contains(0) else { return false }
        var bytes = in_addr()
        return inet_pton(AF_INET, text, &bytes) == 1
    }

    /// RFC 1123 §2.1, and also underscores, which container networks use. A name whose last part is a number would be
    /// taken for an address, so it is refused.
    private static func isName(_ text: String) -> Bool {
        let name = text.hasSuffix(".") ? text.dropLast() : text[...]
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return name.utf8.count <= 253 && labels.allSatisfy { 1...63 ~= $0.count && $0.allSatisfy(isInName) }
            && labels.last?.allSatisfy(isDigit) == false
    }

    private static func isInName(_ byte: UInt8) -> Bool {
        isDigit(byte) || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte | 0x20 || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
}
