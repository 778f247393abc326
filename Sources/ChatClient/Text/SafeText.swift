/// Makes untrusted text safe for a terminal.
///
/// Messages come from strangers, and a terminal obeys what is sent to it: an escape sequence can move the cursor,
/// rename the window or forge another user's line. Only visible characters pass: control characters are replaced by
/// pictures, and invisible characters and those that change the direction of text are removed.
enum SafeText {
    /// The greatest number of combining marks on one character; more would cover the neighbouring lines.
    static let mostMarks = 6

    /// Messages: line breaks become `⏎`, tabs become spaces, and joiners stay where scripts and emoji need them.
    static func prose(_ text: String) -> String {
        if text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) { return text }
        return filtered(text, joiners: true)
    }

    /// User and room names: as prose, but without any invisible character, so that names that look alike are alike.
    static func name(_ text: String) -> String {
        if text.utf8.allSatisfy({ 0x20...0x7E ~= $0 }) { return text }
        return filtered(text, joiners: false)
    }

    private static func filtered(_ text: String, joiners: Bool) -> String {
        let scalars = Array(text.unicodeScalars)
        var result = String.UnicodeScalarView()
        var marks = 0
        for (index, scalar) in scalars.enumerated() {
            switch verdict(on: scalar) {
            case .replace(let picture):
                // CRLF is one line break.
                if scalar == "\n", index > 0, scalars[index - 1] == "\r" { continue }
                result.append(contentsOf: picture.unicodeScalars)
                marks = 0
            case .drop:
                continue
            case .joiner:
                let next = index + 1 < scalars.count ? scalars[index + 1] : nil
                if joiners, joins(result.last, scalar, next) { result.append(scalar) }
            case .mark:
                marks += 1
                if marks <= mostMarks { result.append(scalar) }
            case .keep:
                marks = 0
                result.append(scalar)
            }
        }
        return String(result)
    }

    private enum Verdict {
        case keep, mark, joiner, drop
        case replace(String)
    }

    private static func verdict(on scalar: Unicode.Scalar) -> Verdict {
        switch scalar.value {
        case 0x09: return .replace("    ")
        case 0x0A, 0x0B, 0x0C, 0x0D, 0x85, 0x2028, 0x2029: return .replace("⏎")
        case 0x00..<0x20: return .replace(picture(0x2400 + scalar.value))
        case 0x20..<0x7F: return .keep
        case 0x7F: return .replace("␡")
        case 0x80..<0xA0: return .replace("\u{FFFD}")
        case 0x200C, 0x200D, 0xFE0E, 0xFE0F: return .joiner
        case 0x2800: return .replace(" ")  // BRAILLE PATTERN BLANK
        default: break
        }
        let properties = scalar.properties
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return properties.isDefaultIgnorableCodePoint ? .drop : .mark
        // The prefixed signs of Arabic and Syriac are format characters that are visible.
        case .format: return properties.isDefaultIgnorableCodePoint || !isVisibleSign(scalar) ? .drop : .keep
        case .control, .surrogate: return .drop
        default: return properties.isDefaultIgnorableCodePoint ? .drop : .keep
        }
    }

    private static func isVisibleSign(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x600...0x605, 0x6DD, 0x70F, 0x890...0x891, 0x8E2, 0x110BD, 0x110CD: true
        default: false
        }
    }

    private static func picture(_ value: UInt32) -> String {
        Unicode.Scalar(value).map { String(Character($0)) } ?? "\u{FFFD}"
    }

    /// Whether an invisible joiner or variation selector has an effect here: inside emoji, and between letters of
    /// scripts that use it (all beyond U+0600). Between Latin letters it could only deceive.
    private static func joins(_ before: Unicode.Scalar?, _ joiner: Unicode.Scalar, _ after: Unicode.Scalar?) -> Bool {
        guard let before else { return false }
        if joiner.value >= 0xFE00 { return before.properties.isEmoji }
        guard let after else { return false }
        let visible = if case .keep = verdict(on: after) { true } else { false }
        return before.value >= 0x600 && after.value >= 0x600 && visible && before.value != joiner.value
    }
}
