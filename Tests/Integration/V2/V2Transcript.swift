import Foundation
import Testing
import Wire

/// A scripted conversation of `chat.v2`: who does what, and byte for byte what each one then sees.
///
/// A word in angle brackets stands for what a test cannot know beforehand: `<now>` for a time of these seconds, any other
/// for whatever stands there first, and for the same from then on. Numbers called `<1>`, `<2>`, … must increase.
struct V2Transcript: Sendable, CustomTestStringConvertible {
    let title: String
    let steps: [Step]

    init(_ title: String, _ steps: [Step]) {
        self.title = title
        self.steps = steps
    }

    var testDescription: String { title }

    enum Step: Sendable {
        /// Connects, and sees the `welcome`.
        case connects(String, room: String = "global")
        case sends(String, String)
        /// The next frame.
        case sees(String, String)
        /// The next frame is an `error` with that code, in words of the server's choice.
        case isRefused(String, code: String, ref: String?)
        /// Closes in good order.
        case goes(String)
    }
}

extension V2Transcript.Step {
    /// Joins a room, and sees nothing of what was said there before.
    static func enters(_ who: String, _ room: String = "global", members: Int, head: String = "<any>") -> [Self] {
        [
            .sends(who, #"{"type":"join_room","room":"\#(room)","history":0}"#),
            .sees(
                who, #"{"type":"joined","room":"\#(room)","members":\#(members),"last_seq":\#(head),"epoch":"<epoch>"}"#
            ),
            .sees(who, #"{"type":"history","room":"\#(room)","messages":[],"more":<any>,"epoch":"<epoch>"}"#),
        ]
    }

    static func seesJoined(_ who: String, _ user: String, _ room: String = "global", members: Int) -> Self {
        .sees(
            who,
            #"{"type":"user_joined","room":"\#(room)","username":"\#(user)","members":\#(members),"timestamp":"<now>"}"#
        )
    }

    static func seesLeft(_ who: String, _ user: String, _ room: String = "global", members: Int) -> Self {
        .sees(
            who,
            #"{"type":"user_left","room":"\#(room)","username":"\#(user)","members":\#(members),"timestamp":"<now>"}"#)
    }
}

extension V2Transcript {
    /// Plays it with one client per name, in turn on each instance of the cluster, and ends with silence: nobody sees more than is written.
    func play(on cluster: Cluster) async throws {
        try await cluster.vacate()
        var cast = Cast()
        for (index, step) in steps.enumerated() {
            do {
                try await perform(step, &cast, cluster)
            } catch {
                throw Unexpected("step \(index + 1) of “\(title)”: \(step)\n\(error)")
            }
        }
        // Twice: what was still on its way between two instances when first asked is there the second time.
        for name in cast.order + cast.order { try await cast.clients[name]?.isQuiet() }
        for name in cast.order { try await cast.clients[name]?.close() }
        let numbers = cast.pattern.bound.compactMap { name, value in Int(name).map { ($0, UInt64(value) ?? 0) } }
        let inOrder = numbers.sorted { $0.0 < $1.0 }.map(\.1)
        #expect(zip(inOrder, inOrder.dropFirst()).allSatisfy(<), "sequence numbers increase: \(inOrder)")
    }

    private struct Cast {
        var clients: [String: V2Client] = [:]
        var order: [String] = []
        var pattern = Pattern()
    }

    private func perform(_ step: Step, _ cast: inout Cast, _ cluster: Cluster) async throws {
        switch step {
        case .connects(let name, let room):
            let instance = cluster[cast.order.count]
            let client = try await instance.v2(name, room: room == "global" ? nil : room)
            (cast.clients[name], cast.order) = (client, cast.order + [name])
            let text = try #require(client.socket.texts.all.first).text
            let welcome =
                #"{"type":"welcome","username":"\#(name)","session":"<secret of \#(name)>","instance":"\#(instance.name)","#
                + #""version":"<version>","rooms":["\#(room)"],"limits":{"message_bytes":16384,"#
                + #""messages_per_window":0,"window_seconds":0,"frame_bytes":102400,"rooms_per_session":100}}"#
            guard cast.pattern.matches(welcome, text) else { throw Unexpected("got \(text)") }
        case .sends(let name, let text):
            try #require(cast.clients[name]).send(text: cast.pattern.filled(text))
        case .sees(let name, let expected):
            let text = try await #require(cast.clients[name]).nextText().text.text
            guard cast.pattern.matches(expected, text) else { throw Unexpected("got \(text)") }
        case .isRefused(let name, let code, let ref):
            try await #require(cast.clients[name]).isRefused(code, ref: ref)
        case .goes(let name):
            try await cast.clients.removeValue(forKey: name)?.close()
            cast.order.removeAll { $0 == name }
        }
    }
}

/// Compares texts with patterns in which words in angle brackets stand for something.
struct Pattern {
    private(set) var bound: [String: String] = [:]

    /// The pattern with everything put in that is known.
    func filled(_ pattern: String) -> String {
        bound.reduce(pattern) { $0.replacing("<\($1.key)>", with: $1.value) }
    }

    /// Whether `text` is what `pattern` says, byte for byte; what it binds is kept.
    mutating func matches(_ pattern: String, _ text: String) -> Bool {
        var rest = Array(text.utf8)[...]
        var parts = pattern.utf8.split(separator: UInt8(ascii: "<"), omittingEmptySubsequences: false)[...]
        guard let start = parts.popFirst(), rest.starts(with: start) else { return false }
        rest = rest.dropFirst(start.count)
        for part in parts {
            guard let end = part.firstIndex(of: UInt8(ascii: ">")) else { return false }
            let literal = part[part.index(after: end)...]
            let stop = literal.first.flatMap { rest.firstIndex(of: $0) } ?? rest.endIndex
            let value = String(decoding: rest[..<stop], as: UTF8.self)
            guard isRight(value, for: String(Substring(part[..<end]))), rest[stop...].starts(with: literal) else {
                return false
            }
            rest = rest[stop...].dropFirst(literal.count)
        }
        return rest.isEmpty
    }

    private mutating func isRight(_ value: String, for name: String) -> Bool {
        switch name {
        case "any":
            return true
        case "now":
            return Timestamps.date(value).map { abs($0.timeIntervalSinceNow) < 10 } ?? false
        default:
            if let known = bound[name] { return known == value }
            bound[name] = value
            return !value.isEmpty
        }
    }
}
