import Testing

@testable import ChatClient

@Suite struct HomecomingTests {
    @Test func `All is as before when every room and the inbox are back, and that is told once`() {
        var homecoming = Homecoming(to: "a", then: ["b", "c"], isReturn: true)
        homecoming.skip("b")
        homecoming.recovered(in: "a")
        homecoming.recovered(in: "c")
        homecoming.recovered(in: nil)
        homecoming.inboxIsBack()
        #expect(homecoming.finish() == nil)
        #expect(homecoming.goOn() == "c")
        #expect(homecoming.goOn() == nil)
        #expect(homecoming.finish()?.words == "reconnected, 2 messages recovered")
        #expect(homecoming.finish() == nil && !homecoming.isRecovering)
    }

    @Test func `The first connection recovers nothing`() {
        var homecoming = Homecoming(to: "a", then: [], isReturn: false)
        homecoming.isTruncated()
        _ = homecoming.goOn()
        homecoming.inboxIsBack()
        #expect(homecoming.finish() == nil)
    }
}
