import Domain
import HTTPTypes
import InfrastructureObservability
import NIOHTTP1
import Testing

@testable import ChatServer

struct GateTests {
    private let registry: PrometheusRegistry
    private let gate: Gate

    init() {
        registry = PrometheusRegistry()
        gate = Gate(DoorRules(maximumConnections: 2), metrics: EdgeMetrics(registry))
    }

    private func outcome(_ uri: String = "/ws?username=alice") -> Refusal? {
        do throws(Refusal) {
            _ = try gate.admit(try .handshake(uri)).decided
            return nil
        } catch {
            return error
        }
    }

    @Test func `a client with a good name is let in`() throws {
        let admitted = try gate.admit(try .handshake("/ws?username=alice&room=dev")).decided
        #expect(admitted.username.text == "alice")
        #expect(admitted.room.text == "dev")
        #expect(admitted.subprotocols == [])
    }

    @Test func `connections are counted until they are closed, and no more are let in than allowed`() {
        gate.enter()
        #expect(gate.connectionCount == 1)
        #expect(outcome() == nil)
        gate.enter()
        #expect(outcome() == .full)
        gate.leave()
        #expect(gate.connectionCount == 1)
        #expect(outcome() == nil)
        gate.leave()
        #expect(gate.connectionCount == 0)
    }

    @Test func `a bad name is told even where the server is full, since waiting would not help`() {
        for _ in 0..<2 { gate.enter() }
        #expect(outcome("/ws") == .badRequest("username required"))
    }

    @Test func `a draining server lets nobody in`() {
        #expect(!gate.isDraining)
        gate.close()
        #expect(gate.isDraining)
        #expect(outcome() == .draining)
        #expect(outcome("/ws") == .draining)
    }

    @Test func `those who are refused for now are told when to come back`() {
        #expect(Refusal.draining.status == .serviceUnavailable && Refusal.draining.headers[.retryAfter] == "1")
        #expect(Refusal.full.status == .serviceUnavailable && Refusal.full.headers[.retryAfter] == "10")
    }

    @Test func `a handshake that is none is told last, since nothing else is wrong with it`() throws {
        let plain = { (uri: String) throws(Refusal) in try gate.admit(try .make(.GET, uri)).decided }
        #expect(throws: Refusal.upgradeRequired) { try plain("/ws?username=alice") }
        #expect(throws: Refusal.badRequest("username required")) { try plain("/ws") }
        for _ in 0..<2 { gate.enter() }
        #expect(throws: Refusal.full) { try plain("/ws?username=alice") }
    }

    @Test func `who is refused is counted`() {
        #expect(outcome() == nil)
        #expect(outcome("/ws") == .badRequest("username required"))
        gate.close()
        #expect(outcome() == .draining)
        #expect(registry.render().contains("chat_connections_refused_total 2\n"))
    }
}
