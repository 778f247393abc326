import Domain
import InfrastructurePresence

/// The record of a session as Redis has it; ``PresenceScripts`` describes the format.
extension PresenceRecord {
    /// The session's field in the lease's hash, and in that of the owners.
    func key(of session: SessionID) -> String {
        isShared ? "\(username.text) \(digest.isEmpty ? session.text : digest)" : username.text
    }

    /// The session's value in the lease's hash. It does not repeat which session was succeeded: that is needed only to
    /// undo the claim.
    func text(of session: SessionID) -> String {
        let head = "\(session.text);\(digest);\(inboxStart);\(generation);"
        return ([head] + rooms.map(\.text)).joined(separator: " ")
    }
}
