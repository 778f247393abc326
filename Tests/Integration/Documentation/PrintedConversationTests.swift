import Foundation
import Testing
import Wire

extension Integration {
    /// The conversations that the pages print, held with a server.
    @Suite("Printed conversations", .serialized)
    struct PrintedConversations {
        /// The lines of a block with arrows, those that go on in the next line joined.
        private static func lines(_ block: String) -> [(isSent: Bool, json: String)] {
            block.components(separatedBy: "\n").reduce(into: []) { lines, line in
                if line.hasPrefix("→ ") || line.hasPrefix("← ") {
                    lines.append((line.hasPrefix("→"), String(line.dropFirst(2))))
                } else if !lines.isEmpty {
                    lines[lines.count - 1].json += line.drop { $0 == " " }
                }
            }
        }

        @Test("The first conversation of docs/chat-v2.md goes as it is printed")
        func firstConversation() async throws {
            let lines = Self.lines(try Page("docs/chat-v2.md").block("", with: "→ {\"type\":\"join_room\""))
            #expect(lines.count == 7)
            let instance = try ChatInstance("server-1", ["rate_limit_messages": 100])
            try await instance.start()
            let bob = try await instance.enterV2("bob")
            try await bob.say("anyone here?")
            let alice = try await instance.v2("alice")
            var likeness = Likeness()
            for (index, line) in lines.enumerated() {
                let printed = try JSONSerialization.jsonObject(with: Data(line.json.utf8)) as? [String: Any]
                if line.isSent {
                    alice.send(text: line.json)
                    continue
                }
                if printed?["type"] as? String == "chat_message", let words = printed?["content"] as? String {
                    bob.send(.chatMessage(content: words, room: nil, id: nil))
                }
                let seen =
                    index == 0
                    ? try #require(alice.socket.texts.all.first).text : try await alice.nextText().text.text
                let actual = try JSONSerialization.jsonObject(with: Data(seen.utf8))
                let isLike = likeness.holds(printed as Any, actual, at: "")
                #expect(isLike, "\(line.json)\n\(seen)")
            }
            try await alice.close()
            await instance.kill9()
        }

        @Test("What docs/chat-v2.md prints as requests and events are such")
        func frames() throws {
            let blocks = try ["", "json"].flatMap { try Page("docs/chat-v2.md").blocks($0) }
            let lines = blocks.filter { $0.contains("→ {") }.flatMap(Self.lines)
            #expect(lines.count >= 11)
            for line in lines {
                let json = line.json.replacing(", …, ", with: ", ")
                if line.isSent { _ = try V2Request(json: json.utf8) } else { _ = try V2Frame(json: json.utf8) }
            }
        }

        @Test("README's first chat is what two clients with lines print")
        func firstChat() async throws {
            let printed = try Page("README.md").block("", with: "[System] bob joined").components(separatedBy: "\n")
            let instance = try ChatInstance("server-readme")
            try await instance.start()
            func client(_ name: String) throws -> ScriptedClient {
                try ScriptedClient(
                    ["--plain", "-addr", "localhost:\(instance.port)", "-username", name], input: .pipe)
            }
            let alice = try client("alice")
            try await alice.prints("alice joined")
            let bob = try client("bob")
            try await alice.prints("bob joined")
            bob.enter("hello from bob")
            try await alice.prints("hello from bob")
            alice.enter("hello bob")
            try await alice.prints("hello bob\n")
            let said = (alice.errors + alice.output).replacing("localhost:\(instance.port)", with: "localhost:8080")
            #expect(Self.timeless(said) == Self.timeless(printed.joined(separator: "\n") + "\n"))
            for client in [alice, bob] {
                client.hangUp()
                #expect(try await client.exit() == .exited(0))
            }
            await instance.kill9()
        }

        private static func timeless(_ text: String) -> String {
            text.replacing(/\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\]/, with: "[time]")
        }
    }
}

/// Compares JSON with printed JSON, in which some values are examples.
private struct Likeness {
    private var epoch: String?

    /// Same fields and lengths everywhere; the same values but where they are each server's or moment's own.
    mutating func holds(_ printed: Any, _ actual: Any, at field: String) -> Bool {
        switch (printed, actual) {
        case (let printed as [String: Any], let actual as [String: Any]):
            guard Set(printed.keys) == Set(actual.keys) else { return false }
            for (key, value) in printed {
                guard let other = actual[key], holds(value, other, at: key) else { return false }
            }
            return true
        case (let printed as [Any], let actual as [Any]):
            guard printed.count == actual.count else { return false }
            for (one, other) in zip(printed, actual) where !holds(one, other, at: field) { return false }
            return true
        case (let printed as String, let actual as String):
            return holds(printed, actual, at: field)
        case (let printed as NSNumber, let actual as NSNumber):
            return printed == actual
        default:
            return false
        }
    }

    private mutating func holds(_ printed: String, _ actual: String, at field: String) -> Bool {
        switch field {
        case "timestamp":
            return Timestamps.date(actual) != nil && Timestamps.date(printed) != nil
        case "epoch":
            defer { epoch = actual }
            return epoch == nil || epoch == actual
        case "id" where !printed.hasSuffix("…"), "version":
            return !actual.isEmpty
        default:
            return printed.hasSuffix("…") ? !actual.isEmpty : printed == actual
        }
    }
}
