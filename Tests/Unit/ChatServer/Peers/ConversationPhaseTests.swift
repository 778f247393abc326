import Testing

@testable import ChatServer

struct ConversationPhaseTests {
    private typealias Phase = ConversationPhase<String>

    private static func goodbye(_ phase: inout Phase) -> Bool? { phase.nothingLeft()?.isGoodbye }

    @Test func `a session runs until its client is gone and nothing is left to do, and is closed once`() {
        var phase = Phase.opening
        #expect(phase.session == nil && phase.takesInput)
        phase.opened("s")
        #expect(phase == .running("s") && phase.session == "s" && phase.takesInput)
        #expect(phase.nothingLeft() == nil)
        phase.clientGone(isGoodbye: true)
        #expect(phase == .closing("s", isGoodbye: true) && phase.session == "s" && !phase.takesInput)
        phase.clientGone(isGoodbye: false)
        #expect(Self.goodbye(&phase) == true)
        #expect(phase == .over && phase.session == nil)
        #expect(phase.nothingLeft() == nil)
    }

    @Test func `a client that goes before its session has begun is closed once it has`() {
        var phase = Phase.opening
        phase.clientGone(isGoodbye: false)
        #expect(phase == .abandoned(isGoodbye: false) && !phase.takesInput)
        #expect(phase.nothingLeft() == nil)
        phase.opened("s")
        #expect(Self.goodbye(&phase) == false)
    }

    @Test(arguments: [true, false]) func `a session that never begins is not closed`(isAbandoned: Bool) {
        var phase = Phase.opening
        if isAbandoned { phase.clientGone(isGoodbye: false) }
        phase.refused()
        phase.clientGone(isGoodbye: false)
        #expect(phase == .over && phase.nothingLeft() == nil)
    }

    @Test func `of a client that is to come back nothing is taken, and what it sent before is still done`() {
        var phase = Phase.running("s")
        phase.dismiss()
        #expect(phase == .dismissed("s") && phase.session == "s" && !phase.takesInput)
        #expect(phase.nothingLeft() == nil)
        phase.clientGone(isGoodbye: false)
        #expect(Self.goodbye(&phase) == false)
    }

    @Test func `only a session that runs is dismissed`() {
        for phase in [.opening, .abandoned(isGoodbye: true), .closing("s", isGoodbye: true), .over] as [Phase] {
            var dismissed = phase
            dismissed.dismiss()
            #expect(dismissed == phase)
        }
    }
}
