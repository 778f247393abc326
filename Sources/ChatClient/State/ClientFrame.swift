import Wire

/// A frame on its way to the transport, in the dialect of its connection.
enum ClientFrame: Equatable, Sendable {
    case classic(ClassicCommand)
    case v2(V2Request)

    var json: [UInt8] {
        switch self {
        case .classic(let command): command.json
        case .v2(let request): request.json
        }
    }
}
