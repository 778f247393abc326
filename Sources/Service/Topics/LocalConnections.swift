import Domain

/// Finds the connections of this instance: all that the topics have to know of sessions.
///
/// Asked under a feed's lock, on any thread; answers without waiting.
protocol LocalConnections: Sendable {
    /// The connections here of the user of a name.
    ///
    /// - Parameters:
    ///   - name: any text. Who has another name to the byte is somebody else.
    ///   - session: whose connection it must be; nil: whichever the user has now.
    func connections(of name: String, _ session: SessionID?) -> UserConnections
}
