import NIOCore
import Transport
import Wire

/// What a script's client has to do, in order.
enum ScriptEffect: Equatable, Sendable {
    case client(ClientEffect)
    /// Print an event as the server sent it.
    case event(ByteBuffer)
    /// Print one of the messages that ``Errand/show(_:)`` requested.
    case message(V2Message)
}

/// An errand that drives a ``ClientState`` as a typing user would: takes events, returns effects, does no I/O.
struct Script: Sendable {
    private(set) var client: ClientState
    private let errand: Errand
    private let format: ScriptFormat
    private var tail: Tail?
    /// Whether the first room was entered on this connection.
    private var isInside = false
    /// After the end of the input: the number of lines left at the last confirmation, and its time.
    private var progress: (left: Int, at: Duration)?

    init(_ errand: Errand, format: ScriptFormat, client: ClientState) {
        self.errand = errand
        self.format = format
        self.client = client
        if case .show(let count) = errand { tail = Tail(count) }
    }

    /// Whether more of standard input may be read now.
    var wantsInput: Bool { errand == .relay && client.wantsInput }

    /// When ``ClientEvent/tick`` is next needed without another event; `nil`: never.
    var nextDeadline: Duration? { [client.nextDeadline, progressDeadline].compactMap(\.self).min() }

    mutating func handle(_ event: ClientEvent, at now: Duration) -> [ScriptEffect] {
        let frame = frame(of: event)
        var effects: [ScriptEffect] = []
        if let frame, format == .json, tail == nil { effects.append(.event(frame)) }
        let word = frame.flatMap(word)
        let answers = client.handle(event, at: now)
        effects += (word.map { wanted(answers, to: $0) } ?? answers).map(ScriptEffect.client)
        if case .say(let text) = errand, event == .started {
            effects += enter(text.hasPrefix("/") ? "/\(text)" : text, at: now) + end(at: now)
        }
        if case .connection(_, .opened(let subprotocol)) = event { effects += opened(subprotocol, at: now) }
        if let word { effects += heard(word, at: now) }
        if tail != nil, effects.contains(where: \.isFailure) {
            tail = nil
            effects += end(at: now)
        }
        return effects + watchProgress(at: now)
    }

    /// The frame of an event, if it came on the current connection.
    private func frame(of event: ClientEvent) -> ByteBuffer? {
        guard case .connection(let attempt, .received(let frame)) = event, attempt == client.attempt,
            client.reconnecting.phase != .ended
        else { return nil }
        return frame
    }

    /// The decoded frame, if the errand needs it; decoding every frame a second time would take too long.
    private func word(in json: ByteBuffer) -> V2Frame? {
        guard client.session.dialect == .v2, !isInside || tail != nil, !client.configuration.isInteractive else {
            return nil
        }
        return try? V2Frame(json: json.readableBytesView)
    }

    private mutating func opened(_ subprotocol: String?, at now: Duration) -> [ScriptEffect] {
        isInside = false
        guard tail != nil, subprotocol == nil else { return [] }
        tail = nil
        return stop(.unreachable, "this server keeps no messages that could be shown", at: now)
    }

    /// Handles what the client's state leaves to the user: whether the room could be entered, and its messages.
    private mutating func heard(_ frame: V2Frame, at now: Duration) -> [ScriptEffect] {
        if case .joined = frame.event { isInside = true }
        if let words = Self.refusal(in: frame) {
            tail = nil
            return stop(.refused, "the server refused: \(words)", at: now)
        }
        switch tail?.hear(frame.event) {
        case nil, .wait: return []
        case .older(let count): return enter("/history \(count)", at: now)
        case .done(let messages):
            tail = nil
            return messages.map(ScriptEffect.message) + end(at: now)
        }
    }

    /// Removes effects that are meant for a user at a terminal: following them into another room, and the words about
    /// pages.
    private func wanted(_ answers: [ClientEffect], to frame: V2Frame) -> [ClientEffect] {
        if let words = Self.refusal(in: frame) {
            return answers.compactMap { answer in
                guard case .show(.failed(let line, reason: _)) = answer else { return nil }
                return .show(.failed(line: line, reason: words))
            }
        }
        guard case .history = frame.event, tail != nil else { return answers }
        return answers.filter { if case .show(.status) = $0 { false } else { true } }
    }

    /// Why the first room could not be entered. A user would go on in the lobby, but a script's lines are meant for
    /// this room alone.
    private static func refusal(in frame: V2Frame) -> String? {
        guard case .error(let code, let words, retryAfterMilliseconds: _) = frame.event,
            frame.ref == Chore.resume.rawValue, !["unavailable", "rate_limited", "internal"].contains(code)
        else { return nil }
        return words.isEmpty ? code : words
    }

    private mutating func enter(_ line: String, at now: Duration) -> [ScriptEffect] {
        client.handle(.line(line), at: now).map(ScriptEffect.client)
    }

    private mutating func end(at now: Duration) -> [ScriptEffect] {
        client.handle(.endOfInput, at: now).map(ScriptEffect.client)
    }

    private mutating func stop(_ code: ExitCode, _ words: String, at now: Duration) -> [ScriptEffect] {
        client.stop(code, saying: words, at: now).map(ScriptEffect.client)
    }

    // MARK: Waiting for the last confirmations

    private var progressDeadline: Duration? {
        guard let progress else { return nil }
        // No line can be confirmed during a pause that the server asked for.
        return max(progress.at, client.session.outbox.pacing.pausedUntil ?? progress.at)
            + (client.configuration.patience ?? Timing.outage)
    }

    private mutating func watchProgress(at now: Duration) -> [ScriptEffect] {
        let outbox = client.session.outbox
        guard outbox.isDraining, !outbox.isEmpty, client.reconnecting.wasEverOpen, !client.reconnecting.isEnding else {
            progress = nil
            return []
        }
        let left = outbox.count
        if progress.map({ left < $0.left }) ?? true { progress = (left, now) }
        guard let progressDeadline, progressDeadline <= now else { return [] }
        progress = nil
        return stop(.unacknowledged, "the server confirms nothing; giving up", at: now)
    }
}

extension ScriptEffect {
    /// Whether a line of the script was refused.
    fileprivate var isFailure: Bool {
        if case .client(.show(.failed)) = self { true } else { false }
    }
}
