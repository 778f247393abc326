/// A valid username: 1–32 Unicode scalars in form C, no whitespace, no control characters; case-sensitive.
public struct Username: Hashable, Sendable, CustomStringConvertible {
    public static let maximumLength = 32

    private let exact: ExactText

    public var text: String { exact.text }

    /// - Throws: ``NameError`` naming the rule that `text` breaks.
    public init(_ text: String) throws(NameError) {
        exact = ExactText(try NameRules.validated(text, maximum: Self.maximumLength))
    }

    public var description: String { text }
}

extension Username: Comparable {
    /// The order of user lists: by Unicode scalar value, as the original sorts its strings.
    public static func < (left: Username, right: Username) -> Bool {
        left.exact < right.exact
    }
}
