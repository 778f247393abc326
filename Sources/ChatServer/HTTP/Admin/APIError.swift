import Domain
import HTTPTypes
import Wire

/// Why a request to the API is not done: a status and a code for programs, and a sentence for people.
struct APIError: Error, Equatable {
    let status: HTTPResponse.Status
    let code: String
    let message: String
    var headers: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, _ code: String, _ message: String, headers: HTTPFields = [:]) {
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers
    }

    static func badRequest(_ message: String) -> APIError { APIError(.badRequest, "bad_request", message) }

    static func unavailable(_ message: String) -> APIError { APIError(.serviceUnavailable, "unavailable", message) }
}

extension APIError {
    /// A refusal of the service.
    init(_ error: ChatError) {
        let status: HTTPResponse.Status =
            switch error.code {
            case .badRequest, .emptyMessage, .invalidRoom, .invalidUsername: .badRequest
            case .messageTooLong: .contentTooLarge
            case .forbidden: .forbidden
            case .unavailable: .serviceUnavailable
            default: .internalServerError
            }
        self.init(status, error.code.rawValue, error.message)
    }

    /// A refusal of the door or of HTTP itself, as the API words it.
    init(_ refusal: Refusal) {
        let code =
            switch refusal.status {
            case .badRequest: "bad_request"
            case .unauthorized: "unauthorized"
            case .forbidden: "forbidden"
            case .notFound: "not_found"
            case .methodNotAllowed: "method_not_allowed"
            case .contentTooLarge: "content_too_large"
            case .tooManyRequests: "too_many_requests"
            case .serviceUnavailable: "unavailable"
            default: "refused"
            }
        let message = refusal.text.hasSuffix("\n") ? String(refusal.text.dropLast()) : refusal.text
        self.init(refusal.status, code, message, headers: refusal.headers)
    }
}

extension Response {
    /// A refusal in the words of what was asked for: JSON below `/api/`, and else plain text.
    init(_ refusal: Refusal, to request: Request) {
        self = request.path.utf8.starts(with: "/api/".utf8) ? Response(apiError: APIError(refusal)) : Response(refusal)
    }

    /// `{"error":{"code":…,"message":…}}`
    init(apiError error: APIError) {
        var object = JSONObjectWriter()
        object.addObject("error") { object in
            object.add("code", error.code)
            object.add("message", error.message)
        }
        self = .json(
            String(decoding: object.finish(), as: UTF8.self), status: error.status, headers: error.headers)
    }
}
