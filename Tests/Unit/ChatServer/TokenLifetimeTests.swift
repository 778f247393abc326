import Testing

@testable import ChatServer

struct TokenLifetimeTests {
    @Test(arguments: [("90s", 90), ("15m", 900), ("1h", 3600), ("7d", 604_800), ("3650d", 315_360_000)])
    func `a lifetime is a number with its unit`(text: String, seconds: Int64) {
        #expect(TokenLifetime(text)?.seconds == seconds)
    }

    @Test(arguments: [
        "", "h", "1", "0s", "-1h", "+1h", "1.5h", "1 h", "1w", "3651d", "99999999999999999999d", "1hh", "١h",
    ])
    func `anything else is none`(text: String) { #expect(TokenLifetime(text) == nil) }
}
