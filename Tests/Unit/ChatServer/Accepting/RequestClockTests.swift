import NIOCore
import Testing

@testable import ChatServer

struct RequestClockTests {
    private func time(_ seconds: Int64) -> NIODeadline { .uptimeNanoseconds(1) + .seconds(seconds) }

    @Test func `the first request has to be complete in time, however slowly it comes`() {
        var clock = RequestClock(handshake: .seconds(10), at: time(0))
        for second in 1...9 { clock.bytesCame(at: time(Int64(second))) }
        #expect(clock.deadline == time(10) && clock.isAsking)
    }

    @Test func `while the server answers nobody is late`() {
        var clock = RequestClock(handshake: .seconds(10), at: time(0))
        clock.requestIsComplete()
        clock.bytesCame(at: time(5))
        #expect(clock.deadline == nil && !clock.isAsking)
    }

    @Test func `between two requests there is more time, and from the next one's first byte as much as for the first`()
    {
        var clock = RequestClock(handshake: .seconds(10), at: time(0))
        clock.requestIsComplete()
        #expect(clock.requestIsAnswered(at: time(1)) == true)
        #expect(clock.deadline == time(1) + RequestClock.idleTime && !clock.isAsking)
        clock.bytesCame(at: time(30))
        clock.bytesCame(at: time(39))
        #expect(clock.deadline == time(40) && clock.isAsking)
    }

    @Test func `of several requests at once the last answer counts`() {
        var clock = RequestClock(handshake: .seconds(10), at: time(0))
        clock.requestIsComplete()
        clock.requestIsComplete()
        #expect(clock.requestIsAnswered(at: time(1)) == false)
        #expect(clock.deadline == nil)
        #expect(clock.requestIsAnswered(at: time(2)) == true)
        #expect(clock.deadline == time(2) + RequestClock.idleTime)
    }

    @Test func `an answer that nobody has asked for changes nothing`() {
        var clock = RequestClock(handshake: .seconds(10), at: time(0))
        #expect(clock.requestIsAnswered(at: time(1)) == false)
        #expect(clock.deadline == time(10))
    }

    @Test func `half of the next request is not an idle connection`() {
        var clock = RequestClock(handshake: .seconds(10), at: time(0))
        clock.requestIsComplete()
        let isLast = clock.requestIsAnswered(hasBegunNext: true, at: time(1))
        #expect(isLast)
        #expect(clock.isAsking && clock.deadline == time(11))
        clock.bytesCame(at: time(5))
        #expect(clock.deadline == time(11))
    }
}
