/// A request of a view with windows. It names its room or user, because the view's window may not be the current room.
enum Ask: Equatable, Sendable {
    case say(String, in: Place)
    /// `stay`: whether to stay in the other rooms.
    case join(String, stay: Bool)
    case leave(String)
    /// Messages before this sequence number.
    case older(room: String, before: UInt64?, count: Int)
    case typing(room: String, isTyping: Bool)
    /// The members of a room for the view's own use, not shown as an answer.
    case names(room: String)
    case roomNames
    /// Close the connection and connect again at once.
    case reconnect
}
