/// Inputs with which fuzzing begins: Fuzz/Corpus/NAME.txt, one in each line, so that a person can read and review them.
///
/// `\n`, `\r`, `\t`, `\\` and `\xNN` stand for a byte; lines that begin with `#` are remarks.
public enum Seeds {
    public static func read(_ text: String) -> [[UInt8]] {
        text.utf8.split(separator: UInt8(ascii: "\n")).filter { $0.first != UInt8(ascii: "#") }.map(bytes)
    }

    /// Bytes as a line of such a file, for a finding that becomes a seed.
    public static func line(_ bytes: [UInt8]) -> String {
        var line = ""
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "\n"): line += "\\n"
            case UInt8(ascii: "\r"): line += "\\r"
            case UInt8(ascii: "\t"): line += "\\t"
            case UInt8(ascii: "\\"): line += "\\\\"
            case 0x21..<0x7F where byte != UInt8(ascii: "#"), 0x20 where !line.isEmpty:
                line.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16)
                line += digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
            }
        }
        return line
    }

    private static func bytes(of line: Substring.UTF8View) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = line[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let escape = rest.popFirst() else {
                bytes.append(byte)
                continue
            }
            switch escape {
            case UInt8(ascii: "n"): bytes.append(UInt8(ascii: "\n"))
            case UInt8(ascii: "r"): bytes.append(UInt8(ascii: "\r"))
            case UInt8(ascii: "t"): bytes.append(UInt8(ascii: "\t"))
            case UInt8(ascii: "x"):
                bytes.append(UInt8(Substring(rest.prefix(2)), radix: 16) ?? UInt8(ascii: "?"))
                rest = rest.dropFirst(2)
            default: bytes.append(escape)
            }
        }
        return bytes
    }
}
