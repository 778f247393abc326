import Foundation
import Testing

/// A scripted conversation of the classic dialect: who does what, and byte for byte what each one then hears.
struct Transcript: Sendable, CustomTestStringConvertible {
    let title: String
    let steps: [Step]

    init(_ title: String, _ steps: [Step]) {
        self.title = title
        self.steps = steps
    }

    var testDescription: String { title }

    enum Step: Sendable {
        /// Connects and, as its very first frame, hears of its own coming.
        case enters(String, room: String = "global")
        case sends(String, String)
        /// The next frame, byte for byte; `{now}` stands for the server's timestamp.
        case hears(String, TextFrame)
        /// The next frame is a `system_message` in words of the server's choice.
        case isRefused(String)
        /// Closes in good order.
        case goes(String)
    }
}

extension Transcript.Step {
    static func says(_ who: String, _ content: String) -> Self {
        .sends(who, #"{"type":"chat_message","content":"\#(content)"}"#)
    }

    static func joins(_ who: String, _ room: String) -> Self {
        .sends(who, #"{"type":"join_room","room":"\#(room)"}"#)
    }

    /// The frame that a message becomes for everyone but its sender.
    static func hears(_ who: String, from sender: String, _ content: String, room: String = "global") -> Self {
        .hears(
            who,
            TextFrame(
                #"{"type":"chat_message","sender":"\#(sender)","content":"\#(content)","timestamp":"{now}","room":"\#(room)"}"#
            ))
    }

    static func sees(_ who: String, _ notice: String) -> Self { .hears(who, .notice(notice)) }
}

extension Transcript {
    /// Plays it with one client per name, in turn on each instance of the cluster, and ends with silence: nobody hears more than is written.
    func play(on cluster: Cluster) async throws {
        try await cluster.vacate()
        var clients: [String: WebSocketClient] = [:]
        var order: [String] = []
        do {
            for (index, step) in steps.enumerated() {
                let note = Comment(rawValue: "step \(index + 1) of “\(title)”: \(step)")
                try await perform(step, note, &clients, &order, cluster)
            }
            // Twice: what was still on its way between two instances when first asked is there the second time.
            for name in order + order { try await clients[name]?.isQuiet() }
        } catch {
            for client in clients.values { await client.drop() }
            throw error
        }
        for name in order { try await clients[name]?.close() }
    }

    private func perform(
        _ step: Step, _ note: Comment, _ clients: inout [String: WebSocketClient], _ order: inout [String],
        _ cluster: Cluster
    ) async throws {
        switch step {
        case .enters(let name, let room):
            let client = try await cluster[order.count].client(name, room: room == "global" ? nil : room)
            clients[name] = client
            order.append(name)
            try await client.hears(notice: "\(name) joined the room \(room)")
        case .sends(let name, let text):
            clients[name]?.send(text)
        case .hears(let name, let expected):
            let client = try #require(clients[name])
            let frame = try await client.next { $0.withoutTimestamp() == expected }
            try #require(frame.withoutTimestamp() == expected, note)
        case .isRefused(let name):
            try await #require(clients[name]).hearsError()
        case .goes(let name):
            try await clients.removeValue(forKey: name)?.close()
            order.removeAll { $0 == name }
        }
    }
}

extension TextFrame {
    /// The frame with `{now}` in place of its timestamp, where that is `yyyy-MM-dd HH:mm:ss` in UTC and of these seconds.
    func withoutTimestamp() -> TextFrame {
        let key = #""timestamp":""#
        guard let start = text.range(of: key), let end = text[start.upperBound...].firstIndex(of: "\"") else {
            return self
        }
        let stamp = String(text[start.upperBound..<end])
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(identifier: "UTC")
        format.dateFormat = "yyyy-MM-dd HH:mm:ss"
        guard stamp.utf8.count == 19, let date = format.date(from: stamp), abs(date.timeIntervalSinceNow) < 10 else {
            return self
        }
        return TextFrame(text.replacingCharacters(in: start.upperBound..<end, with: "{now}"))
    }
}
