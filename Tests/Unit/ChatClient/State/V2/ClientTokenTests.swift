import NIOCore
import Testing
import Transport
import Wire

@testable import ChatClient

/// Tokens that expire, are revoked or renewed. The test plays the shell: it answers each look at the token file.
@Suite struct ClientTokenTests {
    private static let expired = V2Event.error(
        code: "token_expired", content: "the token has expired", retryAfterMilliseconds: nil)
    private static let accepted = V2Event.authenticated(V2Authenticated(expiresAt: nil, role: "user"))

    /// A client in a room, whose token is from `credential`; its username is told by the server.
    private func client(
        _ credential: Credential = .file("/t"), interactive: Bool = true, patience: Duration? = nil
    ) -> Client {
        var client = Client(interactive: interactive)
        client.state = ClientState(
            .init(
                address: ServerAddress(host: "h", port: 1), username: "", credential: credential,
                isInteractive: interactive, inputCanWait: !interactive, patience: patience),
            random: { 1 })
        client.effects = []
        client.handle(.started)
        return client
    }

    private func live(
        _ credential: Credential = .file("/t"), interactive: Bool = true, patience: Duration? = nil
    ) -> Client {
        var client = client(credential, interactive: interactive, patience: patience)
        client.open()
        client.enter()
        client.effects = []
        return client
    }

    // MARK: Renewing

    @Test func `A name that only the token tells is learned from the welcome`() {
        var client = client()
        #expect(client.requests.first?.username == "")
        client.open()
        #expect(client.state.status.username == "al")
        #expect(client.statuses == ["connected to h:1 as al"])
    }

    @Test func `A name that only the token tells is learned from the first classic notice, and from no other`() {
        var client = client()
        client.connection(.opened(subprotocol: nil))
        client.system("al joined the room dev")
        client.system("bo joined the room other")
        #expect(client.state.status.username == "al")
        #expect(client.state.session.rooms.confirmed == "dev")
        #expect(client.statuses == ["connected to h:1 as al"])
    }

    @Test func `An expired token is replaced by the one that is in the file by then`() {
        var client = live()
        client.hear(Self.expired)
        #expect(client.tokenUses == [.present(client.state.attempt, evenIfSame: false)])
        client.handle(.token(.new))
        client.now += .milliseconds(30)
        client.hear(Self.accepted, ref: "authenticate")
        #expect(client.statuses == ["the server has accepted the new token"])
        #expect(client.state.status.lag == .milliseconds(30))
        #expect(client.tokenUses.count == 1 && client.exitCode == nil)
    }

    @Test func `While the file has no other token the client says so once, and looks every second`() {
        var client = live()
        client.hear(Self.expired)
        client.handle(.token(.same))
        for seconds in 1...3 {
            client.passDeadline()
            #expect(client.now == .seconds(seconds))
            client.handle(.token(.same))
        }
        #expect(client.statuses == ["the token has expired, and /t has no other one yet; waiting for it"])
        #expect(client.tokenUses.count == 4)
        client.passDeadline()
        client.handle(.token(.new))
        client.hear(Self.accepted, ref: "authenticate")
        #expect(client.statuses.last == "the server has accepted the new token")
        client.effects = []
        client.passDeadline()
        #expect(client.tokenUses.isEmpty, "nothing is looked for any more")
    }

    @Test func `A file that cannot be read is told with the reason, and read again`() {
        var client = live()
        client.hear(Self.expired)
        client.handle(.token(.unreadable("there is no file /t")))
        #expect(client.statuses == ["the token has expired, and there is no new one: there is no file /t"])
        client.passDeadline()
        #expect(client.tokenUses.count == 2)
    }

    @Test func `A token that is not from a file cannot be renewed, which is said`() {
        var client = live(.fixed)
        client.hear(Self.expired)
        #expect(client.tokenUses.isEmpty)
        #expect(client.statuses.count == 1 && client.statuses[0].contains("not from a file"))
    }

    @Test(arguments: [("invalid_token", "it has expired"), ("forbidden", "it is another user's")])
    func `A new token that is refused is told in the server's words, and only another one is presented`(
        code: String, words: String
    ) {
        var client = live()
        client.hear(Self.expired)
        client.handle(.token(.new))
        client.hear(.error(code: code, content: words, retryAfterMilliseconds: nil), ref: "authenticate")
        #expect(client.statuses == ["the server refused the new token: \(words)"])
        client.passDeadline()
        #expect(client.tokenUses.last == .present(client.state.attempt, evenIfSame: false))
    }

    @Test func `A token that cannot be checked now is presented again`() {
        var client = live()
        client.hear(Self.expired)
        client.handle(.token(.new))
        client.hear(
            .error(code: "unavailable", content: "not now", retryAfterMilliseconds: 2_000), ref: "authenticate")
        client.passDeadline()
        #expect(client.now == .seconds(2))
        #expect(client.tokenUses.last == .present(client.state.attempt, evenIfSame: true))
    }

    @Test func `A server that does not answer is left, as with any request`() {
        var client = live()
        client.hear(Self.expired)
        client.handle(.token(.new))
        client.passDeadline()
        #expect(client.now == Timing.reply && client.isWaiting)
    }

    // MARK: Refused

    @Test(arguments: ["the token has expired", "token was revoked"])
    func `A close with 4002 is final for a token that cannot change, and told in the server's words`(reason: String) {
        var client = live(.fixed)
        client.connection(.ended(.closed(.tokenExpired, reason: reason)))
        #expect(client.exitCode == .refused && client.requests.isEmpty)
        #expect(client.statuses == ["the server closed the connection: \(reason)"])
    }

    @Test func `After a close with 4002 a new token is tried at once`() {
        var client = live()
        client.connection(.ended(.closed(.tokenExpired, reason: "token was revoked")))
        #expect(client.tokenUses == [.nextConnection] && client.requests.isEmpty)
        client.handle(.token(.new))
        #expect(client.requests.count == 1)
        #expect(
            client.statuses == [
                "the server closed the connection: token was revoked; trying the new token in /t"
            ])
    }

    @Test func `A user waits for another token as long as it takes, and is told once`() {
        var client = live()
        client.connection(.ended(.closed(.tokenExpired, reason: "token was revoked")))
        client.handle(.token(.same))
        #expect(client.state.status.connection == .awaitingToken)
        for _ in 0..<100 {
            client.passDeadline()
            client.handle(.token(.same))
        }
        #expect(client.now == .seconds(100) && client.requests.isEmpty && client.exitCode == nil)
        #expect(
            client.statuses == [
                "the server closed the connection: token was revoked; waiting for another token in /t"
            ])
        client.passDeadline()
        client.handle(.token(.new))
        #expect(client.requests.count == 1)
    }

    @Test func `A pipe waits as long as it would for a server, and ends with 77`() {
        var client = live(interactive: false, patience: .seconds(3))
        client.connection(.ended(.closed(.tokenExpired, reason: "")))
        for _ in 0..<3 {
            #expect(client.exitCode == nil)
            client.handle(.token(.same))
            client.passDeadline()
        }
        #expect(client.exitCode == .refused)
        #expect(client.statuses.last == "no new token came; giving up")
    }

    @Test(arguments: [401, 403])
    func `A refusal at the first connection is final, unless there is another token by then`(status: Int) {
        var client = client()
        client.connection(.ended(.refused(status: status, words: "the key is not known", retryAfter: nil)))
        client.handle(.token(.new))
        #expect(client.requests.count == 2)
        client.connection(.ended(.refused(status: status, words: "the key is not known", retryAfter: nil)))
        client.handle(.token(.same))
        #expect(client.exitCode == .refused && client.requests.count == 2)
        #expect(client.statuses.last == "the server refused: the key is not known")
    }

    @Test func `A refusal at a reconnect is waited out like a close`() {
        var client = live()
        client.lose()
        client.passDeadline()
        client.connection(.ended(.refused(status: 401, words: "expired", retryAfter: nil)))
        client.handle(.token(.same))
        #expect(client.exitCode == nil && client.state.status.connection == .awaitingToken)
    }

    @Test func `Whoever asks to reconnect, or to quit, does not wait for a token`() {
        var client = live()
        client.connection(.ended(.closed(.tokenExpired, reason: "")))
        client.handle(.token(.same))
        var quitting = client
        quitting.handle(.line("/quit"))
        #expect(quitting.exitCode == .success)
        client.handle(.line("/reconnect"))
        #expect(client.requests.count == 1)
    }

    // MARK: Several sessions

    @Test func `What another session of the user says is shown as the own message`() {
        var client = live()
        client.hear(.chatMessage(.from("al", "from my phone", 7)))
        client.hear(.chatMessage(.from("bo", "hello", 8)))
        #expect(
            client.shown == [
                .sent(room: "global", content: "from my phone"),
                .message(timestamp: "", room: "global", sender: "bo", content: "hello"),
            ])
    }

    @Test func `A private message of another session is shown as the own one, in its conversation`() {
        var client = live()
        client.hear(
            .privateMessage(
                V2PrivateMessage(id: "p", sender: "al", to: "bo", content: "psst", timestamp: "", sequence: 3)))
        #expect(client.shown == [.sentPrivately(to: "bo", content: "psst")])
    }

    @Test func `A pending message that comes as an event is settled by it, and shown once`() {
        var client = live()
        client.handle(.line("hi"))
        let id = client.state.session.outbox.items.first?.id ?? ""
        client.hear(
            .chatMessage(
                V2Message(id: id, room: "global", sender: "al", content: "hi", timestamp: "", sequence: 9)))
        #expect(client.state.session.outbox.isEmpty)
        #expect(client.shown == [.sent(room: "global", content: "hi")])
    }
}

extension Client {
    fileprivate var tokenUses: [TokenUse] {
        effects.compactMap { if case .readToken(let use) = $0 { use } else { nil } }
    }
}

extension V2Message {
    fileprivate static func from(_ sender: String, _ content: String, _ sequence: UInt64) -> V2Message {
        V2Message(
            id: "id\(sequence)", room: "global", sender: sender, content: content, timestamp: "", sequence: sequence)
    }
}
