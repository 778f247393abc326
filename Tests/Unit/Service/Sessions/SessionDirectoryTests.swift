import Domain
import Testing

@testable import Service
@testable import SteppedService

struct SessionDirectoryTests {
    private let directory = SessionDirectory()
    private let edge = FakeEdge()

    private func session(_ name: String) throws -> Session {
        Session(
            id: .random(), username: try Username(name), rooms: [.global], connection: edge.connection())
    }

    @Test func `a session is found by its name`() throws {
        let alice = try session("alice")
        directory.insert(alice)
        #expect(directory.sessions(named: "alice").first === alice)
        #expect(directory.sessions(named: "Alice").first == nil)
        #expect(directory.sessions(named: "not a name").first == nil)
        #expect(directory.count == 1)
        directory.remove(alice)
        #expect(directory.sessions(named: "alice").first == nil)
        #expect(directory.count == 0)
    }

    @Test func `a sender whose name has other bytes is somebody else`() throws {
        // The name of a user of ours is in form C; an original server's may be in any.
        let ours = try session("caf\u{E9}")
        directory.insert(ours)
        #expect(directory.sessions(named: "caf\u{E9}").first === ours)
        #expect(directory.sessions(named: "cafe\u{301}").first == nil)
    }

    @Test func `an earlier session of a name does not take the later one with it`() throws {
        let first = try session("alice")
        let second = try session("alice")
        directory.insert(first)
        directory.insert(second)
        directory.remove(first)
        #expect(directory.sessions(named: "alice").first === second)
        directory.remove(second)
        directory.remove(second)
        #expect(directory.count == 0)
    }

    @Test func `a session that has lost its name is out, and so is one that loses it while it claims it`() throws {
        let alice = try session("alice")
        directory.insert(alice)
        #expect(directory.lose(alice.id) === alice)
        #expect(directory.sessions(named: "alice").first == nil)
        #expect(directory.lose(alice.id) == nil)
        let bob = try session("bob")
        directory.expect(bob.id)
        #expect(directory.lose(bob.id) == nil)
        let isIn = directory.insert(bob)
        #expect(!isIn)
        #expect(directory.sessions(named: "bob").first == nil)
        let carol = try session("carol")
        directory.expect(carol.id)
        directory.forget(carol.id)
        let isLater = directory.insert(carol)
        #expect(isLater)
    }
}
