import Search
import Service

/// A sorted set of names, ordered by their UTF-8 bytes, for look-ups, changes and paged reading at any size.
///
/// It consists of short sorted arrays, so that an insertion among 100,000 names moves some hundred of them and not
/// half.
struct SortedNames {
    /// The greatest length of a piece; a longer one is split in half.
    static let maximumPiece = 512

    /// None is empty; all names of a piece come before those of the next. Pieces that shrink are not joined.
    private var pieces: [[String]] = []
    private(set) var count = 0

    /// Does nothing if the name is present.
    mutating func insert(_ name: String) {
        guard !pieces.isEmpty else {
            pieces = [[name]]
            count = 1
            return
        }
        let piece = piece(for: name)
        let position = Self.position(of: name, in: pieces[piece])
        if Self.holds(pieces[piece], name, at: position) { return }
        pieces[piece].insert(name, at: position)
        count += 1
        if pieces[piece].count > Self.maximumPiece {
            let half = pieces[piece].count / 2
            let rest = Array(pieces[piece][half...])
            pieces[piece].removeSubrange(half...)
            pieces.insert(rest, at: piece + 1)
        }
    }

    /// Does nothing if the name is not present.
    mutating func remove(_ name: String) {
        guard !pieces.isEmpty else { return }
        let piece = piece(for: name)
        let position = Self.position(of: name, in: pieces[piece])
        guard Self.holds(pieces[piece], name, at: position) else { return }
        pieces[piece].remove(at: position)
        count -= 1
        if pieces[piece].isEmpty { pieces.remove(at: piece) }
    }

    func page(_ range: ListRange) -> ListPage<String> {
        guard !pieces.isEmpty else { return ListPage(elements: [], more: false, total: 0) }
        var piece = 0
        var position = 0
        if let after = range.after {
            piece = self.piece(for: after)
            position = Self.position(of: after, in: pieces[piece])
            if Self.holds(pieces[piece], after, at: position) { position += 1 }
        }
        var names: [String] = []
        names.reserveCapacity(min(range.limit, count))
        while piece < pieces.count {
            let room = range.limit - names.count
            let rest = pieces[piece][position...]
            names += rest.prefix(room)
            if rest.count > room { return ListPage(elements: names, more: true, total: count) }
            piece += 1
            position = 0
        }
        return ListPage(elements: names, more: false, total: count)
    }

    /// The index of the piece that holds the name or would hold it. There must be at least one piece.
    private func piece(for name: String) -> Int {
        let next = pieces.partitioningIndex { piece in piece.first.map { Self.comes(name, before: $0) } ?? true }
        return max(next - 1, 0)
    }

    /// The index of the name, or the one at which it would be inserted.
    private static func position(of name: String, in piece: [String]) -> Int {
        piece.partitioningIndex { !comes($0, before: name) }
    }

    private static func holds(_ piece: [String], _ name: String, at position: Int) -> Bool {
        position < piece.count && piece[position].utf8.elementsEqual(name.utf8)
    }

    private static func comes(_ left: String, before right: String) -> Bool {
        left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
