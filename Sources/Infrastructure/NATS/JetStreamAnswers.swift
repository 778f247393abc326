import Domain
import Wire

/// Why a request to JetStream failed.
enum JetStreamError: Error {
    /// JetStream's own words.
    case refused(Refusal)
    /// No answer.
    case unanswered(NATSRequests.Failure)
    /// The answer does not have the form that JetStream's documentation gives.
    case unreadable(any Error)
    /// A message exists but was not delivered, for instance by a replica that lags behind.
    case incomplete
    /// The stream exists and can never be used as it is configured. The words follow its name in an error.
    case unfit(String)

    // The numbers of nats-server (its server/errors.json), the same from 2.9 to 2.15.
    static let tooManyStreams = 10_027
    static let noSuchMessage = 10_037
    static let noJetStreamInAccount = 10_039
    static let invalidConfiguration = 10_052
    static let noSuchStream = 10_059
    static let otherStream = 10_060
    static let subjectInUse = 10_065
    static let noReplicas = 10_074
    static let noJetStream = 10_076
    static let noLimits = 10_120
    static let maximumBytesRequired = 10_113
    static let maximumBytesExceeded = 10_122

    struct Refusal: Error, CustomStringConvertible {
        let code: Int
        /// One of nats-server's error numbers; zero if the answer has none.
        let errorCode: Int
        let description: String

        init(_ object: JSONObject) throws(JSONFieldError) {
            code = try object.whole("code") ?? 0
            errorCode = try object.whole("err_code") ?? 0
            description = try object.text("description") ?? "no reason given"
        }
    }

    /// The number of the error; nil if JetStream gave none.
    var code: Int? { if case .refused(let refusal) = self { refusal.errorCode } else { nil } }
}

extension JetStreamError: CustomStringConvertible {
    var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .unanswered(.full): "too many requests are waiting"
        case .unanswered(.notSent(let error)): "\(error)"
        // This comes both if JetStream is disabled and while a cluster elects its leader. Only time can tell them
        // apart.
        case .unanswered(.noResponders):
            "nobody answers; is JetStream enabled (nats-server -js), and is there a quorum of its servers?"
        case .unanswered(.unanswered):
            "no answer in time; is JetStream enabled (nats-server -js), and is there a quorum of its servers?"
        case .unanswered(.lost): "the connection was lost"
        case .unreadable(let error): "an answer that cannot be read: \(error)"
        case .incomplete: "not all of it was delivered"
        case .unfit(let words): words
        }
    }
}

/// A successful answer of JetStream to a request.
protocol JetStreamAnswer {
    init(_ object: JSONObject) throws(JSONFieldError)
}

extension JetStreamAnswer {
    /// Reads the answer, or throws the error that came instead.
    init(answer bytes: [UInt8]) throws(JetStreamError) {
        let refusal: JetStreamError.Refusal
        do {
            let object = try JSONObject(bytes, keepingNested: true)
            guard let error = try object.object("error") else {
                self = try Self(object)
                return
            }
            refusal = try JetStreamError.Refusal(error)
        } catch {
            throw .unreadable(error)
        }
        throw .refused(refusal)
    }
}

/// The answer to a publish.
struct PublishAcknowledgement {
    let seq: UInt64
    let duplicate: Bool?
}

extension PublishAcknowledgement: JetStreamAnswer {
    init(_ object: JSONObject) throws(JSONFieldError) {
        seq = try object.requiredWhole("seq")
        duplicate = try object.flag("duplicate")
    }
}

extension PublishAcknowledgement {
    /// Reads the most frequent answer, that to a new message, without a JSON parser: `{"stream":"CHAT", "seq":7}`.
    ///
    /// - Returns: nil for any other form, which ``init(answer:)`` reads.
    init?(plain answer: [UInt8]) {
        guard answer.starts(with: #"{"stream":"#.utf8), answer.last == UInt8(ascii: "}"),
            let colon = answer.lastIndex(of: UInt8(ascii: ":")),
            answer[..<colon].suffix(5).elementsEqual(#""seq""#.utf8),
            let seq = UInt64(String(decoding: answer[colon...].dropFirst().dropLast(), as: UTF8.self))
        else { return nil }
        self.init(seq: seq, duplicate: nil)
    }
}

/// The answer to a request for a stored message.
struct StoredMessageAnswer: JetStreamAnswer {
    let sequence: UInt64

    init(_ object: JSONObject) throws(JSONFieldError) {
        sequence = try object.requiredObject("message").requiredWhole("seq")
    }

    /// The answer of JetStream if there is no message, which every new user's inbox gets. An answer in other words is
    /// read as JSON.
    static let noSuchMessage = Array(
        #"{"type":"io.nats.jetstream.api.v1.stream_msg_get_response","error":{"code":404,"err_code":10037,"description":"no message found"}}"#
            .utf8)
}

/// The answer to the creation of a consumer.
struct ConsumerAnswer: JetStreamAnswer {
    let pending: UInt64

    init(_ object: JSONObject) throws(JSONFieldError) { pending = try object.requiredWhole("num_pending") }
}
