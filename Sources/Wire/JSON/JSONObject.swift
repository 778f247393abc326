/// A JSON object as it was read: its fields in their order, strictly by RFC 8259.
///
/// One reader serves both dialects, server and client, what instances tell each other, and the configuration files, so that
/// no two of them differ about what is JSON. It goes through the bytes once; an object of texts and numbers, as all requests
/// and messages are, costs one array and those of its texts that are longer than 15 bytes.
///
/// Of a field that stands twice the first counts. Half a surrogate pair (`"\ud800"`) is refused, since no text can hold it;
/// so is a byte order mark, and whatever is nested deeper than ``maximumDepth``.
public struct JSONObject: Sendable {
    /// How deep arrays and objects may be nested, the object itself included.
    public static let maximumDepth = 64

    public enum Value: Sendable {
        case text(String)
        case number(JSONNumber)
        case flag(Bool)
        case null
        case array([Value])
        case object(JSONObject)
        /// An array or an object that was checked and not kept.
        case nested
    }

    public typealias Field = (key: String, value: Value)

    /// All fields in their order, also those that stand twice.
    public let fields: [Field]

    init(fields: [Field]) { self.fields = fields }

    /// - Parameter keepingNested: whether arrays and objects in it are wanted. If not they are only checked, and take no
    ///   memory, however many there are.
    public init(_ json: some Collection<UInt8>, keepingNested: Bool = false) throws(JSONSyntaxError) {
        fields =
            try
            (json.withContiguousStorageIfAvailable { Self.read($0, keepingNested) }
            ?? Array(json).withUnsafeBufferPointer { Self.read($0, keepingNested) }).get()
    }

    private static func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ keepingNested: Bool
    ) -> Result<[Field], JSONSyntaxError> {
        var reader = JSONReader(bytes, keepingNested: keepingNested)
        return Result { () throws(JSONSyntaxError) in try reader.document() }
    }

    /// The first field of that name; nil where there is none.
    public subscript(key: String) -> Value? {
        for field in fields where field.key == key { return field.value }
        return nil
    }
}

extension JSONObject {
    /// Nil where the field is missing or `null`.
    public func text(_ key: String) throws(JSONFieldError) -> String? {
        switch self[key] {
        case .text(let text): return text
        case nil, .null: return nil
        default: throw JSONFieldError(key, .notText)
        }
    }

    /// Nil where the field is missing or `null`.
    public func flag(_ key: String) throws(JSONFieldError) -> Bool? {
        switch self[key] {
        case .flag(let flag): return flag
        case nil, .null: return nil
        default: throw JSONFieldError(key, .notFlag)
        }
    }

    /// A whole number, however it is written (`100`, `1e2`); nil where the field is missing or `null`.
    public func whole<Integer: FixedWidthInteger>(
        _ key: String, as type: Integer.Type = Integer.self
    ) throws(JSONFieldError) -> Integer? {
        switch self[key] {
        case .number(let number):
            guard let whole = number.whole(as: type) else { throw JSONFieldError(key, .outOfRange) }
            return whole
        case nil, .null: return nil
        default: throw JSONFieldError(key, .notNumber)
        }
    }

    public func requiredText(_ key: String) throws(JSONFieldError) -> String { try required(try text(key), key) }

    public func requiredFlag(_ key: String) throws(JSONFieldError) -> Bool { try required(try flag(key), key) }

    public func requiredWhole<Integer: FixedWidthInteger>(
        _ key: String, as type: Integer.Type = Integer.self
    ) throws(JSONFieldError) -> Integer {
        try required(try whole(key, as: type), key)
    }

    /// The elements of a list; nil where the field is missing or `null`. For objects that were read with what is nested.
    func list(_ key: String) throws(JSONFieldError) -> [Value]? {
        switch self[key] {
        case .array(let values): return values
        case nil, .null: return nil
        default: throw JSONFieldError(key, .notList)
        }
    }

    /// Nil where the field is missing or `null`. For objects that were read with what is nested.
    public func object(_ key: String) throws(JSONFieldError) -> JSONObject? {
        switch self[key] {
        case .object(let object): return object
        case nil, .null: return nil
        default: throw JSONFieldError(key, .notObject)
        }
    }

    public func requiredObject(_ key: String) throws(JSONFieldError) -> JSONObject {
        try required(try object(key), key)
    }

    func required<Field>(_ value: Field?, _ key: String) throws(JSONFieldError) -> Field {
        guard let value else { throw JSONFieldError(key, .missing) }
        return value
    }
}
