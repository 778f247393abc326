extension RandomAccessCollection {
    /// The index of the first element for which `belongsInSecondPart`, or `endIndex` where there is none: a binary search.
    ///
    /// All elements for which it is false must stand before all for which it is true, as elements below a bound do in a
    /// sorted collection. It is asked about the logarithm of their number of times. The name is that of Swift Algorithms.
    @inlinable
    public func partitioningIndex<Failure: Error>(
        where belongsInSecondPart: (Element) throws(Failure) -> Bool
    ) throws(Failure) -> Index {
        var low = startIndex
        var rest = count
        while rest > 0 {
            let half = rest / 2
            let middle = index(low, offsetBy: half)
            if try belongsInSecondPart(self[middle]) {
                rest = half
            } else {
                low = index(after: middle)
                rest -= half + 1
            }
        }
        return low
    }
}
