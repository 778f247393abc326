import Foundation
import Testing
import Wire

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Integration {
    /// `chat-client` without a screen, against a server of one process. Each client has a name of its own, since the name of
    /// one that has ended is free only a moment later.
    @Suite("chat-client in scripts", .serialized, .embedded)
    struct ScriptTests {
        private func server() throws -> [String] { ["-addr", "127.0.0.1:\(try Cluster.current[0].port)"] }

        @Test("--once: said as it is, acknowledged, nothing on standard output, 0")
        func once() async throws {
            let witness = try await Cluster.current[0].enterV2("witness", "once")
            for (number, text) in ["hello", "/join dev", "two\nlines"].enumerated() {
                let (status, client) = try await ScriptedClient.run(
                    server() + ["-username", "once\(number)", "-room", "once", "--once", text])
                #expect(status == .exited(0), "\(client.errors)")
                #expect(client.output.isEmpty)
                _ = try await witness.first("“\(text)”") { frame in
                    if case .chatMessage(let message) = frame.event { message.content == text } else { false }
                }
            }
            _ = try await witness.close()
        }

        @Test(
            "A line whose frame is several times as long as its text is said like any other, and what is behind it, too"
        )
        func longFrame() async throws {
            let nulls = String(repeating: "\0", count: 12_000)
            let (status, client) = try await ScriptedClient.run(
                server() + ["-username", "long-writer", "-room", "long", "--json"],
                input: .text("\(nulls)\nnext line\n"))
            #expect(status == .exited(0), "\(client.errors)")
            let (read, reader) = try await ScriptedClient.run(
                server() + ["-username", "long-reader", "-room", "long", "--tail", "2", "--json"])
            #expect(read == .exited(0), "\(reader.errors)")
            let contents = try reader.lines.map { line in
                if case .chatMessage(let message) = try V2Frame(json: line.utf8).event { message.content } else { line }
            }
            #expect(contents == [nulls, "next line"])
        }

        @Test("--once --json: the acknowledgement is the last event")
        func onceInJSON() async throws {
            let (status, client) = try await ScriptedClient.run(
                server() + ["-username", "json-writer", "--once", "hi", "--json"])
            #expect(status == .exited(0))
            let events = try client.lines.map { try V2Frame(json: $0.utf8).event }
            guard case .ack(let ack)? = events.last, case .welcome? = events.first else {
                Issue.record("\(client.output)")
                return
            }
            #expect(ack.sequence != nil)
        }

        @Test("--tail: the last messages in order and nothing else, over several pages, plain and in JSON")
        func tail() async throws {
            let numbers = (1...230).map(String.init)
            let (said, talker) = try await ScriptedClient.run(
                server() + ["-username", "talker", "-room", "tail"],
                input: .text(numbers.map { $0 + "\n" }.joined()), within: .seconds(60))
            #expect(said == .exited(0), "\(talker.errors)")
            let (status, reader) = try await ScriptedClient.run(
                server() + ["-username", "reader1", "-room", "tail", "--tail", "220"])
            #expect(status == .exited(0), "\(reader.errors)")
            #expect(reader.lines.count == 220)
            #expect(reader.lines.map { $0.split(separator: " ").last.map(String.init) } == numbers.suffix(220))
            let (again, json) = try await ScriptedClient.run(
                server() + ["-username", "reader2", "-room", "tail", "--tail", "3", "--json"])
            #expect(again == .exited(0))
            let contents = try json.lines.map { line in
                guard case .chatMessage(let message) = try V2Frame(json: line.utf8).event else { return "" }
                return message.content
            }
            #expect(contents == numbers.suffix(3))
            let (empty, nobody) = try await ScriptedClient.run(
                server() + ["-username", "reader3", "-room", "empty", "--tail", "3"])
            #expect(empty == .exited(0))
            #expect(nobody.output.isEmpty)
        }

        @Test("--json: whatever is said, each event is one line of harmless characters, and reads back as it was said")
        func hostile() async throws {
            let room = "hostile"
            let listener = try ScriptedClient(
                server() + ["-username", "hostile-ear", "-room", room, "--listen", "--json"])
            try await listener.prints(#""type":"history""#)
            let mouth = try await Cluster.current[0].enterV2("hostile-mouth", room)
            let contents = [
                "a\nb\r\nc", "\u{1B}[2J\u{1B}]0;owned\u{7}", "\u{9B}31m", "\u{202E}gnp.exe", "x\u{2028}\u{2029}\u{85}y",
                #"","type":"welcome","x":""#, "\"}\n{\"type\":\"chat_message\",\"sender\":\"root\"}",
                "x\u{200B}\u{FEFF}",
                "🙂 日本 e\u{301}", String(repeating: "long ", count: 2_000),
            ]
            for content in contents { try await mouth.say(content, in: room) }
            try await mouth.say("the end", in: room)
            try await listener.prints("the end")
            listener.signal(SIGTERM)
            #expect(try await listener.exit() == .exited(143))
            let categories: [Unicode.GeneralCategory] = [.control, .format, .lineSeparator, .paragraphSeparator]
            for line in listener.lines {
                #expect(try JSONSerialization.jsonObject(with: Data(line.utf8)) is [String: Any])
                #expect(!line.unicodeScalars.contains { categories.contains($0.properties.generalCategory) })
            }
            let heard = listener.lines.compactMap { line -> String? in
                guard case .chatMessage(let message)? = (try? V2Frame(json: line.utf8))?.event else { return nil }
                return message.content
            }
            #expect(heard == contents + ["the end"])
            #expect(!listener.output.contains(mouth.secret))
            _ = try await mouth.close()
        }

        @Test("--listen --tail: some from before, then what comes; a reader that leaves ends it as other tools end")
        func brokenPipe() async throws {
            let room = "pipe"
            let mouth = try await Cluster.current[0].enterV2("pipe-mouth", room)
            for number in 1...5 { try await mouth.say("number \(number)", in: room) }
            let listener = try ScriptedClient(
                server() + ["-username", "pipe-ear", "-room", room, "--listen", "--tail", "2", "--json"],
                readsOutput: true)
            var line = ""
            while !line.contains(#""type":"history""#) {
                line = listener.readLine()
                try #require(!line.isEmpty, "\(listener.errors)")
            }
            guard case .history(let history) = try V2Frame(json: line.utf8).event else {
                Issue.record("\(line)")
                return
            }
            #expect(history.messages.map(\.content) == ["number 4", "number 5"])
            listener.closeOutput()
            #expect(try await listener.exit() == .killed(signal: SIGPIPE), "though nothing more is said")
            #expect(listener.errors.split(separator: "\n").count == 1, "\(listener.errors)")
            _ = try await mouth.close()
        }

        @Test(
            "Wrong usage is 2, before there is a connection",
            arguments: [
                ["--once", "x", "--listen"], ["--plain", "--json"], ["--tail", "0"], ["-addr", "nowhere:x"],
                ["-username", "a b", "--once", "x"], ["--nosuch"], ["--once", " "],
                ["--profile", "none", "--once", "x"],
                ["--token-file", "/nonexistent", "--once", "x"], ["--ca", "/nonexistent", "-addr", "wss://localhost"],
            ])
        func usage(arguments: [String]) async throws {
            let (status, client) = try await ScriptedClient.run(["-username", "al"] + arguments)
            #expect(status == .exited(2))
            #expect(client.errors.contains("Error: "))
            #expect(client.output.isEmpty)
        }

        @Test("A name that is taken is 77; no server is 69")
        func refusedAndUnreachable() async throws {
            let owner = try await Cluster.current[0].enterV2("owner")
            let (refused, twin) = try await ScriptedClient.run(server() + ["-username", "owner", "--once", "x"])
            #expect(refused == .exited(77), "\(twin.errors)")
            _ = try await owner.close()
            let (unreachable, lost) = try await ScriptedClient.run(
                ["-addr", "127.0.0.1:\(try FreePort.pick())", "-username", "al", "--once", "x", "--timeout", "1"])
            #expect(unreachable == .exited(69))
            #expect(lost.errors.contains("connection refused") && lost.errors.contains("1 line was not sent"))
        }

        @Test("From start to prompt in less than a tenth of a second")
        func start() async throws {
            var fastest = Duration.seconds(60)
            // The best of some: other tests have the processor, too.
            for number in 0..<40 where fastest >= .milliseconds(100) {
                let begin = ContinuousClock.now
                let client = try ScreenClient.start("al\(number)", port: Cluster.current[0].port)
                try await eventually("the room behind the prompt", every: .milliseconds(1), seen: { client.text }) {
                    client.statusLine.contains("global (")
                }
                fastest = min(fastest, .now - begin)
                client.type("\u{4}")
                _ = try await client.exit()
            }
            #expect(fastest < .milliseconds(100))
        }
    }
}
