/// Requests that wait for an answer from NATS: appends, and questions to JetStream.
///
/// There are two tables because their deadlines differ: in one table a question behind an append would expire with the
/// append.
struct RequestTables: Sendable {
    let appends = NATSRequests()
    let questions = NATSRequests()

    /// Subscribes to the answers. - Returns: the subscriptions, which the caller must retain for as long as it wants
    /// answers.
    func attach(to connection: NATSConnection) throws(NATSError) -> [NATSSubscription] {
        [try appends.attach(to: connection), try questions.attach(to: connection)]
    }

    /// Fails all requests, because the connection was lost, and every answer with it.
    func failAll() {
        appends.failAll()
        questions.failAll()
    }

    /// Fails requests whose deadline has passed, until the task is cancelled.
    func watchDeadlines() async {
        while !Task.isCancelled {
            appends.expire()
            questions.expire()
            try? await Task.sleep(for: .milliseconds(100))
        }
    }
}
