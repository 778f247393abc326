extension Environment {
    /// What the terminal can show, and its user wants to see.
    static var colourDepth: ColourDepth {
        ColourDepth(
            term: variable("TERM"), colorterm: variable("COLORTERM"), declines: variable("NO_COLOR") != nil)
    }
}
