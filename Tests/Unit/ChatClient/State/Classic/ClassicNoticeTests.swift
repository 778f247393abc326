import Testing

@testable import ChatClient

@Suite struct ClassicNoticeTests {
    @Test(
        arguments: [
            ("too many messages: at most 1 in 10 s, try again in 12 s", 12),
            ("too many messages, try again in 9999999 s", 60),
            ("too many messages", nil), ("bob: too many messages, try again in 3 s", nil),
            ("too many messages, try again in ٣", nil),
        ] as [(String, Int?)])
    func `A pause is read from the server's words`(notice: String, seconds: Int?) {
        #expect(ClassicNotice.pause(askedBy: notice) == seconds.map { .seconds($0) })
    }

    @Test(
        arguments: [
            ("too many messages: at most 100 in 10 s; this one was not sent, try again in 3 s", 110),
            ("too many messages: at most 1 in 999 s", 60_000), ("too many messages: at most 0 in 10 s", nil),
            ("too many messages, try again in 3 s", nil), ("bob: too many messages: at most 1 in 10 s", nil),
        ] as [(String, Int?)])
    func `A pace is read from the server's words`(notice: String, milliseconds: Int?) {
        #expect(ClassicNotice.pace(statedBy: notice) == milliseconds.map { .milliseconds($0) })
    }
}
