/// Turns outputs into lines of text. This is the only place where strangers' words become lines: all of them pass
/// through ``SafeText`` here.
struct OutputStyle: Sendable {
    /// ANSI colours; only on a terminal, and not with `NO_COLOR`.
    var isColoured: Bool

    func lines(for output: Output) -> [String] {
        switch output {
        case .message(let timestamp, let room, let sender, let content):
            let time = timestamp.isEmpty ? "" : "[\(SafeText.name(timestamp))] "
            let place = room.isEmpty ? "" : "[\(SafeText.name(room))] "
            let name = SafeText.name(sender)
            return [dim(time) + cyan(place) + bold(name) + ": " + SafeText.prose(content)]
        case .privateMessage(let timestamp, let sender, let content):
            let time = timestamp.isEmpty ? "" : "[\(SafeText.name(timestamp))] "
            return [dim(time) + green("[Private] ") + bold(SafeText.name(sender)) + ": " + SafeText.prose(content)]
        case .system(let content):
            return [yellow("[System] ") + SafeText.prose(content)]
        case .sent(let room, let content):
            return [dim("[Sent to \(SafeText.name(room))] ") + SafeText.prose(content)]
        case .sentPrivately(let user, let content):
            return [dim("[Sent to \(SafeText.name(user)) privately] ") + SafeText.prose(content)]
        case .failed(let line, let reason):
            let shown = line.count > Self.mostOfFailed ? line.prefix(Self.mostOfFailed) + "…" : line[...]
            return [red("[Not sent] ") + SafeText.prose(String(shown)) + magenta(" (\(SafeText.prose(reason)))")]
        case .waiting(let line):
            return [dim("[Waiting] ") + SafeText.prose(line)]
        case .status(let words):
            return [magenta("*** " + SafeText.prose(words))]
        case .help: return table(UserInput.commands)
        case .helpOn(let name):
            guard let command = Command.named(name) else { return [] }
            return table(command.usages) + ["  " + command.details]
        }
    }

    private func table(_ usages: [(usage: String, meaning: String)]) -> [String] {
        let widest = usages.map(\.usage.count).max() ?? 0
        return usages.map { command in
            let gap = String(repeating: " ", count: widest - command.usage.count + 2)
            return "  " + bold(command.usage) + gap + command.meaning
        }
    }

    /// How much of a line that was not sent is shown again, in characters: enough to recognise it.
    private static let mostOfFailed = 200

    private func bold(_ text: String) -> String { painted(text, "1") }
    private func dim(_ text: String) -> String { painted(text, "2") }
    private func red(_ text: String) -> String { painted(text, "31") }
    private func green(_ text: String) -> String { painted(text, "32") }
    private func yellow(_ text: String) -> String { painted(text, "33") }
    private func magenta(_ text: String) -> String { painted(text, "35") }
    private func cyan(_ text: String) -> String { painted(text, "36") }

    private func painted(_ text: String, _ code: String) -> String {
        isColoured && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
