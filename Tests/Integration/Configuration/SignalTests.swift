import Foundation
import Testing
import Wire

extension Integration {
    @Suite("Signals", .serialized)
    struct Signals {
        private static let harmless = [SIGHUP, SIGUSR1, SIGUSR2, SIGPIPE, SIGALRM, SIGXFSZ]

        private func text(_ name: String, of instance: ChatInstance) -> String {
            (try? Data(contentsOf: instance.directory.appendingPathComponent(name))).map {
                String(decoding: $0, as: UTF8.self)
            } ?? ""
        }

        @Test("Those that are not meant to end the server end nothing, and no client notices")
        func harmless() async throws {
            let instance = try ChatInstance("server-signals", ["log_level": "info"])
            try await instance.start()
            let alice = try await instance.enterV2("alice")
            for signal in Self.harmless { instance.signal(signal) }
            try await eventually("the signals to have come", seen: { instance.logTail }) {
                ["SIGHUP", "SIGUSR1", "SIGUSR2"].allSatisfy { instance.output.contains("signal=\($0)") }
            }
            try await alice.say("still here")
            instance.signal(SIGTERM)
            #expect(try await instance.exit() == .exited(0))
        }

        @Test("SIGHUP opens log_file again, so that it can be moved away")
        func reopensLog() async throws {
            let instance = try ChatInstance("server-rotated", ["log_file": "chat.log"])
            try await instance.start()
            let log = instance.directory.appendingPathComponent("chat.log")
            let old = instance.directory.appendingPathComponent("chat.log.1")
            try FileManager.default.moveItem(at: log, to: old)
            instance.signal(SIGHUP)
            try await eventually("a new file", seen: { instance.logTail }) {
                text("chat.log", of: instance).contains("files are opened again")
            }
            instance.signal(SIGTERM)
            #expect(try await instance.exit() == .exited(0))
            #expect(text("chat.log", of: instance).contains("stopped"))
            #expect(text("chat.log.1", of: instance).contains("serving"))
            #expect(!text("chat.log.1", of: instance).contains("stopped"))
        }

        @Test("While the server waits for NATS they end nothing either, but for SIGTERM, which ends it soon")
        func starting() async throws {
            let instance = try ChatInstance(
                "server-starting",
                [
                    "nats_url": "nats://127.0.0.1:1", "redis_url": "redis://127.0.0.1:1",
                    "startup_timeout_seconds": 60, "log_level": "info",
                ])
            try instance.launch()
            try await eventually("it to wait for NATS", seen: { instance.logTail }) {
                instance.output.contains("waiting for NATS")
            }
            for signal in Self.harmless { instance.signal(signal) }
            try await eventually("the signals to have come", seen: { instance.logTail }) {
                ["SIGHUP", "SIGUSR1", "SIGUSR2"].allSatisfy { instance.output.contains("signal=\($0)") }
            }
            #expect(instance.isRunning)
            instance.signal(SIGTERM)
            #expect(try await instance.exit(within: .seconds(5)) == .exited(0))
            #expect(instance.output.contains("stopping") && !instance.output.contains("server: "))
        }

        @Test("SIGHUP reads redis_ca_file again, and a broken one changes nothing")
        func reloadsAuthorities() async throws {
            let first = try await TestAuthority.make()
            let second = try await TestAuthority.make()
            let port = try FreePort.pick()
            let plain = try FreePort.pick()
            let before = try RedisProcess(port: plain, first.settings(port: port))
            let after = try RedisProcess(port: plain, second.settings(port: port))
            let nats = try NATSServer()
            try await nats.start()
            try await before.start()
            let instance = try ChatInstance(
                "server-trust",
                [
                    "nats_url": .text(nats.url), "redis_url": .text("rediss://127.0.0.1:\(port)"),
                    "redis_ca_file": "authorities.pem", "log_level": "info",
                ])
            let file = instance.directory.appendingPathComponent("authorities.pem")
            try Data(contentsOf: URL(fileURLWithPath: first.file)).write(to: file)
            try await instance.start()
            await before.kill9()
            try await after.start()
            try await eventually("the new certificate to be refused", seen: { instance.logTail }) {
                instance.output.contains("its certificate is not trusted")
            }
            try Data("nothing".utf8).write(to: file)
            instance.signal(SIGHUP)
            try await eventually("the broken file to be told of", seen: { instance.logTail }) {
                instance.output.contains("redis_ca_file cannot be used; what was read before counts")
            }
            try Data(contentsOf: URL(fileURLWithPath: second.file)).write(to: file)
            instance.signal(SIGHUP)
            try await eventually("it to be ready", within: .seconds(20), seen: { instance.logTail }) {
                await instance.isReady()
            }
            await instance.kill9()
            await after.kill9()
            await nats.kill9()
        }

        @Test("Without instance_name two servers on one host have two names, in welcome, status, metrics and logs")
        func names() async throws {
            var names: Set<String> = []
            for _ in 1...2 {
                let instance = try ChatInstance("server-unnamed", ["instance_name": ""])
                try await instance.start()
                let name = try await instance.v2("alice").welcome.instance
                #expect(name.hasSuffix("/127.0.0.1:\(instance.port)"))
                #expect(try await instance.get("/api/status").body.contains(#""instance":"\#(name)""#))
                let info = #"chat_info{instance="\#(name)",version=""#
                #expect(try await instance.get("/metrics").body.contains(info))
                #expect(instance.output.contains("instance=\(name) "))
                names.insert(name)
                await instance.kill9()
            }
            #expect(names.count == 2)
        }
    }
}
