import Testing
import Transport
import Wire

@testable import ChatClient

@Suite struct ClientV2LeavingTests {
    @Test func `A pipe's end waits for the acknowledgements`() {
        var client = Client.v2(interactive: false)
        client.handle(.line("one"))
        client.handle(.endOfInput)
        client.enter()
        #expect(!client.effects.contains(.close(Attempt(number: 1), .normal)))
        client.acknowledge(1)
        #expect(client.effects.last == .close(Attempt(number: 1), .normal))
        client.connection(.ended(.closed(.normal, reason: "")))
        #expect(client.exitCode == .success)
    }

    @Test func `A pipe with nothing in it ends with the welcome`() {
        var client = Client(interactive: false, editor: false)
        client.handle(.endOfInput)
        client.open()
        #expect(client.effects.last == .close(Attempt(number: 1), .normal))
    }

    @Test func `A pipe that cannot reach its server any more says what was not confirmed`() {
        var client = Client.live(interactive: false)
        client.handle(.line("one"))
        client.lose()
        for _ in 0..<20 where client.exitCode == nil {
            client.passDeadline()
            client.connection(.ended(.unreachable("connection refused")))
        }
        #expect(client.exitCode == .unacknowledged)
        #expect(client.statuses.last == "1 line was not confirmed by the server")
    }

    @Test func `Someone who quits waits a moment for their last words to be stored`() {
        var stored = Client.live()
        stored.handle(.line("bye"))
        stored.handle(.line("/quit"))
        #expect(!stored.effects.contains(.close(Attempt(number: 1), .normal)))
        var ignored = stored
        var lost = stored
        stored.acknowledge(1)
        #expect(stored.effects.last == .close(Attempt(number: 1), .normal))
        ignored.now = Timing.close
        ignored.handle(.tick)
        #expect(ignored.effects.contains(.close(Attempt(number: 1), .normal)))
        lost.lose()
        #expect(lost.exitCode == .success)
        #expect(lost.statuses.last == "1 line was not confirmed by the server")
    }

    @Test func `An interrupt does not wait, and says what was not confirmed`() {
        var client = Client.live()
        client.handle(.line("bye"))
        client.handle(.interrupted(.interrupt))
        #expect(client.effects.contains(.close(Attempt(number: 1), .normal)))
        client.connection(.ended(.closed(.normal, reason: "")))
        #expect(client.statuses == ["1 line was not confirmed by the server"])
        #expect(client.exitCode == .interrupt)
    }
}
