/// A piece of the program that reads what strangers send, and the properties that hold whatever they send.
///
/// The fuzzer (scripts/fuzz) and the unit tests call the same targets.
public struct FuzzTarget: Sendable, CustomStringConvertible {
    /// Also the name of its folder in Fuzz/Corpus.
    public let name: String
    /// The longest input that is tried, in bytes. It bounds the time that one input may take.
    public let maximumBytes: Int
    /// Reads one input.
    ///
    /// - Throws: ``Finding`` where a property does not hold. What traps is a finding, too.
    public let check: @Sendable (_ input: [UInt8]) throws -> Void

    init(_ name: String, maximumBytes: Int, _ check: @escaping @Sendable ([UInt8]) throws -> Void) {
        self.name = name
        self.maximumBytes = maximumBytes
        self.check = check
    }

    public var description: String { name }

    /// All targets, in the order in which they are run.
    public static let all: [FuzzTarget] = [
        .frames, .messages, .inflate, .deflate, .extensions, .json, .classic, .request, .event, .client, .text, .http,
        .target, .proxy, .addresses, .token, .keys, .names, .segments, .records, .payloads, .answers,
    ]
}

/// A property that does not hold.
public struct Finding: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// - Parameter words: what is wrong where the condition does not hold.
func require(_ condition: Bool, _ words: @autoclosure () -> String) throws(Finding) {
    guard condition else { throw Finding(words()) }
}

/// - Parameter what: what differs, for a person.
func requireSame<Value: Equatable>(_ left: Value, _ right: Value, _ what: @autoclosure () -> String) throws(Finding) {
    guard left == right else { throw Finding("\(what()): \(left) is not \(right)") }
}
