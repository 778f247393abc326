public import Domain

/// How many messages and commands of one user an instance has accepted since it told the others last.
public struct UserSends: Equatable, Sendable {
    public let user: Username
    /// At least 1.
    public let count: Int

    public init(_ user: Username, _ count: Int) {
        self.user = user
        self.count = count
    }
}
