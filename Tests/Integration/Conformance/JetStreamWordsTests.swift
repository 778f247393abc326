import Testing

@testable import InfrastructureNATS

extension Integration {
    /// What the server reads without a decoder because JetStream says it in these words.
    @Suite("JetStream's words", .serialized)
    struct JetStreamWords {
        @Test(arguments: [#""last_by_subj":"chat.user.nobody""#, #""seq":1,"next_by_subj":"chat.user.nobody""#])
        func `that there is no message of a subject is said as it is known`(_ question: String) async throws {
            try await LogUnderTest.onNATS(instances: 1, retention: 10) { _, server in
                let peer = try await NATSPeer.connect(port: server.port)
                let answer = try await peer.request("$JS.API.STREAM.MSG.GET.INBOX", "{\(question)}")
                #expect(answer == String(decoding: StoredMessageAnswer.noSuchMessage, as: UTF8.self))
                await peer.close()
            }
        }
    }
}
