/// What waits for an answer from NATS: appends, and questions to JetStream.
///
/// Apart, since each waits for its own time: in one table a question behind an append would expire with the append.
struct RequestTables: Sendable {
    let appends = NATSRequests()
    let questions = NATSRequests()

    /// Listens for answers. - Returns: what must be kept as long as answers are wanted.
    func attach(to connection: NATSConnection) throws(NATSError) -> [NATSSubscription] {
        [try appends.attach(to: connection), try questions.attach(to: connection)]
    }

    /// The connection was lost, and with it every answer that was on its way.
    func failAll() {
        appends.failAll()
        questions.failAll()
    }

    /// Gives up what has waited too long, until it is cancelled.
    func watchDeadlines() async {
        while !Task.isCancelled {
            appends.expire()
            questions.expire()
            try? await Task.sleep(for: .milliseconds(100))
        }
    }
}
