import Domain
import Wire

/// Why a request to JetStream has not led to what was asked for.
enum JetStreamError: Error {
    /// JetStream's own words.
    case refused(Refusal)
    /// No answer.
    case unanswered(NATSRequests.Failure)
    /// An answer that is not what JetStream's documentation says.
    case unreadable(any Error)
    /// What is there has not been delivered, for instance by a replica that lags behind.
    case incomplete
    /// The stream is there and can never be used as it is set up; the words follow its name.
    case unfit(String)

    // The numbers that nats-server gives (server/errors.json there); the same from 2.9 to 2.15.
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
        /// One of a list of JetStream's own; zero where it gave none.
        let errorCode: Int
        let description: String

        init(_ object: JSONObject) throws(JSONFieldError) {
            code = try object.whole("code") ?? 0
            errorCode = try object.whole("err_code") ?? 0
            description = try object.text("description") ?? "no reason given"
        }
    }

    /// JetStream's number for the error; nil where it is not JetStream's.
    var code: Int? { if case .refused(let refusal) = self { refusal.errorCode } else { nil } }
}

extension JetStreamError: CustomStringConvertible {
    var description: String {
        switch self {
        case .refused(let refusal): refusal.description
        case .unanswered(.full): "too many requests are waiting"
        case .unanswered(.notSent(let error)): "\(error)"
        // Both where JetStream is not enabled and while a cluster elects its leader: only time can tell them apart.
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

/// What JetStream answers a request with, where it does as it was asked.
protocol JetStreamAnswer {
    init(_ object: JSONObject) throws(JSONFieldError)
}

extension JetStreamAnswer {
    /// Reads what was asked for, or the error in its place.
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

/// To a publish.
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
    /// Reads the answer to a message that is new: `{"stream":"CHAT", "seq":7}`, a thousand times as often as any other.
    ///
    /// - Returns: nil for what is not as plain, which is read as every answer is.
    init?(plain answer: [UInt8]) {
        guard answer.starts(with: #"{"stream":"#.utf8), answer.last == UInt8(ascii: "}"),
            let colon = answer.lastIndex(of: UInt8(ascii: ":")),
            answer[..<colon].suffix(5).elementsEqual(#""seq""#.utf8),
            let seq = UInt64(String(decoding: answer[colon...].dropFirst().dropLast(), as: UTF8.self))
        else { return nil }
        self.init(seq: seq, duplicate: nil)
    }
}

/// To a request for a stored message.
struct StoredMessageAnswer: JetStreamAnswer {
    let sequence: UInt64

    init(_ object: JSONObject) throws(JSONFieldError) {
        sequence = try object.requiredObject("message").requiredWhole("seq")
    }

    /// What JetStream says where there is none, which is what each new user's inbox is answered with. In any other words it
    /// is read as every answer is.
    static let noSuchMessage = Array(
        #"{"type":"io.nats.jetstream.api.v1.stream_msg_get_response","error":{"code":404,"err_code":10037,"description":"no message found"}}"#
            .utf8)
}

/// To the making of a consumer.
struct ConsumerAnswer: JetStreamAnswer {
    let pending: UInt64

    init(_ object: JSONObject) throws(JSONFieldError) { pending = try object.requiredWhole("num_pending") }
}
