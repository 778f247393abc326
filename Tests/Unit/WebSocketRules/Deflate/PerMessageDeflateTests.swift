import Testing
import WebSocketRules

struct PerMessageDeflateTests {
    private static let plain = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"

    @Test(
        arguments: [
            ("permessage-deflate", "", .full),
            ("PerMessage-Deflate", "", .full),
            ("permessage-deflate; client_max_window_bits", "", .full),
            ("permessage-deflate; client_max_window_bits=8", "", .full),
            ("permessage-deflate; client_max_window_bits=\"10\"", "", .full),
            ("permessage-deflate; server_no_context_takeover; client_no_context_takeover", "", .full),
            ("permessage-deflate; server_max_window_bits=15", "; server_max_window_bits=15", .full),
            ("permessage-deflate; server_max_window_bits=14", "; server_max_window_bits=14", .narrow),
            ("permessage-deflate; server_max_window_bits=9", "; server_max_window_bits=9", .narrow),
            // The first offer that can be kept is the one.
            ("x-webkit-deflate-frame, permessage-deflate", "", .full),
            ("permessage-deflate; server_max_window_bits=8, permessage-deflate", "", .full),
            (
                "permessage-deflate; server_max_window_bits=10, permessage-deflate", "; server_max_window_bits=10",
                .narrow
            ),
            ("permessage-deflate; unknown, permessage-deflate; client_max_window_bits", "", .full),
        ] as [(String, String, DeflateWindow)])
    func `the server accepts the first offer that it can keep`(offers: String, added: String, window: DeflateWindow) {
        let agreement = PerMessageDeflate(offeredIn: [offers])
        #expect(agreement?.answer == Self.plain + added)
        #expect(agreement?.window == window)
    }

    @Test(
        arguments: [
            "", "permessage-bzip2", "permessage-deflate; unknown", "permessage-deflate; unknown=1",
            "permessage-deflate; server_no_context_takeover=1", "permessage-deflate; client_no_context_takeover=true",
            "permessage-deflate; server_max_window_bits", "permessage-deflate; server_max_window_bits=8",
            "permessage-deflate; server_max_window_bits=7", "permessage-deflate; server_max_window_bits=16",
            "permessage-deflate; server_max_window_bits=09", "permessage-deflate; server_max_window_bits=+9",
            "permessage-deflate; server_max_window_bits=nine", "permessage-deflate; client_max_window_bits=7",
            "permessage-deflate; client_max_window_bits=16", "permessage-deflate; client_max_window_bits=010",
            "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
            "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
            "permessage-deflate; client_max_window_bits; client_max_window_bits=10",
            "permessage-deflate;", "permessage-deflate; client_max_window_bits=", "permessage-deflate\u{0}",
        ])
    func `an offer that cannot be kept is declined, and refuses nobody`(offer: String) {
        #expect(PerMessageDeflate(offeredIn: [offer]) == nil)
        #expect(PerMessageDeflate(offeredIn: []) == nil)
    }

    @Test func `offers may stand in several headers`() {
        #expect(PerMessageDeflate(offeredIn: ["x", "permessage-deflate"])?.answer == Self.plain)
    }

    @Test(
        arguments: [
            ("", .full), ("; client_max_window_bits=15", .full), ("; client_max_window_bits=12", .narrow),
            ("; client_max_window_bits=9", .narrow), ("; client_max_window_bits=8", nil),
            ("; server_max_window_bits=8", .full), ("; server_max_window_bits=\"12\"", .full),
        ] as [(String, DeflateWindow?)])
    func `a client keeps to what the server has accepted`(added: String, window: DeflateWindow?) throws {
        let agreement = try #require(PerMessageDeflate(answeredBy: [Self.plain + added]))
        #expect(agreement.window == window)
        // Whether the client forgets its context is its own business; it does.
        let short = "permessage-deflate; server_no_context_takeover" + added
        #expect(PerMessageDeflate(answeredBy: [short])?.window == window)
    }

    @Test(
        arguments: [
            "", "permessage-deflate", "permessage-deflate; client_no_context_takeover", "permessage-bzip2",
            "permessage-deflate; server_no_context_takeover; client_max_window_bits",
            "permessage-deflate; server_no_context_takeover; server_max_window_bits",
            "permessage-deflate; server_no_context_takeover; server_max_window_bits=16",
            "permessage-deflate; server_no_context_takeover; unknown",
            "permessage-deflate; server_no_context_takeover, permessage-deflate; server_no_context_takeover",
            "permessage-deflate; server_no_context_takeover, other",
        ])
    func `an answer that accepts what was not offered is none`(answer: String) {
        #expect(PerMessageDeflate(answeredBy: [answer]) == nil)
    }

    @Test func `a server accepts what a client offers`() throws {
        let agreement = try #require(PerMessageDeflate(offeredIn: [PerMessageDeflate.offer]))
        #expect(agreement.window == .full)
        #expect(PerMessageDeflate(answeredBy: [agreement.answer])?.window == .full)
    }

    @Test func `windows are within what was asked for`() {
        for bits in 9...15 {
            let window = DeflateWindow(within: bits)
            #expect(window != nil && window?.bits ?? .max <= bits)
        }
        #expect(DeflateWindow(within: 8) == nil)
    }
}
