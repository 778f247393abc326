public import Domain

/// What the permissions allow, as the rules of the chat ask for it. Pure functions.
extension Permissions {
    /// - Throws: ``ChatError/forbidden(_:)``.
    public func checkMayRead(_ room: RoomName) throws(ChatError) {
        guard mayRead(room) else { throw .forbidden(room) }
    }

    /// - Throws: ``ChatError/forbidden(_:)``, ``ChatError/readOnly(_:)``.
    public func checkMayWrite(_ room: RoomName) throws(ChatError) {
        guard !mayWrite(room) else { return }
        try checkMayRead(room)
        throw .readOnly(room)
    }

    /// Where a new session begins that asks for a room. Nil: in no room, since it has asked for none and `global` may not be
    /// read.
    ///
    /// - Parameter wanted: `global` where the client names no room.
    /// - Throws: ``ChatError/forbidden(_:)`` for any other room that may not be read.
    func firstRoom(_ wanted: RoomName) throws(ChatError) -> RoomName? {
        if mayRead(wanted) { return wanted }
        guard wanted == .global else { throw .forbidden(wanted) }
        return nil
    }

    /// Where a session is put that would be in no room otherwise. Nil: in none.
    var lastResort: RoomName? { mayRead(.global) ? .global : nil }
}
