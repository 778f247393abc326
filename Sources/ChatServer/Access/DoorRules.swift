import Wire

/// What the checks at the door go by: the settings that concern who is let in, as one value.
///
/// It is made from the configuration in one place and handed through ``Gate`` and ``Admission`` to the checks. A setting
/// of a new check is a property here, and nothing in between has to know of it.
struct DoorRules: Sendable {
    /// As many connections as there may be.
    var maximumConnections: Int
    /// How people show who they are; nil: authentication is off.
    var identification: Identification?
    /// Of pages that may use the server, besides its own.
    var origins = AllowedOrigins()
    /// What each address may have.
    var addresses = AddressTable.Limits()
}
