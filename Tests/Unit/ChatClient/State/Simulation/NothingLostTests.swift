import Testing

@testable import ChatClient

/// Nothing that was typed is ever lost or sent twice, whatever happens to the connection: a message is in one place, the
/// outbox or what the user was told of it, and the server has it once.
@Suite struct NothingLostTests {
    private func check(_ user: SimulatedUser, _ comment: Comment) {
        let waiting = user.state.session.outbox.items.filter { $0.request.isMessage }.map(\.id)
        let all = waiting + user.stored.map(\.id) + user.failed
        #expect(Set(all) == Set(user.pending), comment)
        #expect(all.count == user.pending.count, comment)
        let contents = user.server.contents
        #expect(Set(contents).count == contents.count, comment)
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `In each dialect a message waits, is stored or fails, and is stored where it is said to be`(seed: UInt64) {
        var user = SimulatedUser(seed: seed, isV2: seed % 3 != 0)
        for step in 0..<250 {
            user.step()
            if step % 10 == 0 { check(user, "step \(step)") }
        }
        user.settle()
        check(user, "at the end")
        #expect(Set(user.stored.map(\.content)).isSubset(of: user.server.contents))
    }

    @Test(arguments: 40..<60 as Range<UInt64>)
    func `So it is where every connection may speak another dialect`(seed: UInt64) {
        var user = SimulatedUser(seed: seed, isV2: true, changesDialect: true)
        for _ in 0..<250 { user.step() }
        user.settle()
        check(user, "at the end")
    }
}
