import Search

/// How many terminal cells a text takes.
///
/// Terminals differ in details. This follows most of them: the widths of the scalars are added, except that scalars
/// joined to an emoji, and skin tones, take no cells of their own. If a terminal disagrees the screen is still right,
/// since the cursor is set explicitly after every character of uncertain width.
enum DisplayWidth {
    static func of(_ text: some StringProtocol) -> Int {
        text.reduce(0) { $0 + of($1) }
    }

    static func of(_ character: Character) -> Int {
        if let ascii = character.asciiValue { return ascii < 0x20 || ascii == 0x7F ? 0 : 1 }
        var width = 0
        var isJoined = false
        for scalar in character.unicodeScalars {
            switch scalar.value {
            case 0x200D: isJoined = width == 2
            case 0xFE0F: width = max(width, width == 0 ? 0 : 2)  // asks for the coloured, two-cell form
            case 0x1F3FB...0x1F3FF where width == 2: break  // skin tones
            case 0x1F1E6...0x1F1FF where width == 2: break  // the second half of a flag
            default:
                if !isJoined { width += of(scalar) }
                isJoined = false
            }
        }
        return width
    }

    static func of(_ scalar: Unicode.Scalar) -> Int {
        let value = scalar.value
        if value < 0x20 || (0x7F..<0xA0).contains(value) { return 0 }
        if value < 0x300 { return value == 0xAD ? 0 : 1 }
        if isIn(WidthTable.zero, value) { return 0 }
        return isIn(WidthTable.wide, value) ? 2 : 1
    }

    /// The longest prefix of `text` that fits into this many cells.
    static func prefix(of text: String, fitting cells: Int) -> String {
        var result = ""
        var used = 0
        for character in text {
            used += of(character)
            if used > cells { break }
            result.append(character)
        }
        return result
    }

    private static func isIn(_ table: [ClosedRange<UInt32>], _ value: UInt32) -> Bool {
        let index = table.partitioningIndex { $0.upperBound >= value }
        return index < table.endIndex && table[index].lowerBound <= value
    }
}
