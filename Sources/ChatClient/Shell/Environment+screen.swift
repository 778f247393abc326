extension Environment {
    /// The colours that the terminal has and its user wants.
    static var colourDepth: ColourDepth {
        ColourDepth(
            term: variable("TERM"), colorterm: variable("COLORTERM"), declines: variable("NO_COLOR") != nil)
    }
}
