import Foundation
import Testing
import Wire

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Integration {
    /// `chat-client` without a screen, and servers that fail it.
    @Suite("chat-client in scripts, and failures", .serialized)
    struct ScriptFailureTests {
        @Test("--listen goes on through a restart of its server, and misses and repeats nothing")
        func listens() async throws {
            let instance = try ChatInstance("server-listen")
            try await instance.start()
            let listener = try ScriptedClient([
                "-addr", "127.0.0.1:\(instance.port)", "-username", "ear", "-room", "dev", "--listen", "--json",
            ])
            try await listener.prints(#""type":"history""#)
            for round in 0..<2 {
                let mouth = try await instance.enterV2("mouth", "dev")
                for number in 0..<5 { try await say("round \(round) number \(number)", by: mouth) }
                try await listener.prints("round \(round) number 4", within: .seconds(40))
                await instance.kill9()
                try await listener.complains("retrying")
                try await instance.start()
            }
            let mouth = try await instance.enterV2("late", "dev")
            try await say("the last word", by: mouth)
            try await listener.prints("the last word", within: .seconds(40))
            listener.signal(SIGINT)
            #expect(try await listener.exit() == .exited(130))
            let heard = listener.lines.flatMap(Self.messages)
            #expect(
                heard == (0..<2).flatMap { round in (0..<5).map { "round \(round) number \($0)" } } + ["the last word"])
            await instance.kill9()
        }

        /// The listener may come back meanwhile, of which the mouth is told.
        private func say(_ text: String, by mouth: V2Client) async throws {
            let ref = mouth.send(.chatMessage(content: text, room: "dev", id: nil))
            while true {
                let frame = try await mouth.next("\(mouth.name) to get the ack of \(ref)")
                guard frame.ref == ref else { continue }
                guard case .ack = frame.event else { throw Unexpected("\(mouth.name) got \(frame)") }
                return
            }
        }

        @Test("--listen with two addresses: when one server drains it is with the other in time, and misses nothing")
        func drains() async throws {
            try await withCluster { cluster in
                let addresses = cluster.instances.map { "127.0.0.1:\($0.port)" }.joined(separator: ",")
                let listener = try ScriptedClient([
                    "-addr", addresses, "-username", "ear", "-room", "dev", "--listen", "--json",
                ])
                try await listener.prints(#""type":"history""#)
                let mouth = try await cluster[1].enterV2("mouth", "dev")
                let talker = V2Talker(mouth, in: "dev", every: .milliseconds(20))
                cluster[0].signal(SIGTERM)
                #expect(try await cluster[0].exit() == .exited(0))
                try await eventually("it to be back", seen: { listener.errors }) {
                    listener.output.components(separatedBy: #""type":"welcome""#).count == 3
                }
                let said = try await talker.settle()
                let last = try #require(said.last)
                try await listener.prints("\"content\":\"\(last)\"")
                let heard = listener.lines.flatMap(Self.messages)
                #expect(heard == said)
                listener.signal(SIGTERM)
                #expect(try await listener.exit() == .exited(143))
            }
        }

        /// The messages in a line of NDJSON.
        private static func messages(_ line: String) -> [String] {
            switch (try? V2Frame(json: line.utf8))?.event {
            case .chatMessage(let message): [message.content]
            case .history(let history): history.messages.map(\.content)
            default: []
            }
        }

        @Test("--once, its server gone or mute before it confirmed: 75, and said so", arguments: [true, false])
        func onceUnacknowledged(isKilled: Bool) async throws {
            let server = try await MuteChat.start()
            let client = try ScriptedClient([
                "-addr", "127.0.0.1:\(server.port)", "-username", "al", "-room", "dev", "--once", "hi", "--timeout",
                "2",
            ])
            try await eventually("the message to have come") { server.heard == ["hi"] }
            if isKilled { await server.stop() }
            #expect(try await client.exit() == .exited(75), "\(client.errors)")
            #expect(client.errors.contains("1 line was not confirmed by the server"), "\(client.errors)")
            await server.stop()
        }

        @Test(
            "A pipe whose messages cannot be stored, and whose server is killed or not: 75", arguments: [true, false])
        func storeAway(isKilled: Bool) async throws {
            try await withCluster(instances: 1, ["append_timeout_seconds": 1]) { cluster in
                let pipe = try ScriptedClient(
                    ["-addr", "127.0.0.1:\(cluster[0].port)", "-username", "al", "-room", "dev", "--timeout", "3"],
                    input: .pipe)
                try await pipe.prints("al joined the room dev")
                await (try #require(cluster.backing)).nats.kill9()
                let begin = ContinuousClock.now
                pipe.enter("never stored")
                pipe.enter("nor this")
                pipe.hangUp()
                try await pipe.complains("trying again")
                if isKilled { await cluster[0].kill9() }
                #expect(try await pipe.exit(within: .seconds(30)) == .exited(75), "\(pipe.errors)")
                #expect(isKilled || .now - begin >= .seconds(3))
                #expect(pipe.errors.contains("1 line was not sent"), "\(pipe.errors)")
                #expect(pipe.errors.contains("1 line was not confirmed by the server"), "\(pipe.errors)")
            }
        }

        @Test("A long pipe goes at the pace that the server allows, whole and in order")
        func rateLimit() async throws {
            let instance = try ChatInstance(
                "server-pace", ["rate_limit_messages": 20, "rate_limit_window_seconds": 1])
            try await instance.start()
            let server = ["-addr", "127.0.0.1:\(instance.port)", "-room", "dev"]
            let numbers = (1...200).map(String.init)
            let (status, pipe) = try await ScriptedClient.run(
                server + ["-username", "al"], input: .text(numbers.joined(separator: "\n")), within: .seconds(60))
            #expect(status == .exited(0), "\(pipe.errors)")
            #expect(pipe.errors.contains("too many messages at once"))
            let (_, reader) = try await ScriptedClient.run(server + ["-username", "bo", "--tail", "300"])
            #expect(reader.lines.map { $0.split(separator: " ").last.map(String.init) } == numbers)
            await instance.kill9()
        }

        @Test("A dead address and a silent one cost little, and the living one is named")
        func severalAddresses() async throws {
            let instance = try ChatInstance("server-third")
            try await instance.start()
            let silent = try await SilentServer.start()
            let dead = try FreePort.pick()
            let begin = ContinuousClock.now
            let (status, client) = try await ScriptedClient.run([
                "-addr", "127.0.0.1:\(dead),127.0.0.1:\(silent.port)", "-addr", "127.0.0.1:\(instance.port)",
                "-username", "al", "--once", "hi",
            ])
            #expect(status == .exited(0), "\(client.errors)")
            #expect(.now - begin < .seconds(6))
            #expect(client.errors.contains("connected to 127.0.0.1:\(instance.port)"))
            #expect(client.errors.contains("connection refused; trying 127.0.0.1:\(silent.port)"))
            await silent.stop()
            await instance.kill9()
        }

        @Test("401 and 403 are 77, with the server's words; the token is sent and never shown", arguments: [401, 403])
        func unauthorized(status: Int) async throws {
            let server = try await CannedServer.start([
                "HTTP/1.1 \(status) No\r\nContent-Type: text/plain\r\nContent-Length: 11\r\n\r\nnot for you"
            ])
            let (exit, client) = try await ScriptedClient.run(
                ["-addr", "127.0.0.1:\(server.port)", "--once", "x"], environment: ["CHAT_TOKEN": "to.ken-123"])
            #expect(exit == .exited(77))
            #expect(client.errors.contains("not for you"))
            #expect(!client.errors.contains("to.ken-123"))
            let request = try #require(server.requests.first).text
            #expect(request.contains("Authorization: Bearer to.ken-123\r\n"))
            #expect(request.hasPrefix("GET /ws HTTP/1.1"), "the token says who it is")
            await server.stop()
        }

        @Test("429 and 503 are waited out as long as the server asks", arguments: [429, 503])
        func retryAfter(status: Int) async throws {
            let server = try await CannedServer.start([
                "HTTP/1.1 \(status) Later\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n",
                "HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n",
            ])
            let (exit, client) = try await ScriptedClient.run(
                ["-addr", "127.0.0.1:\(server.port)", "-username", "al", "--once", "x"])
            #expect(exit == .exited(77), "\(client.errors)")
            let times = server.requests.map(\.at)
            #expect(times.count == 2)
            if let first = times.first, let last = times.last { #expect(last - first >= .seconds(2)) }
            await server.stop()
        }

        @Test("A token file that others can read is not used, and nothing of it is shown")
        func tokenFile() async throws {
            let server = try await CannedServer.start(["HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"])
            let file = try ScratchDirectory.make("token").appendingPathComponent("token")
            try Data("to.ken-456\n".utf8).write(to: file)
            let arguments = ["-addr", "127.0.0.1:\(server.port)", "--once", "x", "--token-file", file.path]
            for (mode, expected) in [(0o644, 2), (0o600, 77)] as [(mode_t, Int32)] {
                chmod(file.path, mode)
                let (exit, client) = try await ScriptedClient.run(arguments)
                #expect(exit == .exited(expected), "\(client.errors)")
                #expect(!client.errors.contains("456"))
            }
            #expect(server.requests.count == 1)
            #expect(server.requests.first?.text.contains("Bearer to.ken-456") == true)
            await server.stop()
        }

        @Test("An option goes before the environment, that before the profile, that before the file")
        func precedence() async throws {
            let instance = try ChatInstance("server-settings")
            try await instance.start()
            let home = try ScratchDirectory.make("home")
            let folder = home.appendingPathComponent(".config/chat-client", isDirectory: true)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let file = """
                {"username": "common", "room": "dev", "addr": "127.0.0.1:\(instance.port)",
                 "profiles": {"work": {"username": "profile"}}}
                """
            try Data(file.utf8).write(to: folder.appendingPathComponent("config.json"))
            let environment = ["CHAT_USERNAME": "environment"]
            let runs: [([String], [String: String])] = [
                ([], [:]), (["--profile", "work"], [:]), ([], ["CHAT_PROFILE": "work"]),
                (["--profile", "work"], environment), (["--profile", "work", "-username", "option"], environment),
            ]
            for (arguments, environment) in runs {
                let (status, client) = try await ScriptedClient.run(
                    arguments + ["--once", "hi"], environment: environment, home: home)
                #expect(status == .exited(0), "\(client.errors)")
            }
            let (_, reader) = try await ScriptedClient.run(["-username", "reader", "--tail", "9"], home: home)
            let senders = reader.lines.compactMap { $0.split(separator: " ").dropLast().last }
            #expect(senders == ["common:", "profile:", "profile:", "environment:", "option:"], "\(reader.output)")
            await instance.kill9()
        }
    }
}
