import Domain

/// Which parts of the list of all rooms somebody may see, in the list's order. A pure value.
///
/// The rooms of a pattern stand together in the list, because it is sorted by the bytes of the names. So a page is read
/// from where each part begins, and costs as much as its length, however many other rooms there are.
struct VisibleRooms {
    /// The rooms of one pattern: all names from `beginning` on for which the pattern matches.
    struct Part: Equatable {
        let beginning: String
        /// Whether it has this one name only.
        let isName: Bool

        func contains(_ name: String) -> Bool {
            isName ? name.utf8.elementsEqual(beginning.utf8) : name.utf8.starts(with: beginning.utf8)
        }
    }

    /// In the order of the list. None of them has a room of another one.
    let parts: [Part]

    init(_ permissions: Permissions) {
        let all = permissions.rooms == nil ? [Part(beginning: "", isName: false)] : permissions.readable.map(Part.init)
        // A prefix comes before its own name, and both before all longer ones: whatever it covers follows it at once.
        let sorted = all.sorted { left, right in
            left.beginning.utf8.elementsEqual(right.beginning.utf8)
                ? !left.isName && right.isName
                : left.beginning.utf8.lexicographicallyPrecedes(right.beginning.utf8)
        }
        parts = sorted.reduce(into: []) { parts, part in
            if parts.last?.contains(part.beginning) != true { parts.append(part) }
        }
    }

    /// The parts of which there may be something after a text.
    func parts(after text: String?) -> ArraySlice<Part> {
        guard let text else { return parts[...] }
        return parts.drop { part in
            !part.contains(text) && !text.utf8.lexicographicallyPrecedes(part.beginning.utf8)
        }
    }
}

extension VisibleRooms.Part {
    init(_ pattern: RoomPattern) { self.init(beginning: pattern.beginning, isName: !pattern.isPrefix) }
}
