import NIOHTTP1

/// What a request asks for, by its path and its method.
enum Purpose: Equatable, Sendable {
    /// To be told what may be done here.
    case options
    /// To get what is at an endpoint, or only the headers of that.
    case get(Endpoint)
    /// What only administrators may do. The route says with which methods.
    case admin(AdminRoute)
    /// To read what was said in a room.
    case messages(RoomMessagesRoute)
    /// What a browser shows, if there is a page at the path.
    case page

    /// - Parameter echoes: whether there is an echo; without it nothing is at ``Endpoint/echo``.
    /// - Throws: ``Refusal``: 405 where the method is none of ``Endpoint/allowed``.
    init(_ request: Request, echoes: Bool = false) throws(Refusal) {
        if request.path == "*" {
            self = .options
            return
        }
        guard let endpoint = Endpoint(rawValue: request.path), endpoint != .echo || echoes else {
            self =
                AdminRoute(path: request.path).map { .admin($0) }
                ?? RoomMessagesRoute(path: request.path).map { .messages($0) } ?? .page
            return
        }
        switch request.method {
        case .GET, .HEAD: self = .get(endpoint)
        case .OPTIONS: self = .options
        default: throw .methodNotAllowed
        }
    }
}
