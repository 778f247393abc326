/// Sorts what happens into windows.
extension ScreenModel {
    /// How long a user counts as writing after one typing notice.
    static let typingLasts = Duration.seconds(7)

    mutating func handle(_ happening: Happening, at now: Duration) -> [Action] {
        switch happening {
        case .said(let said): return hear(said)
        case .sentElsewhere(let said):
            let index = index(opening: said.place)
            windows[index].isOpen = true
            append(
                ScrollbackLine(
                    kind: .own, time: time(said.timestamp), sequence: said.sequence ?? 0, sender: said.sender,
                    text: said.content), to: index)
        case .pending(let id, let place, let content, isOffline: _):
            let index = index(opening: place)
            windows[index].pending.append(.init(id: id, text: content, time: clock.now()))
            laidOut.forgetAll()
        case .stored(let id, let place, let content, let timestamp, let sequence):
            let index = index(opening: place)
            windows[index].pending.removeAll { $0.id == id }
            append(
                ScrollbackLine(
                    kind: .own, time: time(timestamp), sequence: sequence ?? 0, sender: status.username, text: content),
                to: index)
        case .failed(let id, let place, let content, line: _, let reason):
            let index = index(opening: place)
            windows[index].pending.removeAll { $0.id == id }
            windows[index].fail(content)
            append(
                ScrollbackLine(kind: .failed, time: clock.now(), sender: reason, text: content), to: index)
        case .slow: break  // the message is shown as pending anyway
        case .entered(let room, username: _, let members, let isNew, let isReturn):
            entered(room, members: members, isNew: isNew, isReturn: isReturn)
        case .left(let room): left(room)
        case .came(let username, let room, let members):
            notice(in: room, members: members) { $0.come(username) }
            if let index = index(of: .room(room)) { windows[index].meet(username) }
        case .went(let username, let room, let members):
            notice(in: room, members: members) { $0.go(username) }
            if let index = index(of: .room(room)) {
                windows[index].names.removeAll { $0 == username }
                windows[index].typing[username] = nil
            }
        case .crowd(let room, let members, let words):
            guard let index = index(of: .room(room)) else { break }
            windows[index].members = members
            if settings.notices != .off { crowd(words, in: index) }
        case .members(let room, let count):
            if let index = index(of: .room(room)) { windows[index].members = count }
        case .typing(let room, let username, let isTyping):
            guard let index = index(of: .room(room)), username != status.username else { break }
            if windows[index].typing.count < 100 || !isTyping {
                windows[index].typing[username] = isTyping ? now + Self.typingLasts : nil
            }
        case .hasOlder(let room, let hasOlder):
            if let index = index(of: .room(room)) { windows[index].older = hasOlder ? .possible : .none }
        case .older(let room, let messages, let more, words: _): older(messages, in: room, more: more)
        case .gap(let room, let words):
            append(
                ScrollbackLine(kind: .gap, time: clock.now(), text: words),
                to: index(of: .room(room)) ?? active)
        case .begunAnew(let room, let words):
            let index = index(of: .room(room)) ?? active
            append(ScrollbackLine(kind: .gap, time: clock.now(), text: words), to: index)
            // The server's numbers changed, so older messages cannot be requested by them any more.
            windows[index].older = .none
        case .names(let room, let names):
            guard let index = index(of: .room(room)) else { break }
            let known = windows[index].names
            let spoke = known.filter(Set(names).contains)
            windows[index].names = Array((spoke + names.filter { !Set(spoke).contains($0) }).prefix(Window.mostNames))
        case .roomNames(let names): roomNames = names
        case .offline(let words):
            // One line stands for the whole outage, and shows the latest attempt.
            let line = ScrollbackLine(kind: .status, time: clock.now(), text: words)
            if window.endsOffline {
                window.scrollback.replaceLast(with: line)
                laidOut.forgetAll()
            } else {
                append(line, to: active)
            }
            window.endsOffline = true
            for index in windows.indices { windows[index].typing = [:] }
        case .recovered(let words):
            append(ScrollbackLine(kind: .gap, time: clock.now(), text: words), to: active)
        }
        return []
    }

    /// Shows words that belong to no window in the active one.
    mutating func show(_ output: Output) -> [Action] {
        switch output {
        case .status(let words): say(words, .status)
        case .system(let words): say(words, .answer)
        case .failed(let line, let reason):
            say("\(line): \(reason)", .gap)
            // The refused request may have been the one for older messages.
            for index in windows.indices where windows[index].older == .asked { windows[index].older = .possible }
        case .help: help(Command.all)
        case .helpOn(let name):
            if let command = Command.named(name) {
                help([command])
                say(command.details, .answer)
            }
        // These arrive as other cases of ``Happening``.
        case .message, .privateMessage, .sent, .sentPrivately, .waiting: break
        }
        return []
    }

    mutating func say(_ words: String, _ kind: ScrollbackLine.Kind) {
        append(ScrollbackLine(kind: kind, time: clock.now(), text: words), to: active)
    }

    private mutating func help(_ commands: [Command]) {
        let usages = commands.flatMap(\.usages)
        let widest = usages.map(\.usage.count).max() ?? 0
        let lines = usages.map { usage in
            usage.usage + String(repeating: " ", count: widest - usage.usage.count + 2) + usage.meaning
        }
        say(lines.joined(separator: "\n"), .answer)
    }

    mutating func append(_ line: ScrollbackLine, to index: Int) {
        windows[index].append(line)
        // If pending lines follow, every number after this one stands for another line now.
        if !windows[index].pending.isEmpty || index == active { laidOut.forget(windows[index].scrollback.end - 1) }
        if !windows[index].pending.isEmpty { laidOut.forgetAll() }
        bytesUnchecked += line.text.utf8.count + line.sender.utf8.count
        if windows[index].scrollback.count % 256 == 0 || bytesUnchecked > 1 << 20 {
            bytesUnchecked = 0
            forgetOldLines()
        }
    }

    // MARK: Parts

    private mutating func hear(_ said: Said) -> [Action] {
        let index = index(opening: said.place)
        let isOwn = said.sender == status.username
        let isPrivate = if case .user = said.place { true } else { false }
        if isPrivate { windows[index].isOpen = true }
        let isMention = !isOwn && Mention.names(status.username, in: said.content)
        append(
            ScrollbackLine(
                kind: isOwn ? .own : .message, time: time(said.timestamp), sequence: said.sequence ?? 0,
                isMention: isMention, sender: said.sender, text: said.content), to: index)
        if isOwn { return [] }
        windows[index].know(said.sender)
        windows[index].typing[said.sender] = nil
        if index != active {
            windows[index].unread += 1
            if isMention || isPrivate { windows[index].mentions += 1 }
        }
        guard said.isLive, isFocused != true else { return [] }
        switch settings.bell {
        case .off: return []
        case .mentions: return isMention || isPrivate ? [.bell] : []
        case .all: return [.bell]
        }
    }

    private func time(_ timestamp: String?) -> Int64 {
        timestamp.flatMap(LocalClock.seconds) ?? clock.now()
    }

    private mutating func entered(_ room: String, members: Int, isNew: Bool, isReturn: Bool) {
        let index = index(opening: .room(room))
        windows[index].isOpen = true
        windows[index].members = members > 0 ? members : nil
        if !roomNames.contains(room) { roomNames.append(room) }
        guard !isReturn else { return }
        let crowd = members > 1 ? ", with \(members - 1) other\(members == 2 ? "" : "s")" : ""
        let words = isNew ? "you are in the room \(room)\(crowd)" : "you are in the room \(room) already"
        append(ScrollbackLine(kind: .notice, time: clock.now(), text: words), to: index)
        activate(index)
    }

    private mutating func left(_ room: String) {
        guard let index = index(of: .room(room)) else { return }
        windows[index].isOpen = false
        windows[index].members = nil
        windows[index].typing = [:]
        append(
            ScrollbackLine(kind: .notice, time: clock.now(), text: "you left the room \(room)"), to: index)
        windows[index].unread = 0
        windows[index].mentions = 0
        if index == active, let other = windows.firstIndex(where: { $0.isOpen && $0.place.isRoom }) { activate(other) }
    }

    private mutating func notice(in room: String, members: Int?, _ change: (inout NoticeRun) -> Void) {
        guard let index = index(of: .room(room)) else { return }
        if let members { windows[index].members = members }
        if settings.notices == .off { return }
        var run = NoticeRun()
        let isContinued = settings.notices == .merged && windows[index].notices != nil
        if isContinued, let notices = windows[index].notices { run = notices }
        change(&run)
        tell(run.text, in: index, replacing: isContinued)
        windows[index].notices = run
    }

    private mutating func crowd(_ words: String, in index: Int) {
        let isContinued = settings.notices == .merged && windows[index].notices != nil
        tell("⇄ " + words, in: index, replacing: isContinued)
        windows[index].notices = NoticeRun()
    }

    private mutating func tell(_ words: String, in index: Int, replacing: Bool) {
        let line = ScrollbackLine(kind: .notice, time: clock.now(), text: words)
        if replacing {
            windows[index].scrollback.replaceLast(with: line)
            if index == active { laidOut.forget(windows[index].scrollback.end - 1) }
        } else {
            append(line, to: index)
        }
    }

    private mutating func older(_ messages: [Said], in room: String, more: Bool) {
        guard let index = index(of: .room(room)) else { return }
        windows[index].older = more ? .possible : .none
        // A page can arrive twice, or after a retention rule changed. Only messages before the first known one are
        // added.
        let first = windows[index].scrollback.firstSequence ?? .max
        windows[index].scrollback.prepend(
            messages.filter { $0.sequence ?? 0 < first }.map { said in
                ScrollbackLine(
                    kind: said.sender == status.username ? .own : .message, time: time(said.timestamp),
                    sequence: said.sequence ?? 0, isMention: Mention.names(status.username, in: said.content),
                    sender: said.sender, text: said.content)
            })
        forgetOldLines()
        if windows[index].goesToOlder, index == active { windows[index].bottom = topmost }
        windows[index].goesToOlder = false
    }
}

extension Place {
    var isRoom: Bool { if case .room = self { true } else { false } }
}
