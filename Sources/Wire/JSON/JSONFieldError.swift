/// A field that is missing, or holds something else than it must.
public struct JSONFieldError: Error, Equatable, Sendable, CustomStringConvertible {
    public enum Problem: Equatable, Sendable {
        case missing
        case notText
        case notFlag
        case notNumber
        /// A number, but not a whole one, or not one of the field's type.
        case outOfRange
        /// Or it holds something that must not be in it.
        case notList
        case notObject
        case outside(ClosedRange<Int>)
        /// In characters.
        case longerThan(Int)
        case takesOne(of: String, String)
    }

    public let key: String
    public let problem: Problem

    public init(_ key: String, _ problem: Problem) {
        self.key = key
        self.problem = problem
    }

    /// The rule that is broken, as a clause that begins with the field's name.
    public var description: String {
        switch problem {
        case .missing: "\(key) is missing"
        case .notText: "\(key) must be a text"
        case .notFlag: "\(key) must be true or false"
        case .notNumber: "\(key) must be a whole number that is not negative"
        case .outOfRange: "\(key) must be a whole number in range"
        case .notList: "\(key) must be a list"
        case .notObject: "\(key) must be an object"
        case .outside(let range): "\(key) must be from \(range.lowerBound) to \(range.upperBound)"
        case .longerThan(let maximum): "\(key) must not be longer than \(maximum) characters"
        case .takesOne(let one, let other): "\(key) takes \(one) or \(other), not both"
        }
    }
}
