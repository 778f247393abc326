import Testing

@testable import InfrastructureNATS

struct StorageFiguresTests {
    private func stream(_ settings: String, messages: Int = 10, bytes: Int = 1000) throws -> StreamReport {
        try StreamReport(
            answer:
                Array(
                    """
                    {"created":"2026-01-02T03:04:05Z","config":{\(settings)},
                    "state":{"messages":\(messages),"bytes":\(bytes),"first_seq":1,"last_seq":10}}
                    """.utf8))
    }

    private func account(_ rest: String) throws -> AccountReport {
        try AccountReport(answer: Array(#"{"memory":0,"storage":1000,\#(rest)}"#.utf8))
    }

    @Test func `a stream that drops the oldest has room, whatever it holds`() throws {
        for discard in [#""discard":"old","#, ""] {
            #expect(try stream(discard + #""max_bytes":1000,"max_msgs":10"#).hasRoom(for: 500))
        }
    }

    @Test(
        arguments: [
            (#""max_bytes":-1,"max_msgs":-1"#, true), (#""max_bytes":1500,"max_msgs":11"#, true),
            (#""max_bytes":1499,"max_msgs":11"#, false), (#""max_bytes":1500,"max_msgs":10"#, false),
            (#""max_bytes":900"#, false), (#""max_msgs":5"#, false),
        ])
    func `a stream that refuses the newest has room as far as its limits go`(limits: String, hasRoom: Bool) throws {
        #expect(try stream(#""discard":"new","# + limits).hasRoom(for: 500) == hasRoom)
    }

    @Test func `a stream that is sealed or confirms nothing is unfit`() throws {
        #expect(try stream(#""sealed":false,"no_ack":false"#).unfitness == nil)
        #expect(try stream("").unfitness == nil)
        for settings in [#""sealed":true"#, #""no_ack":true"#] {
            #expect(try stream(settings).unfitness != nil)
            #expect(try !stream(settings).hasRoom(for: 1))
        }
    }

    @Test func `where a stream has no limit for a message there is none`() throws {
        #expect(try stream("").maximumMessageSize == nil)
        #expect(try stream(#""max_msg_size":-1"#).maximumMessageSize == nil)
        #expect(try stream(#""max_msg_size":0"#).maximumMessageSize == 0)
        #expect(try stream(#""max_msg_size":5"#).maximumMessageSize == 5)
    }

    @Test func `an account has room up to its limit, and where that is not known`() throws {
        #expect(try account(#""limits":{"max_storage":1500}"#).hasRoom(for: 500))
        #expect(try !account(#""limits":{"max_storage":1499}"#).hasRoom(for: 500))
        #expect(try !account(#""limits":{"max_storage":900}"#).hasRoom(for: 1))
        // As 2.10 writes a number that it has counted below zero.
        let odd = #""limits":{"max_storage":-1},"reserved_storage":18446744073709551615"#
        #expect(try account(odd).hasRoom(for: 500))
        #expect(try account(#""limits":{}"#).hasRoom(for: 500))
        #expect(try account(#""limits":{"max_storage":1},"tiers":{"R1":{"storage":5}}"#).hasRoom(for: 500))
    }
}
