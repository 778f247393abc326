import WebSocketRules

/// What a request for a WebSocket is granted.
enum Grant: Equatable, Sendable {
    /// A client may chat, at `/ws`.
    case chat(Admission)
    /// A client gets an echo, at `/echo`.
    ///
    /// - Parameter compression: the first of the client's offers that the server can keep.
    case echo(compression: PerMessageDeflate?)

    /// Nil for an echo, where nobody has a name.
    var admission: Admission? { if case .chat(let admission) = self { admission } else { nil } }

    /// The first of the client's offers that the server can keep, whether compression is on or not.
    var compression: PerMessageDeflate? {
        switch self {
        case .chat(let admission): admission.compression
        case .echo(let compression): compression
        }
    }
}
