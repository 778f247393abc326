import Foundation
import NIOCore
import Testing

@testable import TestSupport

extension Integration {
    /// Who may come to a real server, and how often.
    @Suite("The door", .serialized)
    struct TheDoor {
        private static let adminToken = "0123456789abcdef"

        private func refusal(_ body: () async throws -> WebSocketClient) async throws -> HTTPAnswer? {
            do {
                _ = try await body()
                return nil
            } catch let error as UpgradeRefused {
                return error.answer
            }
        }

        private func refusals(_ reason: String, at instance: ChatInstance) async throws -> Double? {
            try await instance.metric("chat_refusals_total{reason=\"\(reason)\"}")
        }

        /// The addresses of an instance's clients, as administrators see them.
        private func addresses(_ instance: ChatInstance, preface: String = "") async throws -> String {
            let answers = try await HTTPProbe.answers(
                port: instance.port,
                toRequest: preface + "GET /api/users HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                    + "Authorization: Bearer \(Self.adminToken)\r\n\r\n")
            return answers.first?.body ?? ""
        }

        @Test(
            "A page of a browser passes where it is the server's own or allowed, and everything else passes without one"
        )
        func origins() async throws {
            let instance = try ChatInstance(
                "server-origins",
                ["allowed_origins": "https://chat.example.com, null", "admin_token": .text(Self.adminToken)])
            try await instance.start()
            for origin in ["https://chat.example.com", "null", "http://127.0.0.1:\(instance.port)"] {
                _ = try await instance.client(
                    "alice", path: "/ws?username=a\(origin.utf8.count)", headers: ["Origin: \(origin)"])
            }
            _ = try await instance.client("bob")
            for origin in ["https://evil.example", "http://chat.example.com", "https://chat.example.com:444"] {
                let answer = try #require(
                    try await refusal {
                        try await instance.client("eve", path: "/ws?username=eve", headers: ["Origin: \(origin)"])
                    })
                #expect(answer.status == 403 && answer.body.contains("pages of this origin"))
            }
            #expect(try await refusals("origin", at: instance) == 3)

            func ask(_ path: String, _ method: String, _ origin: String) async throws -> HTTPAnswer {
                try await HTTPProbe.get(
                    port: instance.port, path, method: method,
                    headers: [
                        "Origin: \(origin)", "Access-Control-Request-Method: GET",
                        "Authorization: Bearer \(Self.adminToken)",
                    ])
            }
            let read = try await ask("/api/status", "GET", "https://chat.example.com")
            #expect(read["access-control-allow-origin"] == "https://chat.example.com" && read["vary"] == "Origin")
            #expect(read["x-content-type-options"] == "nosniff" && read["cache-control"] == "no-store")
            #expect(read["referrer-policy"] == "no-referrer")
            #expect(read["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'")
            let question = try await ask("/api/users/bob/disconnect", "OPTIONS", "https://chat.example.com")
            #expect(question.status == 204 && question["access-control-allow-methods"] == "POST, OPTIONS")
            #expect(question["access-control-allow-headers"] == "Authorization, Content-Type")
            #expect(try await ask("/api/status", "GET", "https://evil.example")["access-control-allow-origin"] == nil)
            #expect(try await ask("/api/users/bob/disconnect", "POST", "https://evil.example").status == 403)
            #expect(try await refusals("origin", at: instance) == 4)
            #expect(try await ask("/api/users/bob/disconnect", "POST", "https://chat.example.com").status == 202)
            await instance.dropClients()
            await instance.kill9()
        }

        @Test("The address is the one of X-Forwarded-For from trusted proxies, and limits count it")
        func forwarded() async throws {
            let instance = try ChatInstance(
                "server-forwarded",
                [
                    "trusted_proxies": "127.0.0.1", "admin_token": .text(Self.adminToken),
                    "max_connections_per_address": 2,
                ])
            try await instance.start()
            func connect(_ name: String, _ address: String) async throws -> WebSocketClient {
                try await instance.client(
                    name, path: "/ws?username=\(name)", headers: ["X-Forwarded-For: 1.1.1.1, \(address)"])
            }
            let first = try await connect("a1", "203.0.113.9")
            _ = try await connect("a2", "203.0.113.9")
            let answer = try #require(try await refusal { try await connect("a3", "203.0.113.9") })
            #expect(answer.status == 429 && answer["retry-after"] == "10")
            _ = try await connect("b1", "2001:db8:0:1::1")
            _ = try await connect("b2", "2001:db8:0:1::2")
            #expect(try await refusal { try await connect("b3", "2001:db8:0:1::3") }?.status == 429)
            _ = try await connect("c1", "2001:db8:0:2::1")
            let users = try await addresses(instance)
            for address in ["203.0.113.9", "2001:db8:0:1::1", "2001:db8:0:2::1"] { #expect(users.contains(address)) }
            #expect(!users.contains("1.1.1.1"))
            #expect(try await refusals("address_connections", at: instance) == 2)
            await first.drop()
            try await eventually("a place to be free") { (try? await connect("a4", "203.0.113.9")) != nil }
            await instance.dropClients()
            await instance.kill9()
        }

        @Test("A PROXY header of either version names the client, and a trusted proxy without one is cut off")
        func proxyHeaders() async throws {
            let instance = try ChatInstance(
                "server-proxied",
                ["trusted_proxies": "127.0.0.0/8", "proxy_protocol": "on", "admin_token": .text(Self.adminToken)])
            try instance.launch()
            let nobody = "PROXY UNKNOWN\r\n"
            try await eventually("it to serve", within: .seconds(20), seen: { instance.logTail }) {
                let health = nobody + "GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                return (try? await HTTPProbe.answers(port: instance.port, toRequest: health))?.first?.status == 200
            }
            let binary =
                "\r\n\r\n\0\r\nQUIT\n\u{21}\u{11}\0\u{0C}\u{0A}\u{09}\u{08}\u{07}\u{0A}\0\0\u{01}\0\u{01}\0\u{02}"
            for (name, preface, address) in [
                ("line", "PROXY TCP4 203.0.113.7 127.0.0.1 1000 2000\r\n", "203.0.113.7"),
                ("binary", binary, "10.9.8.7"),
            ] {
                let answers = Journal<String>()
                let channel = try await ByteChannel.connect(port: instance.port) { Heard(heard: answers) }
                // In two pieces, and with the request right behind the header.
                channel.write(Array(preface.utf8.prefix(7)))
                channel.write(Array(preface.utf8.dropFirst(7)) + Array(handshake(name).utf8))
                _ = try await answers.first("the upgrade") { $0.contains("101 Switching Protocols") }
                try await eventually("the address of \(name)") {
                    try await addresses(instance, preface: nobody).contains("\"\(address)\"")
                }
                await channel.close()
            }
            for bytes in [
                "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n", "PROXY TCP4 x y 1 2\r\n", "\r\n\r\n\0\r\nQUIT\n\u{22}",
            ] {
                #expect(try await HTTPProbe.answers(port: instance.port, toRequest: bytes).isEmpty)
            }
            let metrics = try await HTTPProbe.answers(
                port: instance.port, toRequest: nobody + "GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            #expect(metrics.first?.body.contains("chat_refusals_total{reason=\"proxy_header\"} 3") == true)
            await instance.kill9()
        }

        @Test("The head of a request may have max_header_bytes and not one more, for a WebSocket as well")
        func headerBytes() async throws {
            let instance = try ChatInstance("server-heads", ["max_header_bytes": 2000])
            try await instance.start()
            for (size, status) in [(1999, 200), (2000, 200), (2001, 431), (50_000, 431)] {
                let start = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: "
                let request = start + String(repeating: "x", count: size - start.utf8.count - 4) + "\r\n\r\n"
                #expect(request.utf8.count == size)
                #expect(try await HTTPProbe.answers(port: instance.port, toRequest: request).map(\.status) == [status])
            }
            // Behind another request, too.
            let request = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nGET /" + String(repeating: "y", count: 3000)
            #expect(try await HTTPProbe.answers(port: instance.port, toRequest: request).map(\.status) == [200, 431])
            #expect(try await refusals("head", at: instance) == 3)
            await instance.kill9()
        }

        @Test(
            "Half of a second request does not hold a socket longer than handshake_seconds, even if it came with the first"
        )
        func halfRequest() async throws {
            let instance = try ChatInstance("server-half", ["handshake_seconds": 1])
            try await instance.start()
            for half in ["GET /hea", "POST /api/revocations HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nab"] {
                let answers = try await HTTPProbe.answers(
                    port: instance.port, toRequest: "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n" + half,
                    within: .seconds(8))
                #expect(answers.map(\.status) == [200])
            }
            #expect(try await instance.metric("chat_handshakes_timed_out_total") == 2)
            await instance.kill9()
        }

        @Test("Requests for a WebSocket are paced, for each address and for all")
        func rates() async throws {
            let instance = try ChatInstance(
                "server-rates", ["trusted_proxies": "127.0.0.1", "max_upgrades_per_address_per_minute": 2])
            try await instance.start()
            for name in ["a1", "a2"] { _ = try await instance.client(name) }
            let answer = try #require(try await refusal { try await instance.client("a3") })
            let seconds = Int(answer["retry-after"] ?? "")
            #expect(answer.status == 429 && (1...30).contains(seconds ?? 0))
            _ = try await instance.client("b1", path: "/ws?username=b1", headers: ["X-Forwarded-For: 203.0.113.9"])
            #expect(try await refusals("address_rate", at: instance) == 1)
            await instance.dropClients()
            await instance.kill9()

            let other = try ChatInstance("server-all-rates", ["max_upgrades_per_second": 1])
            try await other.start()
            var statuses: [Int] = []
            for number in 0..<20 {
                statuses.append(try await refusal { try await other.client("c\(number)") }?.status ?? 101)
            }
            #expect(statuses.first == 101 && statuses.contains(503))
            #expect(try #require(try await refusals("instance_rate", at: other)) > 0)
            await other.dropClients()
            await other.kill9()
        }

        @Test("Sockets of one address that are no WebSockets are bounded, and let others in")
        func sockets() async throws {
            let instance = try ChatInstance("server-sockets", ["max_connections_per_address": 1])
            try await instance.start()
            // This machine is exempt without trusted proxies.
            for name in ["a", "b"] { _ = try await instance.client(name) }
            await instance.dropClients()
            await instance.kill9()

            let strict = try ChatInstance(
                "server-strict-sockets", ["max_connections_per_address": 1, "trusted_proxies": "192.0.2.1"])
            try await strict.start()
            let heard = Journal<String>()
            var channels: [ByteChannel] = []
            for _ in 0..<16 {
                channels.append(try await ByteChannel.connect(port: strict.port) { Heard(heard: Journal()) })
            }
            let extra = try await ByteChannel.connect(port: strict.port) { Heard(heard: heard) }
            try await eventually("the seventeenth to be closed") { heard.isFinished }
            for channel in channels + [extra] { await channel.close() }
            try await eventually("others to be let in") { await strict.isReady() }
            #expect(try #require(try await refusals("address_sockets", at: strict)) >= 1)
            await strict.kill9()
        }

        @Test("Thousands of hostile requests write no lines, and all are counted")
        func quietLog() async throws {
            let instance = try ChatInstance("server-quiet")
            try await instance.start()
            let before = instance.output.split(separator: "\n").count
            try await withThrowingTaskGroup { group in
                for _ in 0..<8 {
                    group.addTask {
                        for number in 0..<250 {
                            let bytes = number % 2 == 0 ? "\u{16}\u{3}\u{1}nonsense\r\n\r\n" : "GET / HTTP/1.1\r\n\r\n"
                            _ = try await HTTPProbe.answers(port: instance.port, toRequest: bytes)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(instance.output.split(separator: "\n").count <= before + 20)
            #expect(try await refusals("malformed", at: instance) == 1000)
            await instance.kill9()
        }

        private func handshake(_ name: String) -> String {
            "GET /ws?username=\(name) HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
        }

        @Test(
            "Behind the project's HAProxy the address is the client's, and what is not for everybody is closed",
            .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/sbin/haproxy")))
        func behindHAProxy() async throws {
            let instance = try ChatInstance(
                "server-behind",
                ["trusted_proxies": "127.0.0.1", "proxy_protocol": "on", "admin_token": .text(Self.adminToken)])
            try instance.launch()
            let port = try FreePort.pick()
            let directory = try ScratchDirectory.make("haproxy")
            let lines = try Checkout.text("deploy/haproxy.cfg").split(separator: "\n", omittingEmptySubsequences: false)
            let file = directory.appendingPathComponent("haproxy.cfg")
            // The addresses are this test's; clients say who they are by a PROXY header of their own.
            let text = lines.map { line -> String in
                var line = line.replacing("bind :8080", with: "bind 127.0.0.1:\(port) accept-proxy")
                line = line.replacing(" resolvers docker init-addr none", with: "")
                line = line.replacing(
                    "server-template server 16 server:8080", with: "server one 127.0.0.1:\(instance.port)")
                return String(line)
            }.joined(separator: "\n").replacing("bind 127.0.0.1:8405", with: "bind 127.0.0.1:\(try FreePort.pick())")
            try text.write(to: file, atomically: true, encoding: .utf8)
            let proxy = try ChildProcess(
                "haproxy", "/usr/sbin/haproxy", ["-f", file.path], directory: directory,
                log: directory.appendingPathComponent("log.txt"))
            let client = "PROXY TCP4 203.0.113.77 127.0.0.1 1000 2000\r\n"
            func status(_ path: String) async throws -> Int? {
                try await HTTPProbe.answers(
                    port: port, toRequest: client + "GET \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                ).first?.status
            }
            try await eventually("the proxy to serve", within: .seconds(20), seen: { proxy.logTail() }) {
                (try? await status("/readyz")) == 200
            }
            let answers = Journal<String>()
            let channel = try await ByteChannel.connect(port: port) { Heard(heard: answers) }
            channel.write(Array((client + handshake("alice")).utf8))
            _ = try await answers.first("the upgrade") { $0.contains("101 Switching Protocols") }
            try await eventually("the address") {
                try await addresses(instance, preface: "PROXY UNKNOWN\r\n").contains("\"203.0.113.77\"")
            }
            for path in ["/metrics", "/api/users", "/api/users/alice", "/api/revocations", "/api/monitoring", "/admin"]
            {
                #expect(try await status(path) == 403, "\(path)")
            }
            #expect(try await status("/rooms") == 200)
            await channel.close()
            await proxy.destroy()
            await instance.kill9()
        }

        /// Takes notice of what comes and of the end.
        private struct Heard: StreamParser {
            let heard: Journal<String>

            mutating func consume(_ bytes: inout ByteBuffer, reply: (ByteBuffer) -> Void) {
                heard.append(bytes.readString(length: bytes.readableBytes) ?? "")
            }

            mutating func end(rest: inout ByteBuffer, error: (any Error)?) { heard.finish() }
        }
    }
}
