public struct RedisURL: Sendable { public init(_ text: String) throws {} }
