/// How full the server is at the moment when somebody asks to be let in.
struct Occupancy: Equatable, Sendable {
    let connections: Int
    /// As many connections as there may be.
    let maximum: Int
    /// Whether the server is shutting down.
    let isDraining: Bool

    /// Refuses everybody while the server is shutting down.
    func checkIsOpen() throws(Refusal) {
        if isDraining { throw .draining }
    }

    /// Refuses those for whom there is no room.
    func checkHasRoom() throws(Refusal) {
        if connections >= maximum { throw .full }
    }
}
