public import Domain

/// Instances that were frozen.
extension ChatService {
    /// Whether names of sessions here may be others' by now, since this instance was frozen: then no frame of a client's is
    /// handled before ``confirmNames()`` has returned.
    ///
    /// The same counts for tokens that may have been taken back while this instance was cut off.
    public var namesAreDoubtful: Bool { presence.namesAreDoubtful || revocations.isInDoubt }

    /// Returns once those sessions have ended whose names are others', or whose tokens were taken back, or once that cannot
    /// be found out.
    public func confirmNames() async {
        await presence.confirmNames()
        await revocations.confirm()
    }
}

extension ChatService: PresenceObserver {
    public func presenceLost(_ session: SessionID) { endSucceeded(session) }

    public func presenceChanged(_ notice: MembershipNotice) throws(ChatError) {
        try bus.announce(.membership(notice))
    }
}
