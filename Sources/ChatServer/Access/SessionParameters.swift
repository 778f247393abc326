import Domain

// What `/ws?[username=…][&room=…][&session=…]` says about the session that the client wants.

extension Username {
    /// Whether the request names a user.
    static func isAskedFor(by request: Request) throws(Refusal) -> Bool {
        try request.query.value(of: "username").map { !$0.isEmpty } ?? false
    }

    /// - Throws: ``Refusal`` with the rule that the name breaks.
    init(askedForBy request: Request) throws(Refusal) {
        guard let text = try request.query.value(of: "username"), !text.isEmpty else {
            throw .badRequest("username required")
        }
        do throws(NameError) {
            self = try Username(text)
        } catch {
            throw .badRequest(ChatError.invalidUsername(error).message)
        }
    }

    /// The name under which somebody comes. Who has a token need not say theirs, and can say no other.
    ///
    /// - Throws: ``Refusal`` with the rule that the name breaks, or with 403 where it is not the token's.
    init(askedForBy request: Request, as principal: Principal) throws(Refusal) {
        guard let own = principal.username else {
            self = try Username(askedForBy: request)
            return
        }
        if try Username.isAskedFor(by: request), try Username(askedForBy: request) != own { throw .otherUsername }
        self = own
    }
}

extension RoomName {
    /// The room in which somebody begins: `global` where the request names none. Who may not read that begins in no room,
    /// which is the service's to decide.
    ///
    /// - Throws: ``Refusal`` with the rule that the name breaks, or with 403 where they may not read the room. Whether there
    ///   is such a room makes no difference.
    init(askedForBy request: Request, as principal: Principal) throws(Refusal) {
        guard let text = try request.query.value(of: "room"), !text.isEmpty else {
            self = .global
            return
        }
        do throws(NameError) {
            self = try RoomName(text)
        } catch {
            throw .badRequest(ChatError.invalidRoom(error).message)
        }
        guard principal.permissions.mayRead(self) else { throw .forbidden(self) }
    }
}

extension SessionSecret {
    /// Nil where the request presents no secret, or nothing that could be one: that keeps nobody out.
    init?(presentedBy request: Request) throws(Refusal) {
        guard let text = try request.query.value(of: "session") else { return nil }
        self.init(text)
    }
}
