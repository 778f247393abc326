import Domain

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

    /// What comes from a text on, that text included, and after another.
    ///
    /// - Parameter limit: brought into 1–``maximumLimit``.
    init(from text: String, after: String?, limit: Int) {
        let before = Self.text(justBefore: text)
        let isLater = after.map { after in
            before.map { $0.utf8.lexicographicallyPrecedes(after.utf8) } ?? true
        }
        self.init(after: isLater == true ? after : before, limit: limit)
    }

    /// A text that comes before `text`, while no name stands between the two: none is so long. Nil for the empty text.
    private static func text(justBefore text: String) -> String? {
        var scalars = text.unicodeScalars
        guard let last = scalars.popLast() else { return nil }
        guard last.value > 0 else { return String(scalars) }
        // The surrogates are no scalars.
        let value = last.value == 0xE000 ? 0xD7FF : last.value - 1
        if let scalar = Unicode.Scalar(value) { scalars.append(scalar) }
        return String(scalars) + String(repeating: "\u{10FFFF}", count: RoomName.maximumLength)
    }

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
    /// How long the whole list is; nil where that is not known, because only a part of it may be seen.
    public let total: Int?

    public init(elements: [Element], more: Bool, total: Int?) {
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
