/// What a client and a server have agreed on about permessage-deflate (RFC 7692).
///
/// No side keeps a context from one message to the next: a server then compresses a broadcast once for everybody, and an
/// idle connection has no memory for it. So both `…_no_context_takeover` parameters are part of every agreement. A pure
/// value.
public struct PerMessageDeflate: Equatable, Sendable {
    /// How this side compresses; nil: it may not compress.
    public let window: DeflateWindow?
    /// The value of `Sec-WebSocket-Extensions` in the server's answer.
    public let answer: String

    private static let name = "permessage-deflate"
    /// What a client offers. With `client_max_window_bits` the server may ask for a smaller window.
    public static let offer =
        "\(name); server_no_context_takeover; client_no_context_takeover; client_max_window_bits"

    // MARK: On a server

    /// Accepts the first of a client's offers that can be kept.
    ///
    /// - Parameter headers: the values of the request's `Sec-WebSocket-Extensions`.
    /// - Returns: nil where there is none; the connection is then one without compression.
    public init?(offeredIn headers: [String]) {
        guard let header = ExtensionHeader(headers),
            let agreement = header.elements.lazy.compactMap(Self.init(accepting:)).first
        else { return nil }
        self = agreement
    }

    private init?(accepting offer: ExtensionHeader.Element) {
        guard offer.name.lowercased() == Self.name, let asked = Parameters(offer.parameters) else { return nil }
        var answer = "\(Self.name); server_no_context_takeover; client_no_context_takeover"
        switch asked.serverBits {
        case .absent: window = .full
        case .noValue: return nil  // §7.1.2.1: it has one
        case .value(let bits):
            guard let within = DeflateWindow(within: bits) else { return nil }
            window = within
            answer += "; server_max_window_bits=\(bits)"
        }
        // The client may say how small its window is; whatever it is, it can be inflated here.
        self.answer = answer
    }

    // MARK: On a client

    /// Takes a server's answer to ``offer``.
    ///
    /// - Parameter headers: the values of the answer's `Sec-WebSocket-Extensions`; one at least.
    /// - Returns: nil where the server accepts what was not offered: the connection is to be failed (§7.1).
    public init?(answeredBy headers: [String]) {
        guard let header = ExtensionHeader(headers), header.elements.count == 1, let accepted = header.elements.first,
            accepted.name.lowercased() == Self.name, let parameters = Parameters(accepted.parameters),
            parameters.serverForgets
        else { return nil }
        if case .noValue = parameters.serverBits { return nil }
        switch parameters.clientBits {
        case .absent: window = .full
        case .noValue: return nil  // §7.1.2.2: in an answer it has one
        case .value(let bits): window = DeflateWindow(within: bits)
        }
        answer = headers.joined(separator: ", ")
    }

    /// The parameters of an offer or an answer, each of them well-formed and there once.
    private struct Parameters {
        enum WindowBits {
            case absent, noValue
            case value(Int)
        }

        var serverForgets = false
        var clientForgets = false
        var serverBits = WindowBits.absent
        var clientBits = WindowBits.absent

        init?(_ parameters: [ExtensionHeader.Parameter]) {
            guard Set(parameters.map { $0.name.lowercased() }).count == parameters.count else { return nil }
            for parameter in parameters {
                switch (parameter.name.lowercased(), parameter.value) {
                case ("server_no_context_takeover", nil): serverForgets = true
                case ("client_no_context_takeover", nil): clientForgets = true
                case ("server_max_window_bits", nil): serverBits = .noValue
                case ("client_max_window_bits", nil): clientBits = .noValue
                case ("server_max_window_bits", let value?):
                    guard let bits = Self.windowBits(value) else { return nil }
                    serverBits = .value(bits)
                case ("client_max_window_bits", let value?):
                    guard let bits = Self.windowBits(value) else { return nil }
                    clientBits = .value(bits)
                default: return nil
                }
            }
        }

        /// A number from 8 to 15, without zeros before it (§7.1.2).
        private static func windowBits(_ text: String) -> Int? { (8...15).first { String($0) == text } }
    }
}
