import Domain
import Testing

@testable import ChatServer

struct HTTPDateTests {
    @Test(
        arguments: [
            (784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"), (0, "Thu, 01 Jan 1970 00:00:00 GMT"),
            (-1, "Wed, 31 Dec 1969 23:59:59 GMT"), (951_782_399_999, "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_782_400_000, "Tue, 29 Feb 2000 00:00:00 GMT"), (1_796_095_271_000, "Tue, 01 Dec 2026 03:21:11 GMT"),
        ] as [(Int64, String)])
    func `a moment is written as HTTP wants it`(milliseconds: Int64, text: String) {
        #expect(HTTPDate.text(Timestamp(millisecondsSince1970: milliseconds)) == text)
    }
}
