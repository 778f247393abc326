import Foundation
import Testing

@testable import ChatServer

struct InstanceNameTests {
    private func name(_ address: String, _ port: Int, random: UInt32 = 0) -> String {
        InstanceName.standard(host: "box", address: address, port: port) { random }
    }

    @Test(arguments: ["0.0.0.0", "::", ""])
    func `an instance that listens everywhere is called by host and port`(address: String) {
        #expect(name(address, 8080) == "box:8080")
    }

    @Test func `two instances on one host have two names`() {
        #expect(name("0.0.0.0", 8080) != name("0.0.0.0", 8081))
        #expect(name("127.0.0.1", 8080) == "box/127.0.0.1:8080")
        #expect(name("127.0.0.1", 8080) != name("127.0.0.2", 8080))
    }

    @Test func `a port that is not known yet has something random in its place`() {
        #expect(name("0.0.0.0", 0, random: 35) == "box:z")
        #expect(name("0.0.0.0", 0, random: 1) != name("0.0.0.0", 0, random: 2))
        #expect(!InstanceName.host.isEmpty)
    }
}

struct SignalPolicyTests {
    @Test func `the first order to stop is followed in good order, the next one at once, whichever signals they were`()
    {
        var policy = ProcessSignals.Policy()
        #expect(policy.order(SIGTERM) == .stop)
        #expect(policy.order(SIGINT) == .stopAtOnce)
        #expect(policy.order(SIGTERM) == .stopAtOnce)
    }

    @Test func `no other signal ends the server, before or while it stops`() {
        var policy = ProcessSignals.Policy()
        for _ in 1...2 {
            #expect(policy.order(SIGHUP) == .reload)
            #expect(policy.order(SIGUSR1) == .nothing)
            #expect(policy.order(SIGUSR2) == .nothing)
            _ = policy.order(SIGTERM)
        }
    }
}
