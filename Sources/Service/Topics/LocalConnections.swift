import Domain

/// Finds the connections of this instance: all that the topics have to know of sessions.
///
/// Asked under a feed's lock, on any thread; answers without waiting.
protocol LocalConnections: Sendable {
    /// The connections here of the user of a name.
    ///
    /// - Parameters:
    ///   - name: any text. Who has another name to the byte is somebody else.
    ///   - session: whose connection it must be, where a session has its name alone: an earlier one of the name was somebody
    ///     else. Sessions that share their name are the same user's. Nil: whichever the user has now.
    func connections(of name: String, _ session: SessionID?) -> UserConnections
}
