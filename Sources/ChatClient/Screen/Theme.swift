/// The styles of the screen by their meaning.
struct Theme: Equatable, Sendable {
    let depth: ColourDepth

    var time: Style { Style(attributes: .dim) }
    var rule: Style { Style(attributes: .dim) }
    /// The user's own name.
    var own: Style { Style(attributes: .bold) }
    /// Lines of the client.
    var status: Style { coloured(.ansi(5)) }
    /// Joins and leaves.
    var quiet: Style { Style(attributes: .dim) }
    /// Something was lost, or could not be done.
    var warning: Style { coloured(.ansi(3)).with(.bold) }
    var failure: Style { coloured(.ansi(1)).with(.bold) }
    var pending: Style { Style(attributes: .dim) }
    var mention: Style { coloured(.ansi(3)).with(.bold) }
    var bar: Style { Style(attributes: .reversed) }
    var marker: Style { coloured(.ansi(1)) }

    /// A window's entry in the list.
    func entry(isActive: Bool, unread: Int, mentions: Int, isOpen: Bool) -> Style {
        if isActive { return Style(attributes: .reversed) }
        if mentions > 0 { return mention }
        if unread > 0 { return Style(attributes: .bold) }
        return isOpen ? .plain : quiet
    }

    /// A name's colour, which is the same on every machine.
    func name(_ name: String) -> Style {
        let hash = Self.hash(name)
        switch depth {
        case .none: return Style(attributes: .bold)
        case .sixteen: return Style(foreground: .ansi(Self.sixteen[Int(hash % 6)]), attributes: .bold)
        case .palette:
            return Style(foreground: .palette(Self.palette[Int(hash % UInt64(Self.palette.count))]), attributes: .bold)
        case .full:
            let (red, green, blue) = Self.hue(Double(hash % 360))
            return Style(foreground: .rgb(red, green, blue), attributes: .bold)
        }
    }

    private func coloured(_ colour: Colour) -> Style {
        depth == .none ? .plain : Style(foreground: colour)
    }

    private static let sixteen: [UInt8] = [1, 2, 3, 4, 5, 6]
    /// Of medium lightness, so that they can be read on black and on white.
    private static let palette: [UInt8] = [
        31, 33, 37, 63, 64, 65, 68, 70, 71, 72, 96, 97, 99, 100, 101, 103, 106, 125, 126, 130, 131, 132, 133, 134, 136,
        161, 162, 166, 167, 168, 169, 170, 172, 173,
    ]

    /// FNV-1a over the UTF-8.
    static func hash(_ text: String) -> UInt64 {
        text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// The colour of a hue, in degrees, at 55 % saturation and 55 % lightness.
    private static func hue(_ degrees: Double) -> (UInt8, UInt8, UInt8) {
        let chroma = 0.495
        let sector = degrees / 60
        let second = chroma * (1 - abs(sector.truncatingRemainder(dividingBy: 2) - 1))
        let (red, green, blue): (Double, Double, Double) =
            switch Int(sector) {
            case 0: (chroma, second, 0)
            case 1: (second, chroma, 0)
            case 2: (0, chroma, second)
            case 3: (0, second, chroma)
            case 4: (second, 0, chroma)
            default: (chroma, 0, second)
            }
        func byte(_ part: Double) -> UInt8 { UInt8(min(255, max(0, (part + 0.3025) * 255))) }
        return (byte(red), byte(green), byte(blue))
    }
}
