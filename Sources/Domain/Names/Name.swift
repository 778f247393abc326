import Foundation

/// The rules that usernames and room names share (docs/protocol.md, “Names”).
///
/// A name is compared and stored in Unicode normalisation form C, so that the two ways to write `é` are one name.
enum NameRules {
    /// Brings `text` into form C and checks it.
    ///
    /// - Parameter maximum: the greatest length, in Unicode scalars after normalisation.
    /// - Throws: ``NameError`` naming the rule that is broken.
    static func validated(_ text: String, maximum: Int) throws(NameError) -> String {
        // Most names are ASCII, which is in form C, and need no look at Unicode's tables.
        if !text.isEmpty, text.utf8.count <= maximum, text.utf8.allSatisfy({ 0x21...0x7E ~= $0 }) { return text }
        // Composition shrinks a text to a third at most, so anything longer is refused before work is spent on it.
        guard text.unicodeScalars.count <= 3 * maximum else { throw .tooLong(maximum: maximum) }
        let name = text.precomposedStringWithCanonicalMapping
        let scalars = name.unicodeScalars
        guard let first = scalars.first, let last = scalars.last else { throw .empty }
        guard scalars.count <= maximum else { throw .tooLong(maximum: maximum) }
        for scalar in scalars {
            if scalar.properties.isWhitespace { throw .whitespace }
            if scalar.isControl { throw .controlCharacter }
        }
        // A joiner inside a name has its uses (emoji, Persian); at an end it only makes two names look like one. So a name
        // also has a character that can be seen.
        guard !isInvisible(first), !isInvisible(last) else { throw .invisibleEdge }
        return name
    }

    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isDefaultIgnorableCodePoint || scalar.properties.generalCategory == .format
            || blank.contains(scalar)
    }

    /// What is drawn as nothing, though Unicode counts it among letters, marks and symbols. The Hangul fillers are not among
    /// them: they are default ignorable.
    private static let blank: Set<Unicode.Scalar> = [
        "\u{2800}",  // braille pattern blank
        "\u{FFFC}",  // object replacement character: a place for something that a name cannot hold
        "\u{13441}", "\u{13442}",  // Egyptian hieroglyph full blank, half blank
        "\u{16FE4}",  // Khitan small script filler
        "\u{1D159}",  // musical symbol null notehead
    ]
}

/// The rule that a username or a room name breaks.
public enum NameError: Error, Equatable, Sendable {
    case empty
    case tooLong(maximum: Int)
    case whitespace
    case controlCharacter
    case invisibleEdge
}

extension NameError: CustomStringConvertible {
    /// The rule as the end of a sentence that begins with what was named: “room name …”.
    public var description: String {
        switch self {
        case .empty: "must not be empty"
        case .tooLong(let maximum): "must not be longer than \(maximum) characters"
        case .whitespace: "must not contain whitespace"
        case .controlCharacter: "must not contain control characters"
        case .invisibleEdge: "must not begin or end with an invisible character"
        }
    }
}
