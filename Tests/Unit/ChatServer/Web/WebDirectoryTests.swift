import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import Testing

@testable import ChatServer

/// Files on a real disk.
final class WebDirectoryTests {
    private let scratch: URL
    private let root: URL
    private let directory: WebDirectory

    init() throws {
        scratch = FileManager.default.temporaryDirectory.appending(path: "web-\(UUID().uuidString)")
        root = scratch.appending(path: "root")
        try FileManager.default.createDirectory(
            at: root.appending(path: "sub/.hidden"), withIntermediateDirectories: true)
        for (path, text) in [
            ("root/index.html", "<p>mine</p>"), ("root/sub/index.html", "sub"), ("root/sub/.hidden/x.txt", "secret"),
            ("root/.env", "secret"), ("secret.txt", "secret"), ("root/a.txt", "a"), ("root-2", "secret"),
        ] {
            try Data(text.utf8).write(to: scratch.appending(path: path))
        }
        for (link, target) in [
            ("inside", "a.txt"), ("outside", "../secret.txt"), ("up", ".."), ("dots", "sub/.hidden"), ("abs", "/etc"),
            ("loop", "loop"), ("beside", "../root-2"),
        ] {
            try FileManager.default.createSymbolicLink(
                atPath: root.appending(path: link).path, withDestinationPath: target)
        }
        #expect(mkfifo(root.appending(path: "pipe").path, 0o600) == 0)
        directory = try #require(WebDirectory(root.path))
    }

    deinit { try? FileManager.default.removeItem(at: scratch) }

    private func response(_ path: String, _ headers: HTTPHeaders = [:]) async throws -> Response? {
        await directory.response(to: try .make(.GET, path, headers))
    }

    @Test(arguments: [
        ("/", "<p>mine</p>", "text/html; charset=utf-8"), ("/index.html", "<p>mine</p>", "text/html; charset=utf-8"),
        ("/sub/", "sub", "text/html; charset=utf-8"), ("/a.txt", "a", "text/plain; charset=utf-8"),
        ("/inside", "a", "application/octet-stream"),
    ])
    func `a file is served with its type, and without a policy of ours`(
        path: String, body: String, type: String
    ) async throws {
        let answer = try #require(try await response(path))
        #expect(answer.status == .ok && String(buffer: answer.body) == body)
        #expect(answer.headers[.contentType] == type && answer.headers[.cacheControl] == "no-cache")
        #expect(answer.headers[.contentSecurityPolicy] == nil)
    }

    @Test(arguments: [
        "/nothing", "/sub", "/.env", "/sub/.hidden/x.txt", "/dots/x.txt", "/outside", "/up/secret.txt", "/abs/passwd",
        "/loop", "/pipe", "/beside", "/../secret.txt", "/a.txt/", "/%2e%2e/secret.txt",
    ])
    func `nothing else is`(path: String) async throws { #expect(try await response(path) == nil) }

    @Test func `a file that has not changed is not sent again, and one that has is`() async throws {
        let first = try #require(try await response("/a.txt"))
        let tag = try #require(first.headers[.eTag])
        let modified = try #require(first.headers[.lastModified])
        #expect(try await response("/a.txt", ["If-None-Match": tag])?.status == .notModified)
        #expect(try await response("/a.txt", ["If-Modified-Since": modified])?.status == .notModified)
        #expect(try await response("/a.txt", ["If-None-Match": "\"x\"", "If-Modified-Since": modified])?.status == .ok)
        try Data("changed".utf8).write(to: root.appending(path: "a.txt"))
        let second = try #require(try await response("/a.txt", ["If-None-Match": tag]))
        #expect(second.status == .ok && String(buffer: second.body) == "changed")
    }

    @Test func `a file that is too large is refused`() async throws {
        let large = root.appending(path: "large.bin").path
        #expect(FileManager.default.createFile(atPath: large, contents: nil))
        #expect(truncate(large, off_t(WebDirectory.maximumFileBytes)) == 0)
        #expect(try await response("/large.bin")?.body.readableBytes == WebDirectory.maximumFileBytes)
        #expect(truncate(large, off_t(WebDirectory.maximumFileBytes + 1)) == 0)
        #expect(try await response("/large.bin")?.status == .forbidden)
    }

    @Test func `what is no directory is none`() {
        for path in [root.appending(path: "a.txt").path, root.appending(path: "nothing").path, ""] {
            #expect(WebDirectory(path) == nil)
        }
    }

    @Test func `the dashboard and the API stay, and of the chat page nothing does`() async throws {
        let site = Website(
            pages: WebPages([
                ("index.html", Data("ours".utf8).base64EncodedString()),
                ("sw.js", Data("ours".utf8).base64EncodedString()),
                ("admin.html", Data("ours".utf8).base64EncodedString()),
                ("assets/admin.js", Data("ours".utf8).base64EncodedString()),
            ]), policy: PagePolicy(frameAncestors: []), directory: directory)
        func body(_ path: String) async throws -> String? {
            let request = try Request.make(.GET, path)
            let answer = if let now = site.responseAtOnce(to: request) { now } else { await site.response(to: request) }
            return answer.status == .ok ? String(buffer: answer.body) : nil
        }
        #expect(try await body("/") == "<p>mine</p>")
        #expect(try await body("/admin") == "ours")
        #expect(try await body("/assets/admin.js") == "ours")
        #expect(try await body("/sw.js") == nil)
        #expect(await site.response(to: try .make(.POST, "/a.txt")).status == .methodNotAllowed)
        #expect(await site.response(to: try .make(.POST, "/nothing")).status == .notFound)
    }
}
