public import Domain

/// Which tokens have been taken back: the question that is asked for everybody who comes with a token. A pure value.
///
/// Nothing is ever taken out before its time, so two such values can be joined in any order, and the result is the same on
/// every instance.
public struct Revocations: Equatable, Sendable {
    /// How many there may be at a time. Beyond that none is taken in: dropping an older one would let a token in again.
    public static let maximumCount = 100_000

    /// What is revoked of one user: everything that was issued before the latest of the moments that were named.
    private struct OfUser: Equatable {
        var issuedBefore: Int64
        var until: Timestamp
    }

    private var tokens: [ExactText: Timestamp] = [:]
    private var users: [Username: OfUser] = [:]
    private let maximum: Int

    /// - Parameter maximum: see ``maximumCount``.
    public init(maximum: Int = Self.maximumCount) { self.maximum = maximum }

    public var count: Int { tokens.count + users.count }

    /// Whether the token with which somebody came was taken back. Nobody without a token is concerned.
    public func isRevoked(_ principal: Principal) -> Bool {
        guard principal.kind == .token else { return false }
        if let id = principal.tokenID, tokens[ExactText(id)] != nil { return true }
        guard let username = principal.username, let user = users[username] else { return false }
        return Revocation.tokens(of: username, issuedBefore: user.issuedBefore).revokes(principal)
    }

    /// What has become of a revocation that was to be taken in.
    public enum Insertion: Equatable, Sendable {
        /// Tokens are revoked now that were not before.
        case news
        /// All its tokens are revoked already. It may be remembered for longer than before.
        case known
        /// There are too many.
        case full
    }

    @discardableResult
    public mutating func insert(_ entry: RevocationEntry) -> Insertion {
        switch entry.revocation {
        case .token(let id):
            if let until = tokens[id] {
                tokens[id] = max(until, entry.until)
                return .known
            }
            guard count < maximum else { return .full }
            tokens[id] = entry.until
            return .news
        case .tokens(let username, let issuedBefore):
            guard var user = users[username] else {
                guard count < maximum else { return .full }
                users[username] = OfUser(issuedBefore: issuedBefore, until: entry.until)
                return .news
            }
            let isNews = issuedBefore > user.issuedBefore
            user.issuedBefore = max(user.issuedBefore, issuedBefore)
            user.until = max(user.until, entry.until)
            users[username] = user
            return isNews ? .news : .known
        }
    }

    /// Forgets those whose tokens have expired by themselves.
    public mutating func removeExpired(at now: Timestamp) {
        tokens = tokens.filter { $0.value > now }
        users = users.filter { $0.value.until > now }
    }

    /// All of them, in no order.
    public var entries: [RevocationEntry] {
        tokens.map { RevocationEntry(.token(id: $0.key), until: $0.value) }
            + users.map {
                RevocationEntry(.tokens(of: $0.key, issuedBefore: $0.value.issuedBefore), until: $0.value.until)
            }
    }

    /// What a store that holds `other` has lost, or has never been given.
    public func entries(missingIn other: Revocations) -> [RevocationEntry] {
        entries.filter { entry in
            switch entry.revocation {
            case .token(let id): (other.tokens[id] ?? .distantPast) < entry.until
            case .tokens(let username, let issuedBefore):
                other.users[username].map { $0.issuedBefore < issuedBefore || $0.until < entry.until } ?? true
            }
        }
    }
}

extension Timestamp {
    fileprivate static let distantPast = Timestamp(millisecondsSince1970: .min)
}
