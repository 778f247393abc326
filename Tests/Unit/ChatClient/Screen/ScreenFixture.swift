import Testing

@testable import ChatClient

/// A screen model, a clock that the test moves, and what was asked for.
struct ScreenFixture {
    var model: ScreenModel
    var now = Duration.zero
    var actions: [ScreenModel.Action] = []

    /// Saturday, 2026-11-21 12:00 UTC.
    static let noon: Int64 = 1_795_262_400

    init(
        columns: Int = 60, rows: Int = 12, room: String = "global", settings: ScreenSettings = ScreenSettings(),
        history: [String] = [], depth: ColourDepth = .none
    ) {
        model = ScreenModel(
            theme: Theme(depth: depth), clock: .fixed(Self.noon), size: Size(columns: columns, rows: rows), room: room,
            status: ClientStatus(
                server: "host:1", username: "al", connection: .open, lag: nil, unansweredSince: nil, unsent: 0,
                pausedUntil: nil, isV2: true, messageBytes: 8192),
            settings: settings, history: InputHistory(lines: history))
    }

    mutating func press(_ keys: Key...) {
        for key in keys { actions += model.handle(key, at: now) }
    }

    mutating func type(_ text: String) {
        for scalar in text.unicodeScalars { press(scalar == "\n" ? .pastedBreak : .insert(scalar)) }
    }

    mutating func enter(_ line: String) {
        type(line)
        press(.enter)
    }

    mutating func happen(_ happenings: Happening...) {
        for happening in happenings { actions += model.handle(happening, at: now) }
    }

    mutating func hear(
        _ content: String, by sender: String = "bob", in room: String = "global", sequence: UInt64? = nil,
        at timestamp: String = "2026-11-21T11:58:00.000Z"
    ) {
        happen(
            .said(
                Said(
                    place: .room(room), sender: sender, content: content, timestamp: timestamp, sequence: sequence)))
    }

    mutating func hearPrivately(_ content: String, by sender: String = "bob") {
        happen(
            .said(
                Said(
                    place: .user(sender), sender: sender, content: content, timestamp: "2026-11-21T11:58:00.000Z")))
    }

    mutating func enterRoom(_ room: String, members: Int = 1) {
        happen(.entered(room: room, username: "al", members: members, isNew: true, isReturn: false))
    }

    /// All rows as text.
    var screen: [String] {
        mutating get {
            let frame = model.frame(at: now)
            return (0..<frame.size.rows).map { frame.text(row: $0) }
        }
    }

    /// The pane's rows that are not empty.
    var pane: [String] {
        mutating get { screen.dropLast(2).filter { !$0.isEmpty } }
    }

    var bar: String {
        mutating get { screen.dropLast(model.inputHeight).last ?? "" }
    }

    /// What was asked for, without typing notices.
    var asked: [Ask] {
        actions.compactMap { action in
            guard case .ask(let ask) = action else { return nil }
            if case .typing = ask { return nil }
            return ask
        }
    }

    var typing: [Ask] {
        actions.compactMap { action in
            guard case .ask(let ask) = action, case .typing = ask else { return nil }
            return ask
        }
    }
}
