/// A valid room name: 1–64 Unicode scalars in form C, no whitespace, no control characters; case-sensitive.
public struct RoomName: Hashable, Sendable, CustomStringConvertible {
    public static let maximumLength = 64

    /// The room where everyone starts, and where a session that leaves its last room goes.
    public static let global = RoomName(unchecked: "global")

    private let exact: ExactText

    public var text: String { exact.text }

    /// - Throws: ``NameError`` naming the rule that `text` breaks.
    public init(_ text: String) throws(NameError) {
        exact = ExactText(try NameRules.validated(text, maximum: Self.maximumLength))
    }

    private init(unchecked text: String) { exact = ExactText(text) }

    public var description: String { text }
}

extension RoomName: Comparable {
    /// The order of room lists: by Unicode scalar value, as the original sorts its strings.
    public static func < (left: RoomName, right: RoomName) -> Bool {
        left.exact < right.exact
    }
}
