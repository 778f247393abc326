/// How many terminal cells text takes.
///
/// Terminals disagree about the finer points; this follows what most do today: the widths of the scalars are added up,
/// except that what is joined to an emoji, or tones it, takes no cells of its own.
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
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format, .control: return 0
        default: break
        }
        if (0x1160...0x11FF).contains(value) { return 0 }  // Hangul vowels and finals, drawn into their syllable
        return scalar.properties.isEmojiPresentation || isWide(value) ? 2 : 1
    }

    private static func isWide(_ value: UInt32) -> Bool {
        var low = 0
        var high = wide.count
        while low < high {
            let middle = (low + high) / 2
            if value > wide[middle].upperBound {
                low = middle + 1
            } else if value < wide[middle].lowerBound {
                high = middle
            } else {
                return true
            }
        }
        return false
    }

    /// `W` and `F` of the Unicode Character Database's EastAsianWidth.txt, merged across unassigned code points and without
    /// the scalars of property `Emoji_Presentation`, all of which are wide and which the standard library knows.
    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x2329...0x232A, 0x2630...0x2637, 0x268A...0x268F, 0x2E80...0x303E, 0x3041...0x3247,
        0x3250...0xA4C6, 0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE10...0xFE19, 0xFE30...0xFE6B,
        0xFF01...0xFF60, 0xFFE0...0xFFE6, 0x16FE0...0x1B2FB, 0x1D300...0x1D376, 0x1F200...0x1F320,
        0x1F947...0x1F9FF, 0x1FA70...0x1FAFA, 0x20000...0x3FFFD,
    ]
}
