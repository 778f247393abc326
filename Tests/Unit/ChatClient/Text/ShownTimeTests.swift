import Testing

@testable import ChatClient

@Suite struct ShownTimeTests {
    @Test(arguments: [
        ("2026-01-02T03:04:05.678Z", "2026-01-02 03:04:05"), ("2026-01-02T03:04:05Z", "2026-01-02 03:04:05"),
        ("2026-01-02 03:04:05", "2026-01-02 03:04:05"), ("", ""), ("T", "T"), ("2026-01-02TZ", "2026-01-02TZ"),
    ])
    func `A time is shown as the classic dialect has it, nonsense as it is`(timestamp: String, shown: String) {
        #expect(ShownTime.text(timestamp) == shown)
    }
}
