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

extension Response {
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
