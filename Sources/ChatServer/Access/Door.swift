/// What the checks at the door look at besides the request.
struct Door: Sendable {
    let rules: DoorRules
    /// How full the server is at the moment of the call. A check that waits looks again afterwards.
    let occupancy: @Sendable () -> Occupancy
    /// What each address may have; nil: as much as it likes.
    var limits: AddressLimits?
}
