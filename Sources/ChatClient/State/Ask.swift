/// What a view with windows asks for; where something is meant for is said with it, and not taken from where one is.
enum Ask: Equatable, Sendable {
    case say(String, in: Place)
    /// `stay`: keep the other rooms.
    case join(String, stay: Bool)
    case leave(String)
    /// Messages before this place in the log.
    case older(room: String, before: UInt64?, count: Int)
    case typing(room: String, isTyping: Bool)
    /// Who is in a room, or which rooms there are, without saying it aloud.
    case names(room: String)
    case roomNames
    /// Drop the connection and come back at once.
    case reconnect
}
