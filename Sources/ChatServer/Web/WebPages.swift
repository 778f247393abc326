import Foundation

/// The files that are built into the program, by the paths at which they are served.
///
/// They are those of `Web/Pages`, which the plugin `EmbedPages` puts into the program.
struct WebPages: Sendable {
    private let pages: [String: WebPage]

    init(_ files: [(path: String, base64: String)] = EmbeddedPages.files) {
        var pages: [String: WebPage] = [:]
        for (path, base64) in files {
            // The tool that writes them writes no others.
            guard let bytes = Data(base64Encoded: base64) else { continue }
            let page = WebPage(Array(bytes), type: MediaType.of(path))
            for target in Self.targets(of: path) { pages[target] = page }
        }
        self.pages = pages
    }

    subscript(path: String) -> WebPage? { pages[path] }

    var paths: [String] { pages.keys.sorted() }

    /// Where a file is served: at its own path, and a page at its name as well. `index.html` is its folder.
    ///
    /// - Parameter path: in the folder of the pages, without a slash at its beginning.
    static func targets(of path: String) -> [String] {
        let full = "/" + path
        if full.hasSuffix("/index.html") {
            let folder = String(full.dropLast("/index.html".count))
            return folder.isEmpty ? ["/", full] : [folder, full]
        }
        return full.hasSuffix(".html") ? [String(full.dropLast(".html".count)), full] : [full]
    }
}
