/// Which part of a list is asked for. Lists are sorted by the UTF-8 bytes of their names, which is the order of their
/// Unicode scalars.
public struct ListRange: Equatable, Sendable {
    /// The most that is answered at a time.
    public static let maximumLimit = 1000

    /// What comes after this text; nil: from the beginning. It need be nobody's name, so that a list can be read on when
    /// its last name has gone meanwhile.
    public let after: String?
    /// At most so many, 1–``maximumLimit``.
    public let limit: Int

    /// - Parameter limit: brought into 1–``maximumLimit``.
    public init(after: String? = nil, limit: Int = maximumLimit) {
        self.after = after
        self.limit = min(max(limit, 1), Self.maximumLimit)
    }
}

/// A part of a list. Parts that are read one after the other are no snapshot: who comes or goes meanwhile may be in them or
/// not; everybody else is, once.
public struct ListPage<Element: Sendable>: Sendable {
    public let elements: [Element]
    /// Whether there is more after the last of these.
    public let more: Bool
    /// How long the whole list is.
    public let total: Int

    public init(elements: [Element], more: Bool, total: Int) {
        self.elements = elements
        self.more = more
        self.total = total
    }
}

extension ListPage: Equatable where Element: Equatable {}

extension ListPage {
    /// The first elements that take `bytes` together, one at least; the others are left for the next page.
    func bounded(to bytes: Int, size: (Element) -> Int) -> ListPage {
        var left = bytes
        let fitting = elements.prefix { element in
            left -= size(element)
            return left >= 0
        }
        let count = max(fitting.count, 1)
        if count >= elements.count { return self }
        return ListPage(elements: Array(elements.prefix(count)), more: true, total: total)
    }
}
