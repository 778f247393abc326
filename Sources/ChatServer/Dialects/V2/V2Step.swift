import Domain
import NIOCore
import Service
import Wire

/// What an errand has done on the event loop, in order with everything else that the client is told.
enum V2Step: Sendable {
    case tell(V2Frame)
    /// The client is shown the topic, from a page on that is to be read.
    case beginReading(Topic, TopicReader)
    /// The client is shown the topic live, up to whose cursor it has been told everything.
    case goLive(Topic, at: SequenceNumber, Epoch)
    case endReading(Topic)
    /// A page was read; what is delivered from now on comes after it where it is the last.
    case show(ReadingPage, TopicReaders.Wanted, isLast: Bool)
    case pageFailed
    /// A private message: one copy is stored, and this is the other.
    case append(Draft, ref: String?, accepted: NIODeadline)
    case refused(ChatError)
    /// The client has shown another token, which counts from now on.
    case authenticated(Principal)
}
