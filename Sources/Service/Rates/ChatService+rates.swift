import CoreMetrics
public import Domain
import Logging

/// The rate limit of a user: over all sessions, on all instances.
extension ChatService {
    /// How long sends are gathered before the other instances hear of them.
    private static let gathering = Duration.milliseconds(3)
    /// Users in one notice. With the longest names it has about 60 KiB; NATS takes 1 MiB by default.
    private static let usersPerNotice = 200

    /// Counts one command against the user's rate, where there is room for it.
    ///
    /// - Returns: nil where it may be done now, else how long until one may.
    public func tokenWait(_ session: Session) -> Duration? {
        guard let rates else { return nil }
        switch rates.take(session.username, now: time.monotonic()) {
        case .counted: return nil
        case .uncounted:
            metrics.rateUncounted.increment()
            return nil
        case .refused(let wait): return wait
        }
    }

    /// Counts one command against the user's rate, messages and others alike.
    ///
    /// - Throws: ``ChatError/Code/rateLimited``; then the command is not to be done.
    public func takeToken(_ session: Session) throws(ChatError) {
        session.activity.touched(at: time.wall())
        guard let wait = tokenWait(session), let rate = limits.rate else { return }
        metrics.rateLimited.increment()
        let seconds = max(1, Int((wait / .seconds(1)).rounded(.up)))
        throw ChatError(
            .rateLimited,
            "too many messages: at most \(rate.messages) in \(rate.window.components.seconds) s; "
                + "this one was left out, try again in \(seconds) s",
            retryAfter: wait)
    }

    /// Counts what was sent on another instance.
    func receive(_ sends: [UserSends], from instance: String) {
        guard instance != administration.instance else { return }
        rates?.add(sends, now: time.monotonic())
    }

    /// Tells the other instances of what users send here, until it is cancelled.
    func tellSends() async {
        guard let rates, !administration.instance.isEmpty else { return }
        for await _ in rates.signals {
            try? await Task.sleep(for: Self.gathering)
            tell(rates.takeUntold())
        }
    }

    private func tell(_ sends: [UserSends]) {
        for start in stride(from: 0, to: sends.count, by: Self.usersPerNotice) {
            let part = Array(sends[start..<min(start + Self.usersPerNotice, sends.count)])
            do throws(ChatError) {
                try bus.announce(.administration(.sends(part, instance: administration.instance)))
            } catch {
                // Each instance then limits its own part.
                return logger.debug("the others were not told what was sent", metadata: ["error": "\(error.code)"])
            }
        }
    }
}
