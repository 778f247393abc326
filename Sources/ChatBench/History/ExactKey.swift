import Wire

/// A text as a key, compared by its bytes. This detects a server that takes two ids for one, or returns a text in
/// another of Unicode's normalisation forms.
struct ExactKey: Hashable, Sendable {
    let text: String

    init(_ text: String) { self.text = text }

    static func == (left: ExactKey, right: ExactKey) -> Bool { left.text.hasSameBytes(as: right.text) }

    func hash(into hasher: inout Hasher) {
        for byte in text.utf8 { hasher.combine(byte) }
        hasher.combine(UInt8.max)
    }
}

/// A dictionary whose keys are compared by their bytes.
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

    /// In no particular order.
    var all: some Collection<(text: String, value: Value)> { entries.lazy.map { ($0.key.text, $0.value) } }

    var values: some Collection<Value> { entries.values }

    /// - Returns: the previous value.
    @discardableResult
    mutating func updateValue(_ value: Value, forKey text: String) -> Value? {
        entries.updateValue(value, forKey: ExactKey(text))
    }
}

extension ByText: Sendable where Value: Sendable {}

/// A set of texts that are compared by their bytes.
struct TextSet: Sendable {
    private var keys: Set<ExactKey> = []

    func contains(_ text: String) -> Bool { keys.contains(ExactKey(text)) }

    /// - Returns: whether it was not in the set before.
    @discardableResult
    mutating func insert(_ text: String) -> Bool { keys.insert(ExactKey(text)).inserted }

    mutating func insert(contentsOf texts: some Sequence<String>) { for text in texts { insert(text) } }
}

extension TextSet: ExpressibleByArrayLiteral {
    init(arrayLiteral elements: String...) { insert(contentsOf: elements) }
}
