import Foundation
import NIOCore
import Testing

extension Integration {
    /// Servers that end TLS themselves, with clients that trust their authority.
    @Suite("TLS", .serialized)
    struct TLS {
        /// Runs `body` with one embedded instance that has the certificate of `authority`, and clients that trust it.
        private func withInstance(
            _ settings: Settings = [:],
            _ body: (ChatInstance, MountedSecret, TestAuthority, ClientTLS) async throws -> Void
        ) async throws {
            let authority = try await TestAuthority.make()
            let secret = try MountedSecret(authority.certificate())
            let instance = try ChatInstance("server-tls", secret.settings.with(settings))
            do {
                try await ClientTLS.trusting(authority) { tls in
                    try await instance.start()
                    try await body(instance, secret, authority, tls)
                }
            } catch {
                let failure = ClusterFailure(cause: error, logs: instance.logTail)
                await instance.kill9()
                throw failure
            }
            await instance.kill9()
        }

        private func failures(_ reason: String, at instance: ChatInstance) async throws -> Double? {
            try await instance.metric(#"chat_tls_handshakes_failed_total{reason="\#(reason)"}"#)
        }

        @Test("Both dialects talk over two instances, every byte is in records, and goodbyes arrive before the end")
        func bothDialects() async throws {
            let authority = try await TestAuthority.make()
            try await ClientTLS.trusting(authority) { tls in
                try await withCluster(instances: 2, MountedSecret(authority.certificate()).settings) { cluster in
                    let alice = try await cluster[0].enter("alice")
                    let bob = try await cluster[1].enterV2("bob")
                    try await alice.hearsSooner(notice: "bob joined the room global")
                    alice.say("from the classic dialect")
                    try await bob.hears("from the classic dialect", from: "alice")
                    for number in 0..<50 { try await bob.say("live \(number)") }
                    try await alice.hearsSooner(said: "live 49")
                    #expect(try await alice.close() == Closing(code: 1000))
                    cluster[1].signal(SIGTERM)
                    #expect(try await bob.closed().code == 1012)
                    #expect(try await cluster[1].exit() == .exited(0))
                }
                #expect(tls.wire.all.count > 50)
            }
        }

        @Test("What one connection gets on the wire while others talk is records of TLS and nothing else")
        func records() async throws {
            try await withInstance { instance, _, authority, _ in
                let tap = try ClientTLS(trusting: authority)
                let reader = try await ClientTLS.$current.withValue(tap) { try await instance.enter("reader") }
                let writer = try await instance.enter("writer")
                for number in 0..<200 { writer.say("nobody else may read this \(number)") }
                try await reader.hearsSooner(said: "nobody else may read this 199")
                try await reader.close()
                let bytes = tap.wire.all.flatMap { $0 }
                let records = try #require(TLSRecord.all(in: bytes), "something is no record")
                #expect(records.contains { $0.type == TLSRecord.applicationData })
                #expect(bytes.firstRange(of: Array("nobody else".utf8)) == nil)
            }
        }

        @Test("A certificate is exchanged under 200 connections, a broken pair is not taken, and nobody is cut off")
        func exchange() async throws {
            try await withInstance { instance, secret, authority, tls in
                var crowd: [WebSocketClient] = []
                for number in 0..<200 { crowd.append(try await instance.client("u\(number)", room: "r\(number % 20)")) }
                let first = try #require(tls.shown.all.last)

                try await authority.issue("second")
                try secret.mount(authority.certificate("second"))
                let begin = ContinuousClock.now
                try await eventually("the new certificate to be shown", within: .seconds(5)) {
                    _ = try await instance.get("/healthz")
                    return tls.shown.all.last != first
                }
                #expect(ContinuousClock.now - begin < .seconds(3))
                let second = try #require(tls.shown.all.last)

                let certificate = authority.certificate("server").certificate
                try secret.mount((certificate: certificate, key: authority.certificate("second").key))
                try await eventually("the mismatch to be noticed", seen: { instance.logTail }) {
                    instance.output.contains("the certificate cannot be used")
                }
                _ = try await instance.get("/healthz")
                #expect(tls.shown.all.last == second)
                // It is looked at twice a second, and reported once.
                try await Task.sleep(for: .seconds(2))
                let lines = instance.output.split(separator: "\n").filter {
                    $0.contains("the certificate cannot be used")
                }
                #expect(lines.count == 1, "\(lines)")
                #expect(lines.allSatisfy { $0.contains("tls_private_key_file") && !$0.contains("BEGIN") })

                try secret.mount(authority.certificate())
                instance.signal(SIGHUP)
                try await eventually("the first certificate to be shown again") {
                    _ = try await instance.get("/healthz")
                    return tls.shown.all.last == first
                }

                for (number, client) in crowd.enumerated() where number < 20 { client.say("still here in r\(number)") }
                for (number, client) in crowd.enumerated() where number >= 20 {
                    try await client.hearsSooner(said: "still here in r\(number % 20)")
                }
                for client in crowd { #expect(client.isConnected) }
                await instance.dropClients()
            }
        }

        /// A connection that takes notice of what comes and of the end.
        private struct Listener: StreamParser {
            let heard: Journal<[UInt8]>

            mutating func consume(_ bytes: inout ByteBuffer, reply: (ByteBuffer) -> Void) {
                heard.append(bytes.readBytes(length: bytes.readableBytes) ?? [])
            }

            mutating func end(rest: inout ByteBuffer, error: (any Error)?) { heard.finish() }
        }

        /// Sends bytes as they are, whatever the test's clients do else.
        private func raw(_ bytes: [UInt8], to instance: ChatInstance) async throws -> (ByteChannel, Journal<[UInt8]>) {
            try await ClientTLS.$current.withValue(nil) {
                let heard = Journal<[UInt8]>()
                let channel = try await ByteChannel.connect(port: instance.port) { Listener(heard: heard) }
                channel.write(bytes)
                return (channel, heard)
            }
        }

        @Test("Hellos that do not end are cut off in time, and honest clients get in meanwhile")
        func stalledHellos() async throws {
            try await withInstance(["handshake_seconds": 2]) { instance, _, _, _ in
                var stalled: [(ByteChannel, Journal<[UInt8]>)] = []
                // A record's head, the beginning of a record, and nothing at all.
                for number in 0..<60 {
                    let bytes: [[UInt8]] = [[22, 3, 1, 2, 0], [22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3], []]
                    stalled.append(try await raw(bytes[number % 3], to: instance))
                }
                let begin = ContinuousClock.now
                let honest = try await instance.enter("honest")
                #expect(ContinuousClock.now - begin < .seconds(1))
                try await eventually("all to be cut off", within: .seconds(6)) {
                    stalled.allSatisfy { $0.1.isFinished }
                }
                #expect(try #require(try await instance.metric("chat_handshakes_timed_out_total")) >= 60)
                try await honest.isQuiet()
                #expect(!instance.output.contains("handshake"))
                for (channel, _) in stalled { await channel.close() }
            }
        }

        @Test("Plain text to the port with TLS is cut off, counted and not logged; so is TLS to a port without")
        func wrongPort() async throws {
            try await withInstance { instance, _, _, _ in
                let lines = instance.output.split(separator: "\n").count
                for _ in 0..<20 {
                    let (channel, heard) = try await raw(
                        Array("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8), to: instance)
                    try await eventually("it to be cut off") { heard.isFinished }
                    let answer = heard.all.flatMap { $0 }
                    #expect(answer.isEmpty || TLSRecord.all(in: answer) != nil, "\(answer)")
                    await channel.close()
                }
                #expect(try await failures("not_tls", at: instance) == 20)
                #expect(instance.output.split(separator: "\n").count == lines)
            }
            let plain = try ChatInstance("server-plain")
            try await plain.start()
            let hello: [UInt8] = [22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3] + [UInt8](repeating: 7, count: 194)
            let (channel, heard) = try await raw(hello, to: plain)
            try await eventually("it to be cut off") { heard.isFinished }
            await channel.close()
            #expect(try await failures("not_configured", at: plain) == 1)
            await plain.kill9()
        }

        @Test("A classic client that does not read is closed, with its backlog bounded as without TLS")
        func slowReader() async throws {
            try await withInstance(["send_buffer_bytes": 65_536]) { instance, _, _, _ in
                let slow = try await instance.client("slow", receiveBuffer: 4096)
                try await slow.setReading(false)
                let writer = try await instance.enter("writer")
                let text = String(repeating: "x", count: 10_000)
                try await eventually("the slow reader to be closed", within: .seconds(20)) {
                    for _ in 0..<20 { try await writer.sayThrough(text) }
                    return try await instance.metric("chat_connections_closed_slow_total") == 1
                }
                #expect(writer.isConnected)
                await slow.drop()
            }
        }
    }
}
