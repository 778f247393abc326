import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// A complete HTTP response.
struct Response: Equatable, Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: ByteBuffer
    /// Whether it is of a directory whose pages know best what they load.
    var isForeignPage = false

    init(_ body: String, type: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) {
        self.status = status
        self.headers = headers
        self.headers[.contentType] = type
        self.headers[.cacheControl] = "no-store"
        self.body = ByteBuffer(string: body)
    }

    init(_ refusal: Refusal) {
        self = .text(refusal.text, status: refusal.status, headers: refusal.headers)
    }

    static func text(
        _ text: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        Response(text, type: "text/plain; charset=utf-8", status: status, headers: headers)
    }

    static func json(
        _ text: String, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        Response(text, type: "application/json; charset=utf-8", status: status, headers: headers)
    }

    /// A response without a body.
    static func empty(_ headers: HTTPFields) -> Response {
        var response = Response.text("", status: .noContent, headers: headers)
        response.headers[.contentType] = nil
        return response
    }

    /// What every answer tells browsers: to take it for what it says it is, to run nothing of it, to show it in no frame, and
    /// to tell nobody that they were here.
    private static let protections: HTTPFields = {
        var fields: HTTPFields = [
            .xContentTypeOptions: "nosniff",
            .contentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
        ]
        if let name = HTTPField.Name("Referrer-Policy") { fields[name] = "no-referrer" }
        return fields
    }()

    /// The response head as it is sent.
    ///
    /// - Parameters:
    ///   - date: the present moment, as ``HTTPDate`` writes it.
    ///   - isLast: whether the connection is closed after this response.
    func head(date: String, isLast: Bool) -> HTTPResponseHead {
        var headers = headers
        headers[.date] = date
        for field in Self.protections where headers[field.name] == nil {
            if field.name != .contentSecurityPolicy || !isForeignPage { headers[field.name] = field.value }
        }
        if status != .noContent, status != .notModified { headers[.contentLength] = String(body.readableBytes) }
        if isLast { headers[.connection] = headers[.connection].map { $0 + ", close" } ?? "close" }
        return HTTPResponseHead(HTTPResponse(status: status, headerFields: headers))
    }
}
