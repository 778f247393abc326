import CHiredis

/// One reply of Redis, in Swift's memory. Text that is not UTF-8 is repaired, because it is only shown.
enum RedisReply: Equatable, Sendable {
    case null
    case integer(Int64)
    case status(String)
    case string(String)
    case error(String)
    case array([RedisReply])
}

extension RedisReply {
    /// Copies a reply of hiredis. The parser's limit of nesting bounds the recursion.
    init(_ reply: UnsafePointer<redisReply>) {
        let value = reply.pointee
        switch value.type {
        case REDIS_REPLY_INTEGER: self = .integer(value.integer)
        case REDIS_REPLY_STATUS: self = .status(Self.text(value))
        case REDIS_REPLY_STRING: self = .string(Self.text(value))
        case REDIS_REPLY_ERROR: self = .error(Self.text(value))
        case REDIS_REPLY_ARRAY:
            let elements = UnsafeBufferPointer(start: value.element, count: value.elements)
            self = .array(elements.map { element in element.map { RedisReply($0) } ?? .null })
        default: self = .null
        }
    }

    private static func text(_ value: redisReply) -> String {
        String(decoding: UnsafeRawBufferPointer(start: value.str, count: value.len), as: UTF8.self)
    }
}

/// Reads the expected kind of answer of a command; anything else is a mistake of the peer.
extension RedisReply {
    func text() throws(RedisError) -> String {
        switch self {
        case .string(let text), .status(let text): return text
        default: throw unexpected("a string")
        }
    }

    func number() throws(RedisError) -> Int {
        guard case .integer(let number) = self else { throw unexpected("an integer") }
        return Int(number)
    }

    func elements() throws(RedisError) -> [RedisReply] {
        guard case .array(let elements) = self else { throw unexpected("an array") }
        return elements
    }

    func texts() throws(RedisError) -> [String] {
        try elements().map { element throws(RedisError) in try element.text() }
    }

    private func unexpected(_ wanted: String) -> RedisError {
        if case .error(let text) = self { return .server(text) }
        return .protocolViolation("\(wanted) was expected")
    }
}
