import Testing
import Transport
import Wire

@testable import ChatClient

/// Lines whose frames are larger than the server takes, though their texts are not.
@Suite struct ClientFrameLimitTests {
    private static let tooBig = ConnectionEvent.ended(.closed(.tooBig, reason: "message too large"))
    private static let large = String(repeating: "\0", count: 1000)

    private func failures(_ client: Client) -> [String] {
        client.shown.compactMap { if case .failed(let line, _) = $0 { line } else { nil } }
    }

    @Test func `What is larger than the frames that the server takes is not even sent`() {
        var client = Client.v2(interactive: false)
        client.lose()
        client.passDeadline()
        client.open(limits: .init(messageBytes: 8192, messagesPerWindow: 0, windowSeconds: 0, frameBytes: 6000))
        client.enter()
        client.effects = []
        // About 6,060 bytes with its fields, and one that fits.
        client.handle(.line(Self.large))
        client.handle(.line(String(Self.large.dropLast(50))))
        let size = V2Request(.chatMessage(content: Self.large, room: "global", id: "m1"), ref: "1").json.count
        #expect(
            client.shown == [
                .failed(
                    line: Self.large,
                    reason: "too long as it is written in a frame: \(size) bytes; the server takes 6000")
            ])
        #expect(client.messages.count == 1)
        #expect(client.state.session.outbox.hasLost)
    }

    @Test func `A server that does not tell is one of an earlier version, whose limit is known`() {
        var client = Client.v2(interactive: false)
        client.lose()
        client.passDeadline()
        client.open(limits: .init(messageBytes: 16_384, messagesPerWindow: 0, windowSeconds: 0))
        client.enter()
        client.effects = []
        let large = String(repeating: "\0", count: 12_000)
        client.handle(.line(large))
        client.handle(.line("next"))
        #expect(failures(client) == [large])
        #expect(client.messages == ["global/m2: next"])
    }

    @Test func `A line for which the server ends the connection is failed, and what is behind it sent`() {
        var client = Client.live(interactive: false)
        client.handle(.line(Self.large))
        client.handle(.line("next"))
        client.effects = []
        client.connection(Self.tooBig)
        #expect(failures(client) == [Self.large])
        client.passDeadline()
        client.open()
        client.enter()
        #expect(client.messages == ["global/m2: next"])
        // As large a line is not tried again, a smaller one is.
        client.acknowledge(1)
        client.effects = []
        client.handle(.line(Self.large))
        client.handle(.line(String(Self.large.dropLast())))
        #expect(failures(client) == [Self.large])
        #expect(client.messages.count == 1)
        // The exit status of a pipe tells.
        client.acknowledge(2)
        client.handle(.endOfInput)
        client.connection(.ended(.closed(.normal, reason: "")))
        #expect(client.exitCode == .incomplete)
    }

    @Test func `Of several lines under way the largest is the one that was too large`() {
        var client = Client.live()
        client.handle(.line("short"))
        client.handle(.line("/msg bob \(Self.large)"))
        client.handle(.line("/users"))
        #expect(client.requestsSent.count == 3)
        client.connection(Self.tooBig)
        #expect(failures(client) == ["/msg bob \(Self.large)"])
        client.effects = []
        client.passDeadline()
        client.open()
        client.enter()
        #expect(Set(client.commands.map(\.type)).isSuperset(of: ["chat_message", "list_users"]))
        #expect(!client.commands.contains { $0.type == "private_message" })
    }

    @Test func `A server of another version may take more`() {
        var client = Client.live()
        client.handle(.line(Self.large))
        client.connection(Self.tooBig)
        client.passDeadline()
        client.open(limits: .init(messageBytes: 8192, messagesPerWindow: 0, windowSeconds: 0, frameBytes: 65_536))
        client.enter()
        client.effects = []
        client.handle(.line(Self.large))
        #expect(client.messages.count == 1)
    }

    @Test func `With nothing under way no line is blamed`() {
        var client = Client.live()
        client.connection(Self.tooBig)
        #expect(failures(client).isEmpty)
        #expect(client.state.nextDeadline != nil, "it comes back")
    }

    @Test func `In the classic dialect a line that was being passed on is failed`() {
        var client = Client.open(interactive: false)
        client.handle(.line("short"))
        client.handle(.line(Self.large))
        client.effects = []
        client.connection(Self.tooBig)
        #expect(failures(client) == [Self.large])
        client.passDeadline()
        client.greet("global")
        #expect(client.said == ["short"])
        #expect(client.state.session.outbox.hasLost)
    }

    @Test func `In the classic dialect one that was passed on already is told, and counts as lost`() {
        var client = Client.open(interactive: false)
        client.handle(.line(Self.large))
        client.handle(.line("short"))
        client.connection(.sent(1))
        client.effects = []
        client.connection(Self.tooBig)
        #expect(failures(client).isEmpty)
        #expect(client.statuses.contains("a line was too long for the server, which did not pass it on"))
        #expect(client.state.session.outbox.hasLost)
    }
}
