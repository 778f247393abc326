#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension Environment {
    /// What the terminal can show, and its user wants to see.
    static var colourDepth: ColourDepth {
        ColourDepth(
            term: text("TERM"), colorterm: text("COLORTERM"), declines: !(text("NO_COLOR") ?? "").isEmpty)
    }

    private static func text(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }
}
