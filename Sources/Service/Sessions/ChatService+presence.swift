public import Domain

/// Instances that were frozen.
extension ChatService {
    /// Whether names of sessions here may be others' by now, since this instance was frozen: then no frame of a client's is
    /// handled before ``confirmNames()`` has returned.
    public var namesAreDoubtful: Bool { presence.namesAreDoubtful }

    /// Returns once those sessions have ended whose names are others', or that cannot be found out.
    public func confirmNames() async { await presence.confirmNames() }
}

extension ChatService: PresenceObserver {
    public func presenceLost(_ session: SessionID) { endSucceeded(session) }

    public func presenceChanged(_ notice: MembershipNotice) throws(ChatError) {
        try bus.announce(.membership(notice))
    }
}
