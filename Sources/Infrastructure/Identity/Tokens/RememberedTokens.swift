import Crypto
import Domain

/// Tokens that were verified, so that a client that comes again costs a digest and not a signature. A pure value.
///
/// It holds digests, not tokens. It has two halves: what is new or was asked for goes into the young one; when that is full
/// it becomes the old one, and the old one is dropped. So what is in use stays, and nothing needs to be sorted.
struct RememberedTokens {
    private let capacityOfHalf: Int
    private var young: [SHA256Digest: Principal] = [:]
    private var old: [SHA256Digest: Principal] = [:]

    /// - Parameter capacity: the most tokens that are remembered, two at least.
    init(capacity: Int = 16_384) { capacityOfHalf = max(1, capacity / 2) }

    var count: Int { young.count + old.count }

    /// - Returns: nil where the token is not remembered. Whether it has expired meanwhile is for the caller to see.
    mutating func principal(of digest: SHA256Digest) -> Principal? {
        if let principal = young[digest] { return principal }
        guard let principal = old.removeValue(forKey: digest) else { return nil }
        insert(principal, for: digest)
        return principal
    }

    mutating func insert(_ principal: Principal, for digest: SHA256Digest) {
        if young.count >= capacityOfHalf {
            old = young
            young = [:]
        }
        old[digest] = nil
        young[digest] = principal
    }

    mutating func remove(_ digest: SHA256Digest) {
        young[digest] = nil
        old[digest] = nil
    }

    mutating func removeAll() {
        young = [:]
        old = [:]
    }
}
