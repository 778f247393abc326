/// The text before each change, for undo.
struct UndoList: Sendable {
    private static let most = 100
    /// The greatest number of characters of all texts together.
    private static let mostCharacters = 256 * 1024

    /// The latest text last.
    private var buffers: [EditBuffer] = []

    var isEmpty: Bool { buffers.isEmpty }

    /// Notes the text before a change. The oldest texts are dropped if there are too many or they are too long.
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
