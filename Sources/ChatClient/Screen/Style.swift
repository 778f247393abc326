/// A colour, as the terminal is asked for it.
enum Colour: Equatable, Sendable {
    /// The terminal's default.
    case usual
    /// One of the sixteen ANSI colours, 0–15.
    case ansi(UInt8)
    /// One of xterm's 256 colours.
    case palette(UInt8)
    case rgb(UInt8, UInt8, UInt8)
}

/// The look of a cell.
struct Style: Equatable, Sendable {
    struct Attributes: OptionSet, Sendable {
        let rawValue: UInt8
        static let bold = Attributes(rawValue: 1)
        static let dim = Attributes(rawValue: 2)
        static let italic = Attributes(rawValue: 4)
        static let underlined = Attributes(rawValue: 8)
        static let reversed = Attributes(rawValue: 16)
    }

    static let plain = Style()

    var foreground = Colour.usual
    var background = Colour.usual
    var attributes: Attributes = []

    func with(_ more: Attributes) -> Style {
        var style = self
        style.attributes.formUnion(more)
        return style
    }

    /// The SGR sequence that selects the style, whatever was selected before.
    var sequence: String {
        var codes = "0"
        if attributes.contains(.bold) { codes += ";1" }
        if attributes.contains(.dim) { codes += ";2" }
        if attributes.contains(.italic) { codes += ";3" }
        if attributes.contains(.underlined) { codes += ";4" }
        if attributes.contains(.reversed) { codes += ";7" }
        codes += Self.codes(foreground, base: 30) + Self.codes(background, base: 40)
        return "\u{1B}[\(codes)m"
    }

    private static func codes(_ colour: Colour, base: Int) -> String {
        switch colour {
        case .usual: ""
        case .ansi(let number): number < 8 ? ";\(base + Int(number))" : ";\(base + 52 + Int(number))"
        case .palette(let number): ";\(base + 8);5;\(number)"
        case .rgb(let red, let green, let blue): ";\(base + 8);2;\(red);\(green);\(blue)"
        }
    }
}

/// How many colours the client uses.
enum ColourDepth: Equatable, Sendable {
    /// No colours; bold, dim and reversed remain.
    case none
    case sixteen
    case palette
    case full

    /// - Parameters:
    ///   - term: `TERM`.
    ///   - colorterm: `COLORTERM`, with which terminals announce 24-bit colour.
    ///   - declines: whether `NO_COLOR` is set.
    init(term: String?, colorterm: String?, declines: Bool) {
        let term = term ?? ""
        if declines || term.isEmpty || term == "dumb" || term.hasPrefix("vt1") || term.hasPrefix("vt2") {
            self = .none
        } else if colorterm == "truecolor" || colorterm == "24bit" || term.hasSuffix("-direct") {
            self = .full
        } else if term.contains("256color") {
            self = .palette
        } else {
            self = .sixteen
        }
    }
}
