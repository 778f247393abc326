/// The client's time limits.
enum Timing {
    /// For the connection and the upgrade together.
    static let connect = Duration.seconds(10)
    /// The same, if another address can be tried. Only in the first round: if every address failed, perhaps the network
    /// is slow.
    static let connectOneOfSeveral = Duration.seconds(3)
    /// For the server's first frame. It comes at once, unless the server has to wait for its back ends.
    static let greeting = Duration.seconds(5)
    /// For the answer to a request of `chat.v2`. Without an answer the outcome is unknown.
    static let reply = Duration.seconds(30)
    /// A message that is not stored after this time is shown as waiting.
    static let pending = Duration.milliseconds(500)
    /// Between retries while the server cannot store messages.
    static let unavailable = Duration.seconds(5)
    /// The longest delay that is accepted when the server asks the client to come back later, or to send more slowly.
    static let pause = Duration.seconds(60)
    /// The server pings every 25 s; after two missed pings the connection counts as dead.
    static let silence = Duration.seconds(70)
    /// The longest accepted `Retry-After`, so that a mistaken one does not keep a client away for a day.
    static let retryAfter = Duration.seconds(300)
    /// For the server's close frame.
    static let close = Duration.seconds(2)
    /// For the answers to the last questions of a pipe.
    static let answers = Duration.seconds(3)
    /// After a connection that lasted this long, the delays begin with short ones again.
    static let stable = Duration.seconds(5)
    /// A dead instance's lease on the user's own name expires within this time.
    static let nameTaken = Duration.seconds(30)
    /// Between two looks at a token file that has to change.
    static let tokenFile = Duration.seconds(1)
    /// Between attempts while the name is taken.
    static let nameTakenDelay = Duration.seconds(3)
    /// A pipe gives up after this time, or after this many failures.
    static let outage = Duration.seconds(60)
    static let attempts = 6
}
