import Domain
import NIOCore
import Testing

@testable import ChatServer
@testable import SteppedService

struct TokenWatchTests {
    private func wait(_ milliseconds: Int64, leeway: Duration = .seconds(5)) -> TimeAmount? {
        let now = SteppedChat.now
        return TokenWatch.wait(
            until: Timestamp(millisecondsSince1970: now.millisecondsSince1970 + milliseconds), leeway: leeway, at: now)
    }

    @Test(
        arguments: [
            (1000, .seconds(6)), (0, .seconds(5)), (-4999, .milliseconds(1)), (-5000, nil), (-60_000, nil),
            (3_594_999, .milliseconds(3_599_999)), (3_595_000, .hours(1)), (86_400_000, .hours(1)),
            (.max / 2, .hours(1)), (.min / 2, nil),
        ] as [(Int64, TimeAmount?)])
    func `a token counts until its leeway is over, and the time is looked at every hour`(
        milliseconds: Int64, expected: TimeAmount?
    ) {
        #expect(wait(milliseconds) == expected)
    }
}
