/// Carries out keys.
extension ScreenModel {
    /// A text with more lines than this, or more characters, is sent only after a question.
    static let mostUnaskedLines = 12
    static let mostUnaskedLength = 4_000

    mutating func handle(_ key: Key, at now: Duration) -> [Action] {
        if case .focused(let isFocused) = key { return focus(isFocused) }
        hint = nil
        if let question { return answer(question, key, at: now) }
        if key != .complete, key != .completeBack { completion = nil }
        switch key {
        case .pageUp: return scroll(up: max(1, paneHeight - 1))
        case .pageDown: return scroll(up: -max(1, paneHeight - 1))
        case .scrollUp: return scroll(up: 1)
        case .scrollDown: return scroll(up: -1)
        case .scrollToTop: return scrollToTop()
        case .scrollToEnd: goToEnd()
        case .window(let number): go(to: number)
        case .nextWindow: step(1)
        case .previousWindow: step(-1)
        case .nextActiveWindow: goToActive()
        case .complete: return complete(backwards: false)
        case .completeBack: return complete(backwards: true)
        case .interrupt where editor.search == nil && !editor.isEmpty:
            // Ctrl-Y brings the cleared line back.
            _ = editor.handle(.end)
            editor.buffer.cursor = editor.characters.count
            _ = editor.kill(backwards: 0)
            return noticeTyping(at: now)
        default:
            if key == .end { goToEnd() }
            return edit(key, at: now)
        }
        return []
    }

    private mutating func edit(_ key: Key, at now: Duration) -> [Action] {
        if key == .enter, editor.search == nil, let reason = refusal(of: editor.text) {
            switch reason {
            case .tooLong(let words): hint = words
            case .ask(let words): question = words
            }
            return []
        }
        switch editor.handle(key) {
        case .none: return []
        case .bell:
            if editor.characters.count >= LineEditor.capacity { hint = "no more fits here; some of it is missing" }
            return [.bell]
        case .changed: return noticeTyping(at: now)
        case .clearScreen: return [.redraw]
        case .endOfInput: return [.endOfInput]
        case .interrupt: return [.interrupt]
        case .suspend: return [.suspend]
        case .submit(let line): return submit(line, at: now)
        }
    }

    private enum Refusal {
        case tooLong(String)
        case ask(String)
    }

    /// Why a text is not sent.
    private func refusal(of text: String) -> Refusal? {
        let bytes = text.utf8.count
        if status.messageBytes > 0, bytes > status.messageBytes {
            return .tooLong("too long by \(bytes - status.messageBytes) bytes; the server takes \(status.messageBytes)")
        }
        let lines = text.count { $0.isNewline } + 1
        if lines > 1, let command = Self.oneLineCommand(text) {
            return .tooLong("\(command) takes one line; // at the beginning sends the text as a message")
        }
        if lines > Self.mostUnaskedLines { return .ask("Send \(lines) lines as one message?") }
        if editor.characters.count > Self.mostUnaskedLength {
            return .ask("Send \(editor.characters.count) characters as one message?")
        }
        return nil
    }

    /// The command at the beginning of a text of several lines that would lose all but its first line.
    private static func oneLineCommand(_ text: String) -> String? {
        guard text.first == "/", !text.hasPrefix("//"), let word = text.split(whereSeparator: \.isWhitespace).first,
            !["/me", "/msg", "/query"].contains(word.lowercased())
        else { return nil }
        return SafeText.prose(String(word.prefix(20)))
    }

    private mutating func answer(_ words: String, _ key: Key, at now: Duration) -> [Action] {
        switch key {
        case .enter, .insert("y"), .insert("Y"):
            question = nil
            if case .submit(let line) = editor.handle(.enter) { return submit(line, at: now) }
            return []
        case .ignored, .cancel, .interrupt, .insert("n"), .insert("N"):
            question = nil
            return []
        case .pageUp, .pageDown, .scrollUp, .scrollDown: return []
        default:
            // A user who goes on writing does not want to send.
            question = nil
            return handle(key, at: now)
        }
    }

    private mutating func focus(_ isFocused: Bool) -> [Action] {
        if !isFocused, self.isFocused != false { lookAway() }
        if isFocused { lookAgain() }
        self.isFocused = isFocused
        return []
    }

    // MARK: Windows

    private mutating func go(to number: Int) {
        let listed = listed
        guard listed.indices.contains(number - 1) else { return }
        activate(listed[number - 1])
    }

    private mutating func step(_ distance: Int) {
        let listed = listed
        guard let place = listed.firstIndex(of: active), !listed.isEmpty else { return }
        activate(listed[(place + distance + listed.count) % listed.count])
    }

    /// Goes to a window with a mention, otherwise to one with unread messages, otherwise to the previous one.
    private mutating func goToActive() {
        let order = listed.filter { $0 > active } + listed.filter { $0 < active }
        if let index = order.first(where: { windows[$0].mentions > 0 })
            ?? order.first(where: { windows[$0].unread > 0 })
        {
            activate(index)
        } else if let previous, let index = index(of: previous) {
            activate(index)
        }
    }

    // MARK: WordCompletion

    private mutating func complete(backwards: Bool) -> [Action] {
        if editor.search != nil { return [] }
        var actions: [Action] = []
        if completion == nil {
            let vocabulary = WordCompletion.Vocabulary(
                rooms: (windows.filter(\.place.isRoom).map(\.place.name) + roomNames).unique, users: window.names,
                privateUsers: windows.flatMap { $0.place.isRoom ? $0.names : [$0.place.name] })
            completion = WordCompletion(editor.buffer, vocabulary)
            if editor.text.hasPrefix("/join") || editor.text.hasPrefix("/users") { actions = [.ask(.roomNames)] }
        }
        guard var completion else { return actions + [.bell] }
        let step = completion.next(backwards: backwards)
        editor.substitute(step.range, with: step.text)
        if completion.candidates.count > 1 {
            hint = completion.candidates.map { ShownName.text($0.filter { !$0.isWhitespace }) }.joined(separator: "  ")
            self.completion = completion
        } else {
            self.completion = nil
        }
        return actions
    }

    // MARK: Typing

    /// Tells the room that the user writes, at most every few seconds, and when they stop.
    private mutating func noticeTyping(at now: Duration) -> [Action] {
        let text = editor.characters
        let isWriting = !text.isEmpty && (text[0] != "/" || text.starts(with: "//") || text.starts(with: "/me "))
        guard case .room(let room) = window.place, isWriting, editor.search == nil else { return stopTyping() }
        if typing.room == room, let toldAt = typing.toldAt, now - toldAt < TypingNotice.pause { return [] }
        let stop = typing.room == room ? [] : stopTyping()
        typing = TypingNotice(room: room, toldAt: now)
        return stop + [.ask(.typing(room: room, isTyping: true))]
    }

    mutating func stopTyping(isSent: Bool = false) -> [Action] {
        guard let room = typing.room else { return [] }
        typing = TypingNotice()
        // A sent message ends the typing state for its readers anyway.
        return isSent ? [] : [.ask(.typing(room: room, isTyping: false))]
    }
}

extension [String] {
    /// The elements without repetitions, in their order.
    fileprivate var unique: [String] {
        var seen: Set<String> = []
        return filter { seen.insert($0).inserted }
    }
}
