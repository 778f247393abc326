import NIOHTTP1

extension Dialect {
    private static let v2Subprotocol = "chat.v2"

    /// The dialect's name among WebSocket subprotocols; nil for the classic one, which has none.
    var subprotocol: String? {
        switch self {
        case .classic: nil
        case .v2: Self.v2Subprotocol
        }
    }

    private init?(subprotocol: Substring) {
        guard subprotocol == Self.v2Subprotocol else { return nil }
        self = .v2
    }

    /// The first dialect that the client offers and that is spoken here; the classic one where it offers none.
    init(chosenBy request: Request) {
        let offers = request.headers[canonicalForm: "sec-websocket-protocol"]
        self = offers.lazy.compactMap(Dialect.init(subprotocol:)).first ?? .classic
    }
}
