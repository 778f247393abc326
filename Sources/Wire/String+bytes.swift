extension String {
    /// Whether both have the same UTF-8. `==` also takes for equal what Unicode calls equivalent, such as `é` as one scalar and
    /// as two; ids, senders, epochs and contents are their bytes.
    public func hasSameBytes(as other: String) -> Bool { utf8.elementsEqual(other.utf8) }
}
