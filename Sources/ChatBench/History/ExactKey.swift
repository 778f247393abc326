import Wire

/// A text as a key: another one only where its bytes are others. A server that takes two ids for one, or gives a text back in
/// another of Unicode's normal forms, is to be found out.
struct ExactKey: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactKey, right: ExactKey) -> Bool { left.text.hasSameBytes(as: right.text) }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8.max)
    }
}

/// Values by texts that are told apart by their bytes.
struct ByText<Value> {
    private var entries: [ExactKey: Value] = [:]

    subscript(text: String) -> Value? {
        get { entries[ExactKey(text)] }
        set { entries[ExactKey(text)] = newValue }
    }

    subscript(text: String, default value: @autoclosure () -> Value) -> Value {
        get { entries[ExactKey(text), default: value()] }
        set { entries[ExactKey(text)] = newValue }
    }

    /// In no order.
    var all: some Collection<(text: String, value: Value)> { entries.lazy.map { ($0.key.text, $0.value) } }

    var values: some Collection<Value> { entries.values }

    /// - Returns: the value before.
    @discardableResult
    mutating func updateValue(_ value: Value, forKey text: String) -> Value? {
        entries.updateValue(value, forKey: ExactKey(text))
    }
}

extension ByText: Sendable where Value: Sendable {}

/// Texts that are told apart by their bytes.
struct TextSet: Sendable {
    private var keys: Set<ExactKey> = []

    func contains(_ text: String) -> Bool { keys.contains(ExactKey(text)) }

    /// - Returns: whether it was not there before.
    @discardableResult
    mutating func insert(_ text: String) -> Bool { keys.insert(ExactKey(text)).inserted }

    mutating func insert(contentsOf texts: some Sequence<String>) { for text in texts { insert(text) } }
}

extension TextSet: ExpressibleByArrayLiteral {
    init(arrayLiteral elements: String...) { insert(contentsOf: elements) }
}
