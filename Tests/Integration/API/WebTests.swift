import Foundation
import Testing

extension Integration {
    /// The pages for browsers, from a real server.
    @Suite("Web", .serialized)
    struct Web {
        @Test("The built-in pages come from memory, compressed, with a policy and tags that a browser can ask with")
        func builtIn() async throws {
            let cluster = try await Cluster.startEmbedded(["frame_ancestors": .text("https://intranet.example")])
            do {
                let port = cluster[0].port
                for path in ["/", "/admin", "/api/openapi.json"] {
                    let answer = try await HTTPProbe.get(port: port, path, headers: ["Accept-Encoding: gzip"])
                    #expect(answer.status == 200 && answer["content-encoding"] == "gzip", "\(path)")
                    #expect(answer["cache-control"] == "no-cache" && answer["vary"] == "Accept-Encoding")
                    #expect(
                        answer["content-security-policy"]?.contains("frame-ancestors https://intranet.example;") == true
                    )
                    let tag = try #require(answer["etag"])
                    let again = try await HTTPProbe.get(
                        port: port, path, headers: ["Accept-Encoding: gzip", "If-None-Match: \(tag)"])
                    #expect(again.status == 304 && again.body.isEmpty && again["etag"] == tag)
                    let head = try await HTTPProbe.get(
                        port: port, path, method: "HEAD", headers: ["Accept-Encoding: gzip"])
                    #expect(head.status == 200 && head["content-length"] == answer["content-length"])
                }
                #expect(try await HTTPProbe.get(port: port, "/", method: "POST").status == 405)
                #expect(try await HTTPProbe.get(port: port, "/nothing").status == 404)
            } catch {
                await cluster.stop()
                throw error
            }
            await cluster.stop()
        }

        @Test("A directory is served in place of the chat page, and nothing outside of it")
        func directory() async throws {
            let root = try ScratchDirectory.make("web")
            try Data("<p>mine</p>".utf8).write(to: root.appendingPathComponent("index.html"))
            try Data("secret".utf8).write(to: root.appendingPathComponent(".env"))
            let cluster = try await Cluster.startEmbedded(["web_directory": .text(root.path)])
            do {
                let port = cluster[0].port
                let page = try await HTTPProbe.get(port: port, "/")
                #expect(page.status == 200 && page.body == "<p>mine</p>")
                #expect(page["content-security-policy"] == nil && page["content-type"] == "text/html; charset=utf-8")
                for path in ["/.env", "/../etc/passwd", "/%2e%2e/etc/passwd", "/sw.js"] {
                    #expect(try await HTTPProbe.get(port: port, path).status == 404, "\(path)")
                }
                #expect(try await HTTPProbe.get(port: port, "/admin").status == 200)
                #expect(try await HTTPProbe.get(port: port, "/healthz").body == "ok\n")
            } catch {
                await cluster.stop()
                throw error
            }
            await cluster.stop()
        }

        @Test("A directory that is not there stops the start")
        func noDirectory() async throws {
            let run = try await ServerRun.configuration(
                #"{"port": <free>, "web_directory": "/nowhere"}"#.replacing("<free>", with: "\(try FreePort.pick())"))
            #expect(run.isRefusal && run.output.contains("web_directory: /nowhere is no directory"), "\(run)")
        }
    }
}
