import Foundation
import NIOCore
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Integration {
    /// The instruments themselves: a test that cannot fail, or leaves processes behind, is worth nothing.
    @Suite("The instruments", .serialized)
    struct Instruments {
        @Test("nats-server and redis-server start, keep their store over kill -9, and are gone at the end")
        func backing() async throws {
            let nats = try NATSServer()
            try await nats.start()
            var peer = try await NATSPeer.connect(port: nats.port)
            let heard = try await peer.subscribe("a.>")
            #expect(try await nats.subscriptions(on: "a.>") == [1])
            peer.publish("a.b", "hello\r\nMSG")
            #expect(String(decoding: try await heard.next().payload, as: UTF8.self) == "hello\r\nMSG")
            _ = try await peer.request("$JS.API.STREAM.CREATE.S", #"{"name":"S","subjects":["s.*"],"storage":"file"}"#)
            peer.publish("s.1", "kept")
            try await peer.flush()
            await nats.kill9()
            try await nats.start()
            peer = try await NATSPeer.connect(port: nats.port)
            #expect(try await peer.request("$JS.API.STREAM.INFO.S").contains(#""messages":1"#))
            await nats.kill9()
            await #expect(throws: (any Error).self) { try await NATSPeer.connect(port: nats.port) }

            let redis = try RedisServer()
            try await redis.start()
            let client = try await RedisPeer.connect(port: redis.port)
            try await client.command("SADD", "key", "b", "a", "日本語")
            #expect(try await client.members("key") == ["a", "b", "日本語"])
            #expect(try await client.command("NOSUCH") != .null)
            await redis.kill9()
        }

        @Test(
            "A frame is written as it is read, at every size of its length field",
            arguments: [0, 125, 126, 65_535, 65_536])
        func frames(_ size: Int) throws {
            let frame = WebSocketFrame(opcode: 1, reserved: 0x40, payload: [UInt8](repeating: 5, count: size))
            var bytes = ByteBuffer(bytes: frame.bytes)
            let read = try #require(WebSocketFrame.parse(&bytes))
            #expect(bytes.readableBytes == 0)
            #expect(read.mask == frame.mask && read.reserved == 0x40 && read.isFinal)
            let mask = try #require(read.mask)
            #expect(read.payload.enumerated().map { $1 ^ mask[$0 & 3] } == frame.payload)
        }

        @Test("Two normal forms of a text are two texts")
        func normalForms() {
            #expect(TextFrame("caf\u{E9}") != TextFrame("cafe\u{301}"))
            #expect(TextFrame(#"{"timestamp":"1999-01-01 00:00:00"}"#).withoutTimestamp().text.contains("1999"))
        }

        @Test("When the process that started them dies, the watchdog's shell kills the children")
        func watchdog() async throws {
            // The very script, fed by hand: one child to be killed, one that was forgotten.
            let directory = try ScratchDirectory.make("watchdog")
            let log = directory.appendingPathComponent("log.txt")
            let doomed = try ChildProcess("sleep", "sleep", ["60"], directory: directory, log: log)
            let spared = try ChildProcess("sleep", "sleep", ["60"], directory: directory, log: log)
            let shell = try ChildProcess(
                "sh", "sh",
                [
                    "-c",
                    "printf '%s\\n' '+ \(doomed.pid)' '+ \(spared.pid)' '- \(spared.pid)' | sh -c '\(Watchdog.script.replacing("'", with: "'\\''"))' sh ''",
                ], directory: directory, log: log)
            _ = try await shell.exit()
            #expect(try await doomed.exit() == .killed(signal: SIGKILL))
            #expect(spared.isRunning)
            await spared.destroy()
        }
    }
}
