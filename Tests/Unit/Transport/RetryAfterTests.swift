import Testing

@testable import Transport

@Suite struct RetryAfterTests {
    /// 1994-11-06 08:49:37 UTC
    private let now = 784_111_777

    @Test(
        arguments: [
            ("0", .zero), ("7", .seconds(7)), ("86401", .seconds(86_400)), ("99999999999999999999", .seconds(86_400)),
            ("Sun, 06 Nov 1994 08:50:07 GMT", .seconds(30)), ("Sun, 06 Nov 1994 08:49:07 GMT", .zero),
            ("Tue, 08 Nov 1994 08:49:37 GMT", .seconds(86_400)),
        ] as [(String, Duration)])
    func `Seconds and dates are understood, and not believed beyond a day`(value: String, delay: Duration) {
        #expect(RetryAfter.delay(value, now: now) == delay)
    }

    @Test(arguments: ["", "-1", "soon", "1.5", "٣", "Sun, 99 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:00:00 GMT"])
    func `Anything else says nothing`(value: String) {
        #expect(RetryAfter.delay(value, now: now) == nil)
    }
}
