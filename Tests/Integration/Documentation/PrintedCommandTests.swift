import Foundation
import Testing
import Wire

extension Integration {
    /// The client's commands of README and docs/client-scripting.md, run by a shell against a server.
    @Suite("Printed commands", .serialized, .embedded)
    struct PrintedCommands {
        private static let commands: [String] = {
            let pages = ["README.md", "docs/client-scripting.md"].compactMap { try? Page($0) }
            let lines = pages.flatMap { $0.blocks("sh") }.flatMap { $0.components(separatedBy: "\n") }
            // What runs in a container is none of these.
            return lines.filter { $0.contains("chat-client -username") && !$0.hasPrefix("docker ") }
        }()

        /// Runs one line where `chat-client` is the one under test and the chat is that server's.
        private func shell(_ line: String, _ server: ChatInstance) throws -> ChildProcess {
            let directory = try ScratchDirectory.make("shell")
            let folder = URL(fileURLWithPath: try Product.client()).deletingLastPathComponent().path
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            return try ChildProcess(
                line, "/bin/bash", ["-c", line],
                environment: [
                    "PATH": "\(folder):\(path)", "CHAT_ADDR": "127.0.0.1:\(server.port)", "HOME": directory.path,
                    "XDG_CONFIG_HOME": directory.path,
                ],
                directory: directory, log: directory.appendingPathComponent("output.txt"))
        }

        @Test("Those that end do so with success, and what they say is said", arguments: commands)
        func ending(_ command: String) async throws {
            try await Cluster.current.vacate()
            let server = try Cluster.current[0]
            if command.contains("--listen") { return try await listening(command, server) }
            let ear = try await server.enterV2("ear", command.contains("-room dev") ? "dev" : "ops")
            let child = try shell(command, server)
            #expect(try await child.exit() == .exited(0), "\(child.output)")
            if !command.contains("--tail") {
                let text = command.firstMatch(of: /--once '([^']+)'/).map { String($0.1) }
                _ = try await ear.first("what was said") { frame in
                    guard case .chatMessage(let message) = frame.event else { return false }
                    return text.map { $0 == message.content } ?? (message.sender == "builder")
                }
            }
            try await ear.close()
        }

        /// Up to its pipe: what is behind that is not everywhere.
        private func listening(_ command: String, _ server: ChatInstance) async throws {
            let child = try shell("exec " + String(command.prefix { $0 != "|" }), server)
            let mouth = try await server.enterV2("mouth", "ops")
            try await eventually("the listener to be there", seen: { child.output }) {
                child.output.contains(#""type":"history""#)
            }
            mouth.send(.chatMessage(content: "hear, hear", room: nil, id: nil))
            try await eventually("the listener to hear", seen: { child.output }) {
                child.output.contains(#""content":"hear, hear""#)
            }
            child.signal(SIGTERM)
            #expect(try await child.exit() == .exited(143))
            try await mouth.close()
        }

        @Test("There is something to run")
        func found() { #expect(Self.commands.count >= 6) }

        @Test("Each shell that completions are printed for gets some")
        func completions() async throws {
            let text = try Page("docs/client-scripting.md").text
            let shells = Set(text.matches(of: /--generate-completion-script (\w+)/).map { String($0.1) })
            #expect(shells == ["bash", "zsh", "fish"])
            for name in shells {
                let child = try shell("chat-client --generate-completion-script \(name)", try Cluster.current[0])
                #expect(try await child.exit() == .exited(0))
                #expect(child.output.contains("--listen") || child.output.contains("listen"), "\(name)")
            }
        }

        @Test("The configuration with profiles is one that the client takes")
        func profiles() async throws {
            let home = try ScratchDirectory.make("home")
            let folder = home.appendingPathComponent(".config/chat-client")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let json = try Page("docs/client-scripting.md").block("json", with: "\"profiles\"")
            try Data(json.utf8).write(to: folder.appendingPathComponent("config.json"))
            let address = "127.0.0.1:\(try Cluster.current[0].port)"
            let (status, client) = try await ScriptedClient.run(
                ["--profile", "home", "-addr", address, "--once", "from a profile"], home: home)
            #expect(status == .exited(0), "\(client.errors)")
        }

        @Test("Where a browser finds the server follows from the address on which it listens")
        func pageAddresses() async throws {
            let common = Page.root.appendingPathComponent("scripts/lib/common.sh").path
            for (host, first) in [
                ("", "localhost"), ("0.0.0.0", "localhost"), ("127.0.0.1", "localhost"), ("::1", "[::1]"),
                ("[::1]", "[::1]"), ("chat.example", "chat.example"),
            ] {
                let output = try ScratchDirectory.make("addresses").appendingPathComponent("output.txt")
                let child = try ChildProcess(
                    "page_addresses", "/bin/bash", ["-c", "source '\(common)'; page_addresses '\(host)' ''"],
                    directory: Page.root, log: output)
                #expect(try await child.exit() == .exited(0), "\(child.output)")
                let lines = child.output.split(separator: "\n")
                #expect(lines.first.map(String.init) == first && lines.count <= 2, "\(host): \(lines)")
            }
        }

        @Test("Each option that docs/bench.md names is one of chat-bench's")
        func benchOptions() async throws {
            let named = try Page("docs/bench.md").firstColumns.flatMap { cell in
                cell.matches(of: /--[a-z-]+/).map { String($0.0) }
            }
            #expect(named.count > 10)
            let output = try ScratchDirectory.make("bench-help").appendingPathComponent("output.txt")
            for arguments in [["help", "verify"], ["help", "load", "fanout"]] {
                let child = try ChildProcess(
                    "chat-bench", Product.bench(), arguments, directory: output.deletingLastPathComponent(), log: output
                )
                #expect(try await child.exit() == .exited(0))
            }
            let help = try String(contentsOf: output, encoding: .utf8)
            for option in named { #expect(help.contains(option), "\(option)") }
        }

        @Test("The line with which scripts/run says how to join is README's")
        func joinLine() async throws {
            let block = try Page("README.md").block("", with: "Join it from another terminal").components(
                separatedBy: "\n")
            let script = try Page("scripts/run").text
            #expect(script.contains("say '\(block[0])'"))  // of the page's addresses, which follow it
            let printed = Array(block.drop { !$0.hasPrefix("Join it") })
            #expect(script.contains("say '\(printed[0])'") && script.contains("say '\(printed[2])'"))
            let output = try ScratchDirectory.make("join").appendingPathComponent("output.txt")
            let common = Page.root.appendingPathComponent("scripts/lib/common.sh").path
            let child = try ChildProcess(
                "join_command", "/bin/bash", ["-c", "source '\(common)'; bin=/the/bin; join_command 8080"],
                directory: Page.root, log: output)
            #expect(try await child.exit() == .exited(0), "\(child.output)")
            let words = child.output.split(separator: " ").dropFirst()
            #expect(printed[1].hasSuffix("/chat-client " + words.joined(separator: " ")))
        }
    }
}
