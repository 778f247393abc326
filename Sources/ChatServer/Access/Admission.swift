import Domain
import WebSocketRules
import Wire

/// What a client that is let in has asked for.
struct Admission: Equatable, Sendable {
    /// Who the client has shown to be.
    let principal: Principal
    let username: Username
    /// Where it begins; who may not read `global` and names no other room begins in none.
    let room: RoomName
    /// Of an earlier session of the client; nil where it presents none, or nothing that could be one.
    let secret: SessionSecret?
    /// The subprotocols that the client offers, known or not: ``DialectTable`` chooses among them.
    let subprotocols: [String]
    /// The first of the client's offers of compression that the server can keep, whether it is on or not.
    let compression: PerMessageDeflate?
    /// The client's address, as far as it is known.
    let client: IPAddress?
    /// The place that the connection takes among those of its address; nil where they are not limited.
    let place: AddressPlace?

    /// Lets a request for `/ws` pass all checks at the door, or refuses it.
    ///
    /// The checks stand here in their order: first what concerns everybody, then who has come, then what the client can put
    /// right, then the number of connections, and last whether it asks for a WebSocket as it should. Each looks at the whole request and
    /// knows nothing of the others. A new check is a file in this folder, with its table of tests, and a line here; its
    /// setting is a property of ``DoorRules``. A check that has to wait gives a ``Finding``, and what stands behind it goes
    /// into its `then`.
    ///
    /// - Throws: ``Refusal`` of the first check that is not passed.
    static func decide(_ request: Request, at door: Door) throws(Refusal) -> Finding<Admission> {
        try door.occupancy().checkIsOpen()
        try OriginRule(request, door.rules.origins).check()
        try door.limits?.checkRate(of: request.client)
        return try Principal.presented(by: request, to: door.rules.identification).then { who throws(Refusal) in
            try Admission(request, by: who, at: door)
        }
    }

    private init(_ request: Request, by principal: Principal, at door: Door) throws(Refusal) {
        self.principal = principal
        username = try Username(askedForBy: request, as: principal)
        room = try RoomName(askedForBy: request, as: principal)
        secret = try SessionSecret(presentedBy: request)
        try door.occupancy().checkIsOpen()  // again: somebody may have been asked meanwhile
        try door.occupancy().checkHasRoom()
        try Handshake.check(request)
        subprotocols = Handshake.subprotocols(offeredBy: request)
        compression = Handshake.compression(offeredBy: request)
        client = request.client
        place = try door.limits?.connectionPlace(of: request.client)  // last: whoever is refused takes none
    }
}
