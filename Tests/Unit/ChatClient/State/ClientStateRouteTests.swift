import Testing
import Transport
import Wire

@testable import ChatClient

/// Several addresses, in the client's mind.
@Suite struct ClientStateRouteTests {
    private func client(patience: Duration? = nil) -> Client {
        var client = Client(interactive: false)
        client.state = ClientState(
            .init(
                address: ServerAddress(host: "a", port: 1), username: "al", isInteractive: false, inputCanWait: true,
                otherAddresses: [ServerAddress(host: "b", port: 2)], patience: patience),
            random: { 1 })
        client.effects = []
        client.handle(.started)
        return client
    }

    @Test func `A dead server costs no pause, and the one that answers is named`() {
        var client = client()
        client.connection(.ended(.unreachable("connection refused")))
        #expect(client.requests.count == 2)
        #expect(client.statuses == ["cannot connect to a:1: connection refused; trying b:2"])
        client.connection(.opened(subprotocol: nil))
        client.system("al joined the room global")
        #expect(client.statuses.last == "connected to b:2 as al")
    }

    @Test func `One that is silent costs three seconds`() {
        var client = client()
        client.passDeadline()
        #expect(client.now == .seconds(3))
        #expect(client.state.address.host == "b")
    }

    @Test func `Where all are silent each gets its time, for they may be slow`() {
        var client = client(patience: .seconds(60))
        for _ in 0..<3 { client.passDeadline() }
        let begin = client.now
        client.passDeadline()
        #expect(client.now - begin == .seconds(10))
    }

    @Test func `A token that has expired is not presented to the other servers`() {
        var client = client()
        client.greet("global")
        client.now += .seconds(60)
        client.connection(.ended(.closed(.tokenExpired, reason: "")))
        #expect(client.requests.count == 1 && client.exitCode == .refused)
        #expect(client.statuses.last == "the server closed the connection: the token has expired")
    }

    @Test(arguments: [429, 503, 502])
    func `One that is full or draining is passed over`(status: Int) {
        var client = client()
        client.connection(.ended(.refused(status: status, words: "", retryAfter: .seconds(9))))
        #expect(client.state.address.host == "b")
        client.connection(.ended(.refused(status: status, words: "", retryAfter: .seconds(9))))
        #expect(client.isWaiting)
        #expect(client.state.nextDeadline == .seconds(9))
    }

    @Test(arguments: [400, 401, 403])
    func `What one refuses the others refuse, too`(status: Int) {
        var client = client()
        client.connection(.ended(.refused(status: status, words: "no", retryAfter: nil)))
        #expect(client.exitCode == .refused)
    }

    @Test func `After a connection was lost there is a pause, and the same server comes first`() {
        var client = client()
        client.greet("global")
        client.lose()
        #expect(client.isWaiting)
        #expect(client.state.address.host == "a")
    }

    @Test func `A limit holds for the silent, too`() {
        var client = client(patience: .seconds(4))
        while client.exitCode == nil, client.now < .seconds(60) { client.passDeadline() }
        #expect(client.exitCode == .unreachable)
        #expect(client.now <= .seconds(5))
    }
}
