import HTTPTypes
import NIOHTTP1
import Wire

/// Whether a page in a browser may use the server. A pure step over the ``Request``.
enum OriginRule: Equatable {
    /// The request says no origin: no page of a browser has sent it.
    case noPage
    /// The page is one of the host that is asked.
    case ownPage
    /// The page is one that the setting `allowed_origins` names.
    case allowed(origin: String)
    case foreign

    init(_ request: Request, _ allowed: AllowedOrigins) {
        let origins = request.headers["origin"]
        guard let origin = origins.first else {
            self = .noPage
            return
        }
        // Several are none that can be trusted: another program may look at another one.
        guard origins.count == 1 else {
            self = .foreign
            return
        }
        let host = request.authority ?? request.headers.first(name: "host") ?? ""
        if Origin(origin)?.isOf(host: host) == true {
            self = .ownPage
        } else {
            self = allowed.allows(origin) ? .allowed(origin: origin) : .foreign
        }
    }

    /// - Throws: 403 for a page that may not use the server.
    func check() throws(Refusal) {
        if case .foreign = self { throw .foreignOrigin }
    }

    /// How long browsers may remember the answer to an `OPTIONS`, in seconds.
    private static let maximumAge = "600"

    /// What an answer says to the browser (https://fetch.spec.whatwg.org/#http-cors-protocol). Without it the page may not
    /// read the answer.
    ///
    /// - Parameter methods: what may be done with what is asked, as in `Allow`, where the request is a question for that.
    func headers(methods: String?) -> HTTPFields {
        var headers: HTTPFields = [.vary: "Origin"]
        guard case .allowed(let origin) = self else { return headers }
        headers[.accessControlAllowOrigin] = origin
        if let methods {
            headers[.accessControlAllowMethods] = methods
            headers[.accessControlAllowHeaders] = "Authorization, Content-Type"
            headers[.accessControlMaxAge] = Self.maximumAge
        } else {
            headers[.accessControlExposeHeaders] = "Link, Retry-After"
        }
        return headers
    }
}
