import HTTPTypes
import Infrastructure
import Testing

@testable import ChatServer

struct GateTests {
    private let registry: PrometheusRegistry
    private let gate: Gate

    init() {
        registry = PrometheusRegistry()
        gate = Gate(maximumConnections: 2, metrics: EdgeMetrics(registry))
    }

    private func outcome(_ uri: String = "/ws?username=alice") -> Refusal? {
        do throws(Refusal) {
            _ = try gate.admit(uri)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a client with a good name is let in`() throws {
        #expect(try gate.admit("/ws?username=alice&room=dev") == Admission(uri: "/ws?username=alice&room=dev"))
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

    @Test func `a request that was not upgraded hears why, and is counted`() {
        #expect(gate.refusal(of: "/ws?username=alice") == .upgradeRequired)
        #expect(gate.refusal(of: "/ws") == .badRequest("username required"))
        gate.close()
        #expect(gate.refusal(of: "/ws?username=alice") == .draining)
        #expect(registry.render().contains("chat_connections_refused_total 3\n"))
    }
}
