/// The value of `Sec-WebSocket-Extensions` (RFC 6455 §9.1): extensions with their parameters, in their order.
///
/// A pure value.
public struct ExtensionHeader: Equatable, Sendable {
    public struct Parameter: Equatable, Sendable {
        public let name: String
        /// Nil where there is no `=`. A quoted value stands here without its quotes.
        public let value: String?

        public init(_ name: String, _ value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    public struct Element: Equatable, Sendable {
        public let name: String
        public let parameters: [Parameter]

        public init(_ name: String, _ parameters: [Parameter] = []) {
            self.name = name
            self.parameters = parameters
        }
    }

    public let elements: [Element]

    /// Several headers of that name are one list.
    ///
    /// - Returns: nil where they do not keep to the grammar.
    public init?(_ values: [String]) {
        var elements: [Element] = []
        for value in values {
            var scanner = Scanner(value)
            guard let some = scanner.elements() else { return nil }
            elements += some
        }
        self.elements = elements
    }

    /// Reads one header from its beginning to its end.
    private struct Scanner {
        private var rest: Substring.UTF8View

        init(_ text: String) { rest = Substring(text).utf8 }

        /// Empty elements are allowed in a list (RFC 9110 §5.6.1).
        mutating func elements() -> [Element]? {
            var elements: [Element] = []
            while true {
                skipBlanks()
                if rest.isEmpty { return elements }
                if skip(",") { continue }
                guard let element = element() else { return nil }
                elements.append(element)
                guard rest.isEmpty || skip(",") else { return nil }
            }
        }

        private mutating func element() -> Element? {
            guard let name = token() else { return nil }
            var parameters: [Parameter] = []
            while skip(";") {
                guard let name = token() else { return nil }
                guard skip("=") else {
                    parameters.append(Parameter(name))
                    continue
                }
                guard let value = rest.first == UInt8(ascii: "\"") ? quoted() : token() else { return nil }
                parameters.append(Parameter(name, value))
            }
            return Element(name, parameters)
        }

        private mutating func token() -> String? {
            skipBlanks()
            let text = rest.prefix(while: Self.isTokenByte)
            guard !text.isEmpty else { return nil }
            rest = rest[text.endIndex...]
            skipBlanks()
            return String(Substring(text))
        }

        /// What stands in quotes must be a token, too, once it is unquoted.
        private mutating func quoted() -> String? {
            rest = rest.dropFirst()
            var bytes: [UInt8] = []
            while var byte = rest.popFirst() {
                if byte == UInt8(ascii: "\"") {
                    skipBlanks()
                    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
                }
                if byte == UInt8(ascii: "\\") {
                    guard let escaped = rest.popFirst() else { return nil }
                    byte = escaped
                }
                guard Self.isTokenByte(byte) else { return nil }
                bytes.append(byte)
            }
            return nil
        }

        private mutating func skip(_ sign: Unicode.Scalar) -> Bool {
            guard rest.first == UInt8(ascii: sign) else { return false }
            rest = rest.dropFirst()
            skipBlanks()
            return true
        }

        private mutating func skipBlanks() {
            rest = rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        }

        /// RFC 9110 §5.6.2.
        private static func isTokenByte(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
            }
        }
    }
}
