/// Carries out the lines that users enter.
extension ScreenModel {
    mutating func submit(_ line: String, at now: Duration) -> [Action] {
        let stop = stopTyping(isSent: true)
        window.bottom = nil
        window.lastRead = nil
        return stop + act(on: line)
    }

    private mutating func act(on line: String) -> [Action] {
        switch UserInput(line: line) {
        case .nothing: return []
        case .say(let content):
            if case .room(let room) = window.place, !window.isOpen {
                editor.restore(line)
                say("you are not in the room \(room) any more; /join \(room) enters it again", .status)
                return []
            }
            return [.ask(.say(content, in: window.place))] + remember(line)
        case .tell(let content, let user):
            _ = index(opening: .user(user))
            return [.ask(.say(content, in: .user(user)))]
        case .join(let room, let stay):
            if let index = index(of: .room(room)), windows[index].isOpen, stay || index == active {
                activate(index)
                return remember(line)
            }
            return [.ask(.join(room, stay: stay))] + remember(line)
        case .leave: return leave() + remember(line)
        case .history(let count):
            window.goesToOlder = window.place.isRoom
            return askForOlder(count: count) + remember(line)
        case .users(nil, after: nil) where isPrivate: return [.line(line)] + remember(line)
        case .users, .rooms, .help, .helpOn, .reconnect, .quit: return [.line(line)] + remember(line)
        case .mistake(let words):
            say(words, .status)
            // The text goes back into the editor, so that the user can see the mistake and correct it.
            if line.contains(where: \.isNewline) || line.count > 80 { editor.restore(line) }
            return []
        case .window(let command): return act(on: command) + (isSecret(command) ? [] : remember(line))
        }
    }

    private var isPrivate: Bool { !window.place.isRoom }

    /// Private messages are not written to the history file, because others may come to read it. Neither are lines that
    /// begin with a space, as in most shells.
    private func remember(_ line: String) -> [Action] {
        isPrivate || line.hasPrefix(" ") ? [] : [.remember(line)]
    }

    private func isSecret(_ command: WindowCommand) -> Bool {
        if case .query(user: _, text: .some) = command { true } else { false }
    }

    private mutating func leave() -> [Action] {
        switch window.place {
        case .room(let room):
            if window.isOpen { return [.ask(.leave(room))] }
            if let other = windows.firstIndex(where: \.isOpen) { activate(other) }
            return []
        case .user:
            window.isOpen = false
            if let index = previous.flatMap({ index(of: $0) }), windows[index].isOpen {
                activate(index)
            } else if let index = windows.firstIndex(where: { $0.isOpen }) {
                activate(index)
            }
            return []
        }
    }

    private mutating func act(on command: WindowCommand) -> [Action] {
        switch command {
        case .query(let user, let text):
            let index = index(opening: .user(user))
            windows[index].isOpen = true
            activate(index)
            return text.map { [.ask(.say($0, in: .user(user)))] } ?? []
        case .clear:
            window.scrollback.removeAll()
            window.lastRead = nil
            // The line that showed the notices is gone, so the next notice must not replace another line.
            window.notices = nil
            window.endsOffline = false
            window.found = nil
            if window.place.isRoom { window.older = .possible }
            laidOut.forgetAll()
            return []
        case .search(let words): return look(for: words)
        case .set(let name, let value): return set(name, to: value)
        case .resend:
            guard !window.failed.isEmpty else {
                say("nothing failed here", .status)
                return []
            }
            let texts = window.failed
            window.failed = []
            return texts.map { .ask(.say($0, in: window.place)) }
        }
    }

    private mutating func set(_ name: String?, to value: String?) -> [Action] {
        guard let name else {
            for name in ScreenSettings.names {
                let values = ScreenSettings.values(of: name).joined(separator: "|")
                say("\(name) is \(settings[name] ?? "") (\(values))", .answer)
            }
            return []
        }
        let values = ScreenSettings.values(of: name)
        guard !values.isEmpty else {
            say("There is no setting \(name); there are \(ScreenSettings.names.joined(separator: ", ")).", .status)
            return []
        }
        guard let value else {
            say("\(name) is \(settings[name] ?? "") (\(values.joined(separator: "|")))", .answer)
            return []
        }
        guard settings.set(name, to: value) else {
            say("\(name) is one of \(values.joined(separator: ", ")).", .status)
            return []
        }
        laidOut.forgetAll()
        return [.keepSettings]
    }

    private mutating func look(for words: String?) -> [Action] {
        let isFurther = words == nil || words == search
        guard let wanted = words ?? search else {
            say("What for? For example: /search lunch", .status)
            return []
        }
        search = wanted
        let start = isFurther ? window.found ?? window.scrollback.end : window.scrollback.end
        guard let line = window.scrollback.last(containing: wanted, before: start) else {
            window.found = nil
            hint = isFurther && start < window.scrollback.end ? "no more of it further up" : "not found"
            return [.bell]
        }
        window.found = line
        window.bottom = Window.Bottom(line: min(window.end - 1, line + paneHeight / 3), hiddenRows: 0)
        hint = "found; /search looks further up, End goes back"
        return []
    }

    /// Puts a line that could not be accepted back into its window's editor.
    mutating func giveBack(_ line: String, to place: Place? = nil) {
        editor.restore(line)
    }
}
