public import Domain

extension Entry {
    /// About how much room the entry takes in a frame, in bytes: never less than it does.
    public var frameSize: Int {
        guard let traits else { return 0 }
        let texts = [traits.id.text, traits.author, traits.recipient ?? topic.room?.text ?? "", traits.text]
        return texts.reduce(traits.fixedBytes) { $0 + Self.escapedSize($1) }
    }

    /// RFC 8259 §7: a control character takes six bytes, a quote or a backslash two.
    private static func escapedSize(_ text: String) -> Int {
        text.utf8.reduce(0) { size, byte in
            size + (byte < 0x20 ? 6 : byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") ? 2 : 1)
        }
    }
}
