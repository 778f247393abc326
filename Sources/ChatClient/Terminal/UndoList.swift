/// What stood there before each change.
struct UndoList: Sendable {
    private static let most = 100
    /// Of all that is remembered together, in characters.
    private static let mostCharacters = 256 * 1024

    /// The latest last.
    private var buffers: [EditBuffer] = []

    var isEmpty: Bool { buffers.isEmpty }

    /// The text is going to change. The oldest go where there are too many, or too large ones.
    mutating func remember(_ buffer: EditBuffer) {
        buffers.append(buffer)
        while buffers.count > Self.most
            || buffers.count > 1 && buffers.reduce(0, { $0 + $1.characters.count }) > Self.mostCharacters
        {
            buffers.removeFirst()
        }
    }

    mutating func takeBack() -> EditBuffer? { buffers.popLast() }
}
