import DequeModule
import NIOCore
import NIOHTTP1

/// Keeps the answers on one HTTP/1.1 connection in step with its requests.
///
/// A pure state machine: parts of requests in, one turn at a time out. A request has its turn when all of it has been
/// read and those before it are answered, so that there is one answer to each, also where the rest of a request turns out
/// to be no HTTP. Behind an answer that ends the connection nothing is taken in any more.
struct RequestSequence {
    /// What is to be answered next.
    enum Turn {
        case respond(Request)
        /// The answer to what cannot be understood; the last one. One to HEAD has no body, whatever is wrong with it.
        case refuse(Refusal, isHeadOnly: Bool)
    }

    enum Step {
        /// Nothing is to be done until something comes in, or is answered.
        case wait
        case take(Turn)
        /// A request for an upgrade was answered by HTTP. The parser, which reads nothing behind such a request, is to be
        /// replaced; see ``parserRestarted(hasRest:)``.
        case restartParser
        case close
    }

    private enum Input {
        case betweenRequests
        /// Bytes of the body that have come, whether they are kept or not.
        case body(of: Request, bytes: Int)
        /// Behind a request for an upgrade: what comes now may not be HTTP.
        case suspended(keepsAlive: Bool)
        case restarting
        case ended
    }

    /// Few endpoints take a body (``Request/wantsContent``). Another's that is no longer than this is read and dropped, so
    /// that the connection can go on.
    static let maximumBodyBytes = 64 << 10

    /// Where all requests of the connection come from.
    private let source: RequestSource
    /// What has come of the body of the request that is being read, if it is wanted. Apart from that request, so that it grows
    /// in place.
    private var content: [UInt8] = []
    private var input = Input.betweenRequests
    // Bounded by what one read brought: the connection reads nothing more while something waits.
    private var waiting: Deque<Turn> = []
    private(set) var isAnswering = false

    init(source: RequestSource) { self.source = source }

    /// Whether nothing more is to be read from the socket for now.
    var isBusy: Bool {
        switch input {
        case .suspended, .restarting: true
        case .betweenRequests, .body, .ended: isAnswering || !waiting.isEmpty
        }
    }

    /// Whether nothing has been asked that is not answered, nor begun to be asked.
    var isIdle: Bool {
        guard case .betweenRequests = input else { return false }
        return !isAnswering && waiting.isEmpty
    }

    /// The body of the request that is being read; nil between requests.
    var bodyBeingRead: RequestBody? { if case .body(let request, _) = input { request.body } else { nil } }

    /// Whether the answer that is being given is the last one.
    var isLast: Bool {
        switch input {
        case .ended, .suspended(keepsAlive: false): waiting.isEmpty
        case .betweenRequests, .body, .suspended, .restarting: false
        }
    }

    /// Whether the request whose turn it is can have the connection for another protocol.
    var canUpgrade: Bool {
        if case .suspended = input { isAnswering && waiting.isEmpty } else { false }
    }

    mutating func receive(_ part: HTTPServerRequestPart) {
        switch (input, part) {
        case (.betweenRequests, .head(let head)):
            do throws(Refusal) {
                begin(try Request(head, from: source))
            } catch {
                fail(error, method: head.method)
            }
        case (.body(let request, let bytes), .body(let data)):
            let total = bytes + data.readableBytes
            if total > Self.maximumBodyBytes {
                fail(.contentTooLarge)
            } else {
                if request.wantsContent { content += data.readableBytesView }
                input = .body(of: request, bytes: total)
            }
        case (.body(var request, _), .end):
            request.content = content
            content = []
            waiting.append(.respond(request))
            if request.asksForUpgrade {
                input = .suspended(keepsAlive: request.keepsAlive)
            } else {
                input = request.keepsAlive ? .betweenRequests : .ended
            }
        case (.suspended, _), (.restarting, _):
            input = .ended  // the parser has read on, where another protocol may begin
        case (.ended, _):
            break
        case (.betweenRequests, _), (.body, .head):
            fail(.unintelligible)
        }
    }

    private mutating func begin(_ request: Request) {
        if case .counted(let bytes) = request.body, bytes > Self.maximumBodyBytes {
            return fail(.contentTooLarge, method: request.method)
        }
        if request.awaitsContinue {
            // The answer does not depend on the body: the client hears it instead of “go on”, and need not send it.
            waiting.append(.respond(request))
            input = .ended
        } else {
            input = .body(of: request, bytes: 0)
        }
    }

    /// What came cannot be understood. It is told once, behind the answers that are still due.
    ///
    /// - Parameter method: of the request whose head was refused; nil: known, or there is none.
    mutating func fail(_ refusal: Refusal, method: HTTPMethod? = nil) {
        if case .ended = input { return }
        let method: HTTPMethod? = if case .body(let request, _) = input { request.method } else { method }
        input = .ended
        waiting.append(.refuse(refusal, isHeadOnly: method == .HEAD))
    }

    /// Nothing more is asked: the client has hung up, or the server stops. What was asked is still answered.
    mutating func end() { input = .ended }

    /// The answer to the turn that was taken is sent.
    mutating func answered() { isAnswering = false }

    /// - Parameter hasRest: something had come behind the request for an upgrade. It may be meant for the other protocol,
    ///   so it is not read as HTTP, and the connection ends.
    mutating func parserRestarted(hasRest: Bool) {
        guard case .restarting = input else { return }
        input = hasRest ? .ended : .betweenRequests
    }

    mutating func next() -> Step {
        guard !isAnswering else { return .wait }
        if let turn = waiting.popFirst() {
            isAnswering = true
            return .take(turn)
        }
        switch input {
        case .betweenRequests, .body, .restarting: return .wait
        case .suspended(keepsAlive: true):
            input = .restarting
            return .restartParser
        case .suspended(keepsAlive: false), .ended: return .close
        }
    }
}
