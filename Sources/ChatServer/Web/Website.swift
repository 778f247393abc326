import HTTPTypes
import NIOHTTP1

/// The pages for browsers: the built-in ones, or those of a directory in place of the chat page.
struct Website: Sendable {
    /// What belongs to the built-in chat page alone. A directory that has none of these has none.
    private static let chatPage: Set<String> = ["/", "/index.html", "/sw.js", "/manifest.webmanifest"]

    let pages: WebPages
    let policy: PagePolicy
    /// Nil: the built-in pages only.
    let directory: WebDirectory?

    /// - Returns: nil if a disk has to be asked.
    func responseAtOnce(to request: Request) -> Response? {
        directory == nil || Self.isDashboard(request.path) ? builtIn(request) : nil
    }

    /// Not on an event loop.
    func response(to request: Request) async -> Response {
        guard let directory, !Self.isDashboard(request.path) else { return builtIn(request) }
        // Whether there is a file does not depend on the method, nor does asking for it change anything.
        if let response = await directory.response(to: request) { return allowing(request) ?? response }
        return Self.chatPage.contains(request.path) ? Response(.notFound) : builtIn(request)
    }

    private func builtIn(_ request: Request) -> Response {
        guard let page = pages[request.path] else { return Response(.notFound, to: request) }
        return allowing(request) ?? page.response(to: request, policy: policy)
    }

    /// The answer to a method by which no page is got; nil for the others.
    private func allowing(_ request: Request) -> Response? {
        switch request.method {
        case .GET, .HEAD: nil
        case .OPTIONS: .empty(Endpoint.allowed)
        default: Response(.methodNotAllowed)
        }
    }

    /// The dashboard is there whatever a directory holds.
    private static func isDashboard(_ path: String) -> Bool {
        path == "/admin" || path.utf8.starts(with: "/admin/".utf8)
    }
}
