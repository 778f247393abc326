import Testing

@testable import InfrastructureNATS

struct JetStreamAnswerTests {
    private func acknowledgement(_ json: String) throws(JetStreamError) -> PublishAcknowledgement {
        try PublishAcknowledgement(answer: Array(json.utf8))
    }

    @Test func `JetStream's words are understood`() throws {
        let stored = try acknowledgement(#"{"stream":"CHAT","seq":18446744073709551615}"#)
        #expect(stored.seq == .max && stored.duplicate == nil)
        #expect(try acknowledgement(#"{"stream":"CHAT","seq":5,"duplicate":true}"#).duplicate == true)
    }

    @Test(
        arguments: [
            #"{"stream":"CHAT", "seq":7}"#, #"{"stream":"CHAT","domain":"hub","seq":18446744073709551615}"#,
        ])
    func `the plain acknowledgement is read as the decoder reads it`(json: String) throws {
        let plain = try #require(PublishAcknowledgement(plain: Array(json.utf8)))
        let decoded = try acknowledgement(json)
        #expect(plain.seq == decoded.seq && plain.duplicate == decoded.duplicate)
    }

    @Test(
        arguments: [
            #"{"stream":"CHAT", "seq":7,"duplicate": true}"#, #"{"error":{"code":503},"seq":7}"#, "", "{}", "}", ":}",
            #"{"stream":"CHAT", "seq":}"#, #"{"stream":"CHAT", "seq":-1}"#, #"{"stream":"CHAT", "seq":7"#,
            #"{"stream":"CHAT", "last":7}"#, #"{"stream":"CHAT", "seq":18446744073709551616}"#,
        ])
    func `any other is left to the decoder`(json: String) {
        #expect(PublishAcknowledgement(plain: Array(json.utf8)) == nil)
    }

    @Test func `an error is an error, with JetStream's number where it gives one`() {
        let codes = [
            #"{"error":{"code":503,"err_code":10077,"description":"maximum messages exceeded"}}"#,
            #"{"error":{"code":503}}"#, #"{"error":{},"seq":7}"#,
        ].map { json in
            #expect(throws: JetStreamError.self) { try acknowledgement(json) }
            do throws(JetStreamError) {
                _ = try acknowledgement(json)
                return nil as Int?
            } catch { return error.code }
        }
        #expect(codes == [10077, 0, 0])
    }

    @Test func `the words for a message that is not there mean that to the decoder as well`() {
        do throws(JetStreamError) {
            _ = try StoredMessageAnswer(answer: StoredMessageAnswer.noSuchMessage)
            Issue.record("it was taken for a message")
        } catch { #expect(error.code == JetStreamError.noSuchMessage) }
    }

    @Test(arguments: ["", "null", "[]", "{}", #"{"seq":-1}"#, #"{"seq":"5"}"#, "+ACK", #"{"error":7}"#])
    func `what is no answer is an error`(json: String) {
        #expect(throws: JetStreamError.self) { try acknowledgement(json) }
    }
}

struct ConsumerPlaceTests {
    @Test func `both forms of a consumer's reply subject say the consumer, the place and the consumer's own count`()
        throws
    {
        let short = try #require(ConsumerPlace("$JS.ACK.CHAT.c1.1.151.3.1795272639308127124.74"))
        #expect(short.consumer == "c1" && short.sequence == 151 && short.number == 3)
        for end in ["", ".token"] {
            let long = try #require(ConsumerPlace("$JS.ACK.hub.ACC.CHAT.c1.1.151.3.1795272639308127124.74" + end))
            #expect(long.consumer == "c1" && long.sequence == 151 && long.number == 3)
        }
    }

    @Test(
        arguments: [
            "", "_INBOX.a.1", "$JS.ACK", "$JS.ACK.CHAT.c1.1.x.3.1.74", "$JS.ACK.CHAT.c1.1.-1.3.1.74",
            "$JS.ACK.CHAT.c1.1.151.x.1.74", "$JS.ACK.CHAT.c1.1.151.-3.1.74",
            "$JS.API.CHAT.c1.1.151.3.1.74", "$JS.ACK.a.b.c.d.e.f.g.h", "$JS.ACK........",
        ])
    func `another subject says nothing`(reply: String) {
        #expect(ConsumerPlace(reply) == nil)
    }
}
