/// What is told to the readers of a topic and stored nowhere.
public enum Notice: Equatable, Sendable {
    /// Somebody came or went.
    case membership(MembershipNotice)
    /// Several came or went: what a large room is told instead.
    case members(MembersNotice)
    case typing(TypingNotice)
    /// What was stored between the two numbers is gone for good before it was shown.
    case gap(Topic, after: SequenceNumber, before: SequenceNumber)

    public var topic: Topic {
        switch self {
        case .membership(let notice): .room(notice.room)
        case .members(let notice): .room(notice.room)
        case .typing(let notice): .room(notice.room)
        case .gap(let topic, _, _): topic
        }
    }
}
