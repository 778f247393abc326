/// The text of the status line.
struct StatusBar: Equatable, Sendable {
    /// A request that has waited longer than this is shown with the time since it was sent.
    private static let slow = Duration.seconds(2)

    let left: String
    let right: String

    init(_ model: ScreenModel, at now: Duration) {
        let status = model.status
        let window = model.window
        var parts: [String] = []
        var place = window.title
        if let members = window.members { place += " (\(members))" }
        if window.place.isRoom, !window.isOpen { place += " (left)" }
        parts.append(place)
        if let typing = Self.typing(window, at: now) { parts.append(typing) }
        parts.append("\(ShownName.text(status.username))@\(status.server)")
        switch status.connection {
        case .connecting: parts.append("connecting")
        case .waiting(let until): parts.append("offline, trying again in \(Self.seconds(until - now)) s")
        case .awaitingToken: parts.append("offline, waiting for a token")
        case .ending: parts.append("leaving")
        case .open:
            if let pausedUntil = status.pausedUntil, pausedUntil > now { parts.append("too fast, paused") }
            if let lag = Self.lag(status, at: now) { parts.append("lag \(lag)") }
        }
        if status.unsent > 0 { parts.append("\(status.unsent) unsent") }
        left = parts.joined(separator: " · ")
        right = model.showsList ? "" : Self.elsewhere(model)
    }

    /// The windows with unread messages, with their numbers.
    private static func elsewhere(_ model: ScreenModel) -> String {
        model.listed.enumerated().compactMap { number, index in
            let window = model.windows[index]
            if index == model.active || window.unread == 0 { return nil }
            return "\(number + 1):\(window.title)(\(ScreenModel.count(window)))"
        }.joined(separator: " ")
    }

    private static func typing(_ window: Window, at now: Duration) -> String? {
        let names = window.typing.filter { $0.value > now }.keys.sorted().map(ShownName.text)
        switch names.count {
        case 0: return nil
        case 1: return "\(names[0]) is typing"
        case 2: return "\(names[0]) and \(names[1]) are typing"
        default: return "\(names.count) are typing"
        }
    }

    private static func lag(_ status: ClientStatus, at now: Duration) -> String? {
        let waiting = status.unansweredSince.map { now - $0 } ?? .zero
        guard let lag = waiting > slow ? waiting : status.lag else { return nil }
        if lag >= .seconds(1) { return "\(Int(lag / .seconds(1))) s" }
        return "\(max(1, Int(lag / .milliseconds(1)))) ms"
    }

    private static func seconds(_ duration: Duration) -> Int {
        max(0, Int((duration / .seconds(1)).rounded(.up)))
    }
}
