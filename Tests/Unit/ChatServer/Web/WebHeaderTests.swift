import NIOHTTP1
import Testing

@testable import ChatServer

struct WebHeaderTests {
    @Test(arguments: [
        ([], false), (["gzip"], true), (["br;q=1.0, gzip;q=0.5"], true), (["gzip;q=0"], false), (["GZIP"], true),
        (["*"], true), (["*;q=0"], false), (["gzip;q=0, *"], false), (["identity"], false), (["x-gzip"], true),
        (["gzip; q=0.0"], false), (["deflate", "gzip"], true), (["gzip;q=x"], false),
    ])
    func `gzip is sent to those who take it`(values: [String], takes: Bool) {
        var headers = HTTPHeaders()
        for value in values { headers.add(name: "Accept-Encoding", value: value) }
        #expect(AcceptedCoding.takesGzip(headers) == takes)
    }

    @Test(arguments: [
        ([], false), (["\"a\""], true), (["W/\"a\""], true), (["*"], true), (["\"b\""], false),
        (["\"b\" , \"a\""], true),
        (["\"b\"", "\"a\""], true), (["a"], false), (["\"A\""], false), ([""], false), (["\"a"], false),
    ])
    func `a tag is found among others`(values: [String], isNamed: Bool) {
        #expect(EntityTag("a").isNamed(in: values) == isNamed)
    }

    @Test func `other bytes have another tag`() {
        let tags = [[], [0], [0, 0], [1], [1, 2], [2, 1]].map { EntityTag($0) } + [EntityTag([1], coding: "gzip")]
        #expect(Set(tags.map(\.text)).count == tags.count)
        #expect(tags.allSatisfy { $0.text.hasPrefix("\"") && $0.text.hasSuffix("\"") })
    }

    @Test(arguments: [
        ("/index.html", "text/html; charset=utf-8"), ("a.JS", "text/javascript; charset=utf-8"),
        ("x/y.min.css", "text/css; charset=utf-8"), ("m.webmanifest", "application/manifest+json; charset=utf-8"),
        ("i.svg", "image/svg+xml; charset=utf-8"), ("f.woff2", "font/woff2"), ("LICENSE", "application/octet-stream"),
        ("a.exe", "application/octet-stream"), ("", "application/octet-stream"), ("a.", "application/octet-stream"),
    ])
    func `the type follows from the ending`(name: String, type: String) { #expect(MediaType.of(name) == type) }

    @Test(arguments: [
        ("/", ["index.html"]), ("/a/b.txt", ["a", "b.txt"]), ("/sub/", ["sub", "index.html"]), ("/a%20b", ["a b"]),
        ("/%C3%A9.png", ["é.png"]), ("/a..b", ["a..b"]),
    ])
    func `a path is one of names`(path: String, names: [String]) { #expect(WebPath(path)?.names == names) }

    @Test(arguments: [
        "", "a", "//", "//a", "/a//b", "/..", "/../a", "/a/../b", "/./a", "/.git/config", "/.env", "/a/.b", "/%2e%2e/a",
        "/%2E./a", "/..%2fa", "/a%2Fb", "/a%5Cb", "/a\\b", "/a%00", "/a%0a", "/%zz", "/%FF", "/..%2f..%2fetc%2fpasswd",
    ])
    func `no path leads out, or to what is hidden`(path: String) { #expect(WebPath(path) == nil) }
}
