/// The newest elements of a series that never ends. A pure value.
struct Ring<Element> {
    private var storage: [Element] = []
    /// Where the oldest element is, once the ring is full.
    private var oldest = 0
    let capacity: Int

    /// - Parameter capacity: how many elements are kept, at least 1.
    init(capacity: Int) { self.capacity = max(1, capacity) }

    /// Adds an element, in place of the oldest one if the ring is full.
    mutating func append(_ element: Element) {
        guard storage.count == capacity else { return storage.append(element) }
        storage[oldest] = element
        oldest = (oldest + 1) % capacity
    }

    /// What is kept, oldest first.
    var elements: [Element] { Array(storage[oldest...] + storage[..<oldest]) }
}

extension Ring: Sendable where Element: Sendable {}
