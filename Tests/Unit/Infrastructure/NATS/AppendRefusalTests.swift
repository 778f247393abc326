import CNATS
import Domain
import Service
import Testing

@testable import InfrastructureNATS

struct AppendRefusalTests {
    private func refusal(code: Int, _ words: String) throws -> AppendRefusal {
        let json = #"{"error":{"code":400,"err_code":\#(code),"description":"\#(words)"},"stream":"CHAT","seq":0}"#
        do throws(JetStreamError) {
            _ = try PublishAcknowledgement(answer: Array(json.utf8))
        } catch {
            return AppendRefusal(error)
        }
        throw JetStreamError.incomplete
    }

    @Test(
        arguments: [
            (10_054, .tooLarge), (10_097, .tooLarge), (10_002, .full), (10_023, .full), (10_028, .full),
            (10_047, .full), (10_077, .full), (10_109, .refused), (10_060, .refused), (10_999, .refused),
        ] as [(Int, AppendFailure.Reason)])
    func `only what is too large is refused for good; all else is an obstacle`(
        code: Int, reason: AppendFailure.Reason
    ) throws {
        let refusal = try refusal(code: code, "some reason")
        #expect(refusal.reason == reason && refusal.words == "some reason" && refusal.isAnswered)
        #expect(refusal.error.code == (reason == .tooLarge ? .messageTooLong : .unavailable))
        #expect(refusal.isObstacle == (reason != .tooLarge))
        #expect((refusal.error.cause as? AppendFailure)?.reason == reason)
        #expect(!refusal.error.message.contains("some reason"))
    }

    @Test(
        arguments: [
            (.full, .overloaded), (.noResponders, .notReady), (.unanswered, .unanswered), (.lost, .unanswered),
            (.notSent(NATSError(NATS_MAX_PAYLOAD, detail: "")), .tooLarge),
            (.notSent(NATSError(NATS_CONNECTION_DISCONNECTED, detail: "")), .unreachable),
            (.notSent(NATSError(NATS_INSUFFICIENT_BUFFER, detail: "")), .overloaded),
        ] as [(NATSRequests.Failure, AppendFailure.Reason)])
    func `what NATS has not taken is told apart`(failure: NATSRequests.Failure, reason: AppendFailure.Reason) {
        let refusal = AppendRefusal(failure)
        #expect(refusal.reason == reason && !refusal.isAnswered)
        #expect(refusal.error.code == (reason == .tooLarge ? .messageTooLong : .unavailable))
    }

    @Test func `an answer that never came is an obstacle, one that was lost with the connection is none`() {
        #expect(AppendRefusal(NATSRequests.Failure.unanswered).isObstacle)
        #expect(!AppendRefusal(NATSRequests.Failure.lost).isObstacle)
    }
}
