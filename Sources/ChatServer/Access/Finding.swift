/// What a check at the door comes to: an answer that is known at once, or one that has to be waited for.
///
/// A request that needs no waiting is decided on its event loop, in the call that brings it. Only a check that has to ask
/// somebody else (a server of keys, for a token that is not known yet) makes the connection wait. The checks behind it are
/// done when it has its answer: see ``then(_:)``.
enum Finding<Value: Sendable>: Sendable {
    case known(Value)
    /// To be called once, away from the event loop. Whoever is asked bounds the time that it takes.
    case asks(@Sendable () async throws(Refusal) -> Value)

    /// Goes on with the value: now if it is known, and else when it has come.
    ///
    /// - Throws: ``Refusal`` of `check`, if it is called now.
    func then<Next>(
        _ check: @escaping @Sendable (Value) throws(Refusal) -> Next
    ) throws(Refusal) -> Finding<Next> {
        switch self {
        case .known(let value): .known(try check(value))
        case .asks(let ask): .asks { () async throws(Refusal) in try check(try await ask()) }
        }
    }
}
