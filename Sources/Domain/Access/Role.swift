/// What somebody may do to others, besides chatting. A higher role may do whatever a lower one may.
public enum Role: Int, Comparable, CaseIterable, Sendable {
    case user
    case moderator
    case admin

    /// - Parameter text: as the claim `role` of a token has it; nil for anything that is no role.
    public init?(_ text: String) {
        guard let role = Self.allCases.first(where: { ExactText($0.text) == ExactText(text) }) else { return nil }
        self = role
    }

    /// The role as tokens and replies name it.
    public var text: String {
        switch self {
        case .user: "user"
        case .moderator: "moderator"
        case .admin: "admin"
        }
    }

    public static func < (left: Role, right: Role) -> Bool { left.rawValue < right.rawValue }
}
