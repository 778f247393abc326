import Domain

// What `/ws?username=…[&room=…][&session=…]` says about the session that the client wants.

extension Username {
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
}

extension RoomName {
    /// `global` where the request names no room.
    ///
    /// - Throws: ``Refusal`` with the rule that the name breaks.
    init(askedForBy request: Request) throws(Refusal) {
        guard let text = try request.query.value(of: "room"), !text.isEmpty else {
            self = .global
            return
        }
        do throws(NameError) {
            self = try RoomName(text)
        } catch {
            throw .badRequest(ChatError.invalidRoom(error).message)
        }
    }
}

extension SessionSecret {
    /// Nil where the request presents no secret, or nothing that could be one: that keeps nobody out.
    init?(presentedBy request: Request) throws(Refusal) {
        guard let text = try request.query.value(of: "session") else { return nil }
        self.init(text)
    }
}
