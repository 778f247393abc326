import Domain
import NIOCore
import Service

/// Waits for the token of one connection to expire, and then ends the connection.
///
/// There is no timer while there is no token that expires, and never more than one. On the connection's event loop only.
final class TokenWatch {
    /// How long it waits before it looks at the time of day again, which may jump.
    static let longestWait = TimeAmount.hours(1)

    private let connection: Connection
    private let identification: Identification
    /// How long the client may take to show another token once it is told.
    private let patience: TimeAmount
    private let tell: () -> Void
    private var timer: Scheduled<Void>?

    /// - Parameter tell: tells the client that its token has expired.
    init(
        _ connection: Connection, _ identification: Identification, patience: TimeAmount, tell: @escaping () -> Void
    ) {
        self.connection = connection
        self.identification = identification
        self.patience = patience
        self.tell = tell
    }

    /// From now on this is the token that counts.
    func watch(_ principal: Principal) {
        timer?.cancel()
        timer = nil
        guard let expiry = principal.expiresAt else { return }
        guard let wait = Self.wait(until: expiry, leeway: identification.leeway, at: identification.now()) else {
            return expired()
        }
        schedule(in: wait) { [self] in watch(principal) }
    }

    /// The connection has ended.
    func stop() {
        timer?.cancel()
        timer = nil
    }

    private func expired() {
        guard patience > .zero else { return connection.beginClosing(.tokenExpired) }
        tell()
        schedule(in: patience) { [self] in connection.beginClosing(.tokenExpired) }
    }

    private func schedule(in time: TimeAmount, _ body: @escaping () -> Void) {
        timer = connection.connectionLoop.eventLoop.assumeIsolated().scheduleTask(in: time, body)
    }

    /// How long until it is to be looked again whether the token has expired; nil: it has.
    static func wait(until expiry: Timestamp, leeway: Duration, at now: Timestamp) -> TimeAmount? {
        let left = .milliseconds(expiry.millisecondsSince1970 - now.millisecondsSince1970) + leeway
        guard left > .zero else { return nil }
        return left < Duration(longestWait) ? TimeAmount(left) : longestWait
    }
}
