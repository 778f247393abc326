import Foundation
import Testing

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

extension Integration {
    /// The real client on a pseudo-terminal, against real servers; what is compared is the screen.
    @Suite("Full screen", .serialized, .cluster(instances: 2))
    struct FullScreenTests {
        private func emptyCluster() async throws -> Cluster {
            await ScreenClient.endAll()
            let cluster = try Cluster.current
            try await cluster.vacate()
            return cluster
        }

        @Test("Two clients in two rooms on two instances see what is said, who is there, and what they are writing")
        func conversation() async throws {
            let cluster = try await emptyCluster()
            let alice = try ScreenClient.start("alice", port: cluster[0].port)
            try await alice.isIn("global")
            let bob = try ScreenClient.start("bob", port: cluster[1].port, columns: 100)
            try await alice.shows("→ bob joined")
            try await alice.shows("global (2) · alice@127.0.0.1:\(cluster[0].port)")
            alice.enter("hello bob")
            try await bob.shows("alice │ hello bob")
            try await alice.shows("alice │ hello bob")
            bob.type("I am wri")
            try await alice.shows("bob is typing")
            bob.enter("ting")
            try await alice.shows("bob │ I am writing")
            try await alice.hides("is typing")

            bob.enter("/join +dev")
            try await bob.shows("you are in the room dev")
            try await bob.shows("2 dev")
            alice.enter("come back, bob!")
            // The list says that one was named in the other room.
            try await bob.shows("1 global       1!")
            bob.type("half a thou")
            bob.type("\u{1B}1")
            try await bob.shows("alice │ come back, bob!")
            try await bob.hides("half a thou")
            bob.type("\u{1B}2")
            try await bob.shows("> half a thou")

            alice.enter("/msg bob psst")
            try await bob.shows("3 @alice       1!")
            bob.type("\u{1B}3")
            try await bob.shows("alice │ psst")
            #expect(alice.screen.unknown == [] && bob.screen.unknown == [])
            #expect(try await alice.quit() == .exited(0))
            bob.type("\u{3}")
            bob.enter("/quit")
            #expect(try await bob.exit() == .exited(0))
        }

        @Test("The terminal is left as it was found, whatever ends the client")
        func restored() async throws {
            let cluster = try await emptyCluster()
            var endings = ["/quit\r", "\u{3}", "\u{4}"]
            #if os(Linux)
                endings += ["TERM", "HUP", "INT", "SEGV", "ABRT"]
            #endif
            for ending in endings {
                // The shell waits, so that the terminal stays open and what was there before can be compared.
                let command =
                    "echo before; read go; \(try Product.client()) -addr 127.0.0.1:\(cluster[0].port) -username alice; "
                    + "echo after $?; cat"
                let shell = try ScreenClient.start("shell", "/bin/sh", ["-c", command])
                try await shell.shows("before")
                let settings = shell.settings
                shell.enter("")
                try await shell.isIn("global")
                #expect(shell.settings != settings)
                #expect(shell.screen.modes.isSuperset(of: [1049, 2004, 1004]))
                shell.type("some words")
                try await shell.shows("> some words")
                let signals = ["TERM": SIGTERM, "HUP": SIGHUP, "INT": SIGINT, "SEGV": SIGSEGV, "ABRT": SIGABRT]
                if let number = signals[ending] {
                    try signalClient(of: shell, number)
                } else {
                    shell.type("\u{15}")
                    try await shell.hides("some words")
                    shell.type(ending)
                }
                try await shell.shows("after")
                let screen = shell.screen
                #expect(screen.modes == [25], "after \(ending)")
                #expect(!screen.isAlternate)
                #expect(screen.lines[0].hasPrefix("before"))
                #expect(screen.style == "")
                #expect(shell.settings == settings, "after \(ending)")
                shell.type("\u{4}")
                _ = try await shell.exit()
                try await cluster.vacate()
            }
        }

        /// Sends a signal to the client that a shell has started; Linux tells which process that is.
        private func signalClient(of shell: ScreenClient, _ number: Int32) throws {
            let path = "/proc/\(shell.child.pid)/task/\(shell.child.pid)/children"
            let children = try String(contentsOfFile: path, encoding: .utf8).split(separator: " ").compactMap {
                pid_t($0)
            }
            let client = try #require(children.first)
            kill(client, number)
        }

        @Test("Ctrl-Z gives the terminal to the shell, and fg brings all of it back")
        func suspended() async throws {
            let cluster = try await emptyCluster()
            let witness = try await cluster[1].enter("witness")
            let shell = try ScreenClient.start(
                "shell", "/bin/bash", ["--norc", "--noprofile", "-i"], environment: ["PS1": "shell> "])
            try await shell.shows("shell>")
            shell.enter("\(try Product.client()) -addr 127.0.0.1:\(cluster[0].port) -username alice")
            try await shell.isIn("global")
            shell.type("half a line")
            try await shell.shows("> half a line")
            shell.type("\u{1A}")
            try await shell.looks("the shell's prompt") { !$0.isAlternate && $0.text.contains("Stopped") }
            #expect(!shell.screen.modes.contains(2004) || !shell.screen.isAlternate)
            shell.enter("echo still here")
            try await shell.looks("the shell to answer") { $0.text.components(separatedBy: "still here").count > 2 }
            witness.say("said meanwhile")
            shell.enter("fg")
            try await shell.shows("> half a line")
            try await shell.shows("witness │ said meanwhile")
            shell.enter(" more")
            try await witness.hearsSooner(said: "half a line more")
            shell.enter("/quit")
            try await shell.looks("the shell again") { !$0.isAlternate }
            shell.enter("exit")
            _ = try await shell.exit()
            try await witness.close()
        }

        @Test("A thousand messages a second cost no key, and the screen keeps up")
        func flood() async throws {
            let cluster = try await emptyCluster()
            let alice = try ScreenClient.start("alice", port: cluster[0].port, arguments: ["-room", "flood"])
            try await alice.isIn("flood")
            var talkers: [WebSocketClient] = []
            for number in 0..<10 { talkers.append(try await cluster[1].enter("talker\(number)", room: "flood")) }
            let writing = "The quick brown fox types on."
            let frames = alice.screen.frames
            let began = ContinuousClock.now
            for round in 0..<90 {
                for talker in talkers { talker.say("round \(round) of \(talker.name)") }
                if let character = writing.dropFirst(round / 3).first, round % 3 == 0 { alice.type(String(character)) }
                try await Task.sleep(for: .milliseconds(10))  // a pace, nothing is ordered by it
            }
            try await alice.shows("> " + writing)
            try await alice.shows("round 89")
            let passed = ContinuousClock.now - began
            let drawn = alice.screen.frames - frames
            // Sixty a second, and one for each key.
            #expect(Double(drawn) <= passed / .milliseconds(16) + Double(writing.count) + 10)
            alice.enter("")
            #expect(alice.screen.unknown == [])
            try await talkers[0].hearsSooner(said: writing)
            #expect(try await alice.quit() == .exited(0))
            for talker in talkers { try await talker.close() }
        }

        @Test("A paste with line breaks is one message, a long one is asked about")
        func paste() async throws {
            let cluster = try await emptyCluster()
            let witness = try await cluster[1].enter("witness", room: "paste")
            let alice = try ScreenClient.start("alice", port: cluster[0].port, rows: 30, arguments: ["-room", "paste"])
            try await alice.isIn("paste")
            alice.paste("one\ntwo\n/quit\nfour")
            try await alice.shows("> one\n  two\n  /quit\n  four")
            alice.type("\r")
            try await witness.hearsSooner(said: "one\ntwo\n/quit\nfour")
            try await alice.looks("four rows of one message") {
                $0.text.contains("│ two") && $0.text.contains("│ four")
            }
            let long = (0..<40).map { "pasted \($0)" }.joined(separator: "\n")
            alice.paste(long)
            alice.type("\r")
            try await alice.shows("Send 40 lines as one message?")
            alice.type("\u{1B}")
            try await alice.hides("as one message?")
            alice.type("!\r")
            try await alice.shows("Send 40 lines as one message?")
            alice.type("\r")
            try await witness.hearsSooner(said: long + "!")
            #expect(try await alice.quit() == .exited(0))
            try await witness.close()
        }

        @Test("Resizes, however many, leave the right picture")
        func resizes() async throws {
            let cluster = try await emptyCluster()
            let witness = try await cluster[1].enter("witness", room: "resizes")
            let alice = try ScreenClient.start("alice", port: cluster[0].port, arguments: ["-room", "resizes"])
            try await alice.isIn("resizes")
            alice.type("being written")
            for number in 0..<60 {
                alice.resize(columns: 20 + number * 7 % 90, rows: 3 + number * 5 % 40)
                witness.say("message \(number) – 日本語 👩\u{200D}👩\u{200D}👧")
            }
            alice.resize(columns: 72, rows: 15)
            try await alice.looks("the last message above the line that is written") { screen in
                let lines = screen.lines
                return lines.count == 15 && lines[14] == "> being written" && lines[13].hasPrefix(" resizes (2)")
                    && lines[12].contains("witness │ message 59 – 日本語")
            }
            // Every row of the pane is a message in its order.
            let numbers = alice.screen.lines[..<13].compactMap { line in
                line.components(separatedBy: "message ").dropFirst().first.flatMap { $0.split(separator: " ").first }
                    .flatMap { Int($0) }
            }
            #expect(numbers == Array((numbers.first ?? 0)...59))
            #expect(numbers.count == 13)
            alice.resize(columns: 1, rows: 1)
            alice.resize(columns: 80, rows: 24)
            try await alice.shows("> being written")
            alice.type("\u{3}")
            #expect(try await alice.quit() == .exited(0))
            try await witness.close()
        }

        @Test("Names and messages that mean harm neither move the cursor nor forge a line, and ring no bell")
        func hostile() async throws {
            let cluster = try await emptyCluster()
            let mallory = try await cluster[1].enter("mallory", room: "hostile")
            let twin = try await cluster[1].enter("ali\u{200B}ce", room: "hostile")
            let alice = try ScreenClient.start("alice", port: cluster[0].port, arguments: ["-room", "hostile"])
            try await alice.isIn("hostile")
            let messages = [
                "\u{1B}[2J\u{1B}[1;1Hcleared", "\u{1B}]0;title\u{7}\u{7}\u{7}", "\u{9B}31mred", "\u{1B}[?1049l",
                "\u{202E}drawkcab", "x" + String(repeating: "\u{301}", count: 300), "\r\rover", "a\u{8}\u{8}b",
                "real\n12:00            ┊ you are in the room admin", "\u{1B}[6n",
            ]
            for message in messages { mallory.say(message) }
            twin.say("it is I")
            mallory.say("the end")
            try await alice.shows("mallory │ the end")
            let screen = alice.screen
            #expect(screen.bells == 0)
            #expect(screen.isAlternate)
            #expect(screen.unknown == [])
            #expect(screen.text.contains("you are in the room hostile"))
            #expect(!screen.lines.contains { $0.hasPrefix("12:00            ┊") })
            #expect(screen.text.contains("⚠"), "the name with an invisible character is marked")
            for line in screen.lines { #expect(!line.unicodeScalars.contains("\u{202E}")) }
            #expect(try await alice.quit() == .exited(0))
            for client in [mallory, twin] { try await client.close() }
        }

        @Test("History is fetched when one scrolls up, to the room's beginning")
        func history() async throws {
            let cluster = try await emptyCluster()
            let witness = try await cluster[1].enter("witness", room: "scrolled")
            for number in 0..<180 { witness.say("old \(number).") }
            let alice = try ScreenClient.start(
                "alice", port: cluster[0].port, arguments: ["-room", "scrolled"])
            try await alice.shows("old 179.")
            for _ in 0..<40 { alice.type("\u{1B}[5~") }
            try await alice.shows("newer lines below")
            try await alice.looks("the room's beginning") { screen in
                if screen.text.contains("the beginning of scrolled") { return true }
                alice.type("\u{1B}<")
                return false
            }
            try await alice.shows("old 0.")
            alice.type("\u{1B}>")
            try await alice.shows("old 179.")
            try await alice.hides("newer lines below")
            #expect(try await alice.quit() == .exited(0))
            try await witness.close()
        }

        @Test("What was entered before is there again, and nobody else can read it")
        func keptHistory() async throws {
            let cluster = try await emptyCluster()
            let state = try ScratchDirectory.make("state")
            let alice = try ScreenClient.start("alice", port: cluster[0].port, state: state)
            try await alice.isIn("global")
            alice.enter("remember me")
            try await alice.shows("alice │ remember me")
            alice.enter("/msg alice not this")
            alice.enter("/set notices off")
            #expect(try await alice.quit() == .exited(0))
            let file = state.appendingPathComponent("chat-client/history")
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            #expect((attributes[.posixPermissions] as? Int) == 0o600)
            #expect(try !String(contentsOf: file, encoding: .utf8).contains("not this"))
            let again = try ScreenClient.start("alice", port: cluster[0].port, state: state)
            try await again.isIn("global")
            again.type("\u{12}remem")
            try await again.shows("remember me")
            again.type("\r")
            try await again.looks("it to be said again") {
                $0.text.components(separatedBy: "alice │ remember me").count > 2
            }
            again.enter("/set notices")
            try await again.shows("notices is off")
            #expect(try await again.quit() == .exited(0))
        }
    }
}
