/// A range of addresses in CIDR notation, such as `10.0.0.0/8` or `2001:db8::/32`; or a single address.
public struct AddressRange: Hashable, Sendable {
    private let base: IPAddress
    /// Of 128 bits; of an IPv4 range 96 at least.
    private let length: Int

    /// - Returns: nil if the text is no range, or has bits behind its prefix (`10.0.0.1/8`), which is most often a mistake.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let base = IPAddress(first), !first.contains("%") else { return nil }
        let isDotted = !first.contains(":")
        let bits = isDotted ? 32 : 128
        var length = bits
        if parts.count > 1 {
            guard (1...3).contains(parts[1].utf8.count), parts[1].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let number = Int(parts[1]), number <= bits
            else { return nil }
            length = number
        }
        self.base = base
        self.length = isDotted ? length + 96 : length
        guard Self.masked(base, self.length) == base else { return nil }
    }

    /// Whether the address is in this range. An IPv6 range such as `::/0` holds no IPv4 addresses.
    public func contains(_ address: IPAddress) -> Bool {
        (base.isIPv4 && length >= 96) == address.isIPv4 && Self.masked(address, length) == base
    }

    private static func masked(_ address: IPAddress, _ length: Int) -> IPAddress {
        // A shift by 64 gives 0 in Swift, and does not trap.
        IPAddress(
            high: address.high & ~(UInt64.max >> UInt64(min(length, 64))),
            low: address.low & ~(UInt64.max >> UInt64(max(length - 64, 0))))
    }
}

extension AddressRange {
    /// Reads a list with commas.
    ///
    /// - Throws: ``AddressListError`` with the first item that is no range.
    public static func list(_ text: String) throws(AddressListError) -> [AddressRange] {
        var ranges: [AddressRange] = []
        for item in text.split(separator: ",") {
            let item = item.trimmed
            guard let range = AddressRange(item) else { throw AddressListError(item: String(item)) }
            ranges.append(range)
        }
        return ranges
    }
}

extension Substring {
    /// Without the spaces and tabs around it.
    public var trimmed: Substring {
        let isBlank: (Character) -> Bool = { $0 == " " || $0 == "\t" }
        let text = drop(while: isBlank)
        let end = text.lastIndex { !isBlank($0) }.map(text.index(after:)) ?? text.startIndex
        return text[..<end]
    }
}

/// An item of a list that is no range of addresses.
public struct AddressListError: Error, Equatable {
    public let item: String
}
