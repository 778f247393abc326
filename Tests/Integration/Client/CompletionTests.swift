import Foundation
import Testing

extension Integration {
    @Suite("Shell completions of chat-client", .serialized)
    struct CompletionTests {
        /// What bash offers for the last of `words`.
        private func offers(_ words: [String], home: URL? = nil) async throws -> [String] {
            let directory = try ScratchDirectory.make("completion")
            let binary = try URL(fileURLWithPath: Product.client()).deletingLastPathComponent().path
            let script = """
                PATH="\(binary):$PATH"
                source <(chat-client --generate-completion-script bash)
                COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
                _chat-client chat-client "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                printf '%s\\n' "${COMPREPLY[@]}"
                """
            let child = try ChildProcess(
                "bash", "bash", ["--norc", "-c", script, "bash"] + words,
                environment: ["HOME": (home ?? directory).path, "XDG_CONFIG_HOME": ""], directory: directory,
                log: directory.appendingPathComponent("output.txt"))
            #expect(try await child.exit() == .exited(0), "\(child.output)")
            return child.output.split(separator: "\n").map(String.init)
        }

        @Test("bash offers the options, and the names of profiles and addresses")
        func bash() async throws {
            #expect(Set(try await offers(["chat-client", "--t"])) == ["--tail", "--timeout", "--token-file"])
            let home = try ScratchDirectory.make("home")
            let folder = home.appendingPathComponent(".config/chat-client", isDirectory: true)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let file = #"{"profiles": {"work": {"addr": "wss://chat.example.org"}, "wild": {}, "home": {}}}"#
            try Data(file.utf8).write(to: folder.appendingPathComponent("config.json"))
            #expect(Set(try await offers(["chat-client", "--profile", "w"], home: home)) == ["work", "wild"])
            #expect(
                Set(try await offers(["chat-client", "-addr", ""], home: home))
                    == ["localhost:8080", "wss://chat.example.org"])
            #expect(try await offers(["chat-client", "--profile", ""]).isEmpty)
        }

        @Test("Each shell gets a script", arguments: ["bash", "zsh", "fish"])
        func scripts(shell: String) async throws {
            let (status, client) = try await ScriptedClient.run(["--generate-completion-script", shell])
            #expect(status == .exited(0))
            #expect(client.output.contains("token-file") && client.errors.isEmpty)
        }
    }
}
