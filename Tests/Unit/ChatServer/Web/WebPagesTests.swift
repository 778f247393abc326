import CZlib
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import Testing

@testable import ChatServer

/// The built-in pages: where they are, and what is answered.
struct WebPagesTests {
    private let site = Website(
        pages: WebPages([
            ("index.html", Data(String(repeating: "<p>hello</p>", count: 100).utf8).base64EncodedString()),
            ("admin.html", Data("<p>admin</p>".utf8).base64EncodedString()),
            ("assets/a.js", Data("1".utf8).base64EncodedString()),
        ]), policy: PagePolicy(frameAncestors: []), directory: nil)

    private func answer(
        _ path: String, _ headers: HTTPHeaders = [:], method: HTTPMethod = .GET
    ) throws -> Response {
        try #require(site.responseAtOnce(to: try .make(method, path, headers)))
    }

    /// What a client with zlib makes of it.
    private func inflated(_ body: ByteBuffer) throws -> String {
        var input = Array(body.readableBytesView)
        var output = [UInt8](repeating: 0, count: 1 << 16)
        var stream = z_stream()
        #expect(inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK)
        defer { inflateEnd(&stream) }
        let (inputCount, outputCount) = (UInt32(input.count), UInt32(output.count))
        let status = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = inputCount
                stream.next_out = output.baseAddress
                stream.avail_out = outputCount
                return inflate(&stream, Z_FINISH)
            }
        }
        #expect(status == Z_STREAM_END)
        return String(decoding: output.prefix(Int(stream.total_out)), as: UTF8.self)
    }

    @Test(arguments: [
        ("index.html", ["/", "/index.html"]), ("admin.html", ["/admin", "/admin.html"]),
        ("admin/index.html", ["/admin", "/admin/index.html"]), ("sw.js", ["/sw.js"]),
        ("assets/view/list.js", ["/assets/view/list.js"]), ("api/openapi.json", ["/api/openapi.json"]),
    ])
    func `a file has its own path, and a page its name as well`(file: String, paths: [String]) {
        #expect(WebPages.targets(of: file) == paths)
    }

    @Test func `who takes gzip gets what is smaller in it, and the others the bytes`() throws {
        let plain = try answer("/")
        #expect(plain.headers[.contentEncoding] == nil && plain.body.readableBytes == 1200)
        let coded = try answer("/", ["Accept-Encoding": "br, gzip"])
        #expect(coded.headers[.contentEncoding] == "gzip" && coded.body.readableBytes < 200)
        #expect(try inflated(coded.body) == String(buffer: plain.body))
        for answer in [plain, coded] {
            #expect(answer.status == .ok && answer.headers[.vary] == "Accept-Encoding")
            #expect(answer.headers[.contentType] == "text/html; charset=utf-8")
            #expect(answer.headers[.cacheControl] == "no-cache")
        }
        #expect(plain.headers[.eTag] != coded.headers[.eTag])
        // What does not become smaller is sent as it is.
        #expect(try answer("/assets/a.js", ["Accept-Encoding": "gzip"]).headers[.contentEncoding] == nil)
    }

    @Test func `who has the page already is told so`() throws {
        let tag = try #require(try answer("/", ["Accept-Encoding": "gzip"]).headers[.eTag])
        let again = try answer("/", ["Accept-Encoding": "gzip", "If-None-Match": "\"x\", W/\(tag)"])
        #expect(again.status == .notModified && again.body.readableBytes == 0)
        #expect(again.headers[.eTag] == tag && again.headers[.vary] == "Accept-Encoding")
        // Of another coding it is another one.
        #expect(try answer("/", ["If-None-Match": tag]).status == .ok)
    }

    @Test func `other methods and paths are answered as elsewhere`() throws {
        #expect(try answer("/", method: .HEAD).status == .ok)
        let options = try answer("/", method: .OPTIONS)
        #expect(options.status == .noContent && options.headers[.allow] == "GET, HEAD, OPTIONS")
        #expect(try answer("/", method: .POST).status == .methodNotAllowed)
        #expect(try answer("/nothing", method: .POST).status == .notFound)
        #expect(try answer("/assets/../index.html").status == .notFound)
        #expect(try answer("/api/nothing").headers[.contentType] == "application/json; charset=utf-8")
    }

    @Test func `the policy lets the pages do what they need, and says who may embed them`() throws {
        let headers = try answer("/").headers
        let policy = try #require(headers[.contentSecurityPolicy])
        #expect(policy.hasPrefix("default-src 'none'; script-src 'self'; style-src 'self';"))
        #expect(policy.contains("frame-ancestors 'none'") && policy.contains("require-trusted-types-for 'script'"))
        #expect(headers[try #require(HTTPField.Name("X-Frame-Options"))] == "DENY")
        let open = PagePolicy(frameAncestors: ["https://a.example", "http://localhost:3000"]).headers
        #expect(
            open[.contentSecurityPolicy]?.contains("frame-ancestors https://a.example http://localhost:3000;") == true)
        #expect(open[try #require(HTTPField.Name("X-Frame-Options"))] == nil)
    }

    @Test func `the files of this build are there`() throws {
        let pages = WebPages()
        for path in ["/", "/admin", "/api/openapi.json"] { #expect(pages[path] != nil, "\(path)") }
        #expect(pages.paths.allSatisfy { pages[$0]?.type != "application/octet-stream" })
    }
}
