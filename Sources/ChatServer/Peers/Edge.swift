import Service

/// What all conversations of an instance share. Made once, and held by every conversation: a reference, not five.
final class Edge: Sendable {
    /// What the server says of itself.
    struct Welcome: Sendable {
        let instance: String
        let version: String
    }

    let service: ChatService
    let fanout: Fanout
    let errands: Errands
    let welcome: Welcome
    let metrics: EdgeMetrics
    /// How clients show who they are; nil: authentication is off.
    let identification: Identification?

    init(
        service: ChatService, fanout: Fanout, errands: Errands, welcome: Welcome, metrics: EdgeMetrics,
        identification: Identification? = nil
    ) {
        self.service = service
        self.fanout = fanout
        self.errands = errands
        self.welcome = welcome
        self.metrics = metrics
        self.identification = identification
    }
}
