/// The client's patience.
enum Timing {
    /// For the connection and the upgrade together.
    static let connect = Duration.seconds(10)
    /// For the same at one address, where another one is waiting to be tried. Only in the first round: where all seem to be
    /// dead, the network may be slow.
    static let connectOneOfSeveral = Duration.seconds(3)
    /// For the server's first word. It comes at once, unless the server has to wait for its own back ends.
    static let greeting = Duration.seconds(5)
    /// For the answer to a request of `chat.v2`; without one nobody knows what became of it.
    static let reply = Duration.seconds(30)
    /// A message that is not stored by then is shown as waiting.
    static let pending = Duration.milliseconds(500)
    /// Between retries while the server cannot store messages.
    static let unavailable = Duration.seconds(5)
    /// The longest delay that is believed when the server asks to come back, or to send more slowly.
    static let pause = Duration.seconds(60)
    /// The server pings every 25 s; two lost in a row are a dead connection.
    static let silence = Duration.seconds(70)
    /// The longest `Retry-After` that is believed; a mistaken one must not keep a client away for a day.
    static let retryAfter = Duration.seconds(300)
    /// For the server's half of the closing handshake.
    static let close = Duration.seconds(2)
    /// For the answers to the last questions of a pipe.
    static let answers = Duration.seconds(3)
    /// A connection that lasted this long was a good one: the next loss starts with short delays again.
    static let stable = Duration.seconds(5)
    /// A dead server's claim on one's own name runs out within this.
    static let nameTaken = Duration.seconds(30)
    /// Between attempts while the name is taken.
    static let nameTakenDelay = Duration.seconds(3)
    /// A pipe gives up when it could not connect this long, or this often.
    static let outage = Duration.seconds(60)
    static let attempts = 6
}
