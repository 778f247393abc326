import Search

/// The smallest of many elements, in order. A pure value.
///
/// Of 100,000 elements in no order about 6,000 are put in to find the smallest 1,000. To sort all of them takes ten times
/// as long.
struct SmallestElements<Element> {
    private(set) var elements: [Element] = []
    /// Whether there were more than are kept.
    private(set) var isCut = false
    private let limit: Int
    private let precedes: (Element, Element) -> Bool

    /// - Parameters:
    ///   - limit: how many are kept, at least 1.
    ///   - precedes: the order, which is strict.
    init(limit: Int, by precedes: @escaping (Element, Element) -> Bool) {
        self.limit = max(1, limit)
        self.precedes = precedes
    }

    mutating func insert(_ element: Element) {
        if elements.count == limit, let last = elements.last {
            isCut = true
            guard precedes(element, last) else { return }
            elements.removeLast()
        }
        elements.insert(element, at: elements.partitioningIndex { precedes(element, $0) })
    }
}
