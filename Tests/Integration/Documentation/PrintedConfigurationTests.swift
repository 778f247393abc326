import Foundation
import Testing

extension Integration {
    /// Settings, errors and paths as the pages print them.
    @Suite("Printed settings", .serialized, .embedded)
    struct PrintedSettings {
        /// `config.json.example`, changed.
        private func example(_ changes: [String: String] = [:]) throws -> String {
            let file = Page.root.appendingPathComponent("config.json.example")
            let object = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any]
            let changed = try #require(object).merging(changes) { $1 }
            return String(decoding: try JSONSerialization.data(withJSONObject: changed), as: UTF8.self)
        }

        @Test("The example is valid, for containers, for a bare machine and embedded")
        func example() async throws {
            let bare = ["nats_url": "nats://localhost:4222", "redis_url": "redis://localhost:6379"]
            let page = try Page("docs/configuration.md").text
            for value in bare.values { #expect(page.contains("`\(value)`")) }
            for changes in [[:], bare, ["nats_url": "", "redis_url": ""]] {
                let run = try await ServerRun.configuration(try example(changes), ["--check-config"])
                #expect(run.status == .exited(0), "\(run)")
                #expect(page.contains("`\(run.output.trimmingCharacters(in: .newlines))`"))
            }
        }

        @Test("Each example of docs/configuration.md is valid")
        func wholeExamples() async throws {
            let blocks = try Page("docs/configuration.md").blocks("json")
            #expect(blocks.count >= 2)
            for block in blocks {
                let run = try await ServerRun.configuration(block, ["--check-config"])
                #expect(run.status == .exited(0), "\(block)\n\(run)")
            }
        }

        @Test("Each setting that docs/operations.md prints is valid")
        func settings() async throws {
            let blocks = try Page("docs/operations.md").blocks("json").filter { $0.hasPrefix("\"") }
            #expect(blocks.count >= 1)
            for block in blocks {
                // A cluster needs both addresses.
                let others = [#""nats_url": "nats://127.0.0.1:4222""#, #""redis_url": "redis://127.0.0.1:6379""#]
                    .filter { !block.contains($0.prefix { $0 != ":" }) }
                let json = "{\((others + [block]).joined(separator: ", "))}"
                let run = try await ServerRun.configuration(json, ["--check-config"])
                // The files that an example names are not here, and that is all that is wrong with it.
                let namesFiles = block.contains("_file\": \"/")
                let isRefusedForThat = "\(run)".contains("_file: ") && "\(run)".contains("cannot be read")
                #expect(namesFiles ? isRefusedForThat : run.status == .exited(0), "\(block)\n\(run)")
            }
        }

        @Test(
            "An error that stops a start is printed as in docs/troubleshooting.md",
            arguments: [
                #"{"prot": 8080}"#, #"{"port": "8080"}"#, #"{"nats_url": "nats://127.0.0.1:4222"}"#,
                #"{"host": "0.0.0.0", "port": <taken>}"#, #"{"port": <free>, "data_directory": "/proc/chat"}"#,
            ])
        func refused(_ json: String) async throws {
            let running = try Cluster.current[0]
            let run = try await ServerRun.configuration(
                json.replacing("<taken>", with: "\(running.port)").replacing("<free>", with: "\(try FreePort.pick())"))
            try Self.isPrinted(run, replacing: "port \(running.port)", with: "port 8080")
        }

        @Test("A data directory in use is reported as in docs/troubleshooting.md")
        func directoryInUse() async throws {
            let running = try Cluster.current[0]
            let other = try Settings.forTests.with(["port": .number(try FreePort.pick())]).write(
                to: try ScratchDirectory.make("other"))
            let run = try await ServerRun.arguments(["--config", other.path], directory: running.directory)
            try Self.isPrinted(run)
        }

        private static func isPrinted(_ run: ServerRun, replacing own: String = "", with printed: String = "") throws {
            #expect(run.isRefusal)
            let said = run.lines.filter { $0.hasPrefix("server: ") }.map { line in
                own.isEmpty ? String(line) : String(line).replacing(own, with: printed)
            }
            let known = try Page("docs/troubleshooting.md").firstColumns.filter { $0.hasPrefix("server: ") }
            #expect(said.count == 1 && known.contains { said[0].isAsPrinted($0) }, "\(run)")
        }

        @Test("Each path that docs/operations.md lists answers, and no other does")
        func endpoints() async throws {
            let server = try Cluster.current[0]
            let cells = try Page("docs/operations.md").firstColumns
            let paths = cells.filter { $0.hasPrefix("GET /") }.map { String($0.dropFirst(4)) }
            #expect(paths.count >= 6)
            for path in paths where path != "/echo" { #expect(try await server.get(path).status == 200, "\(path)") }
            #expect(try await server.get("/echo").status == 404)
            #expect(cells.contains("/ws?username=alice"))
            let alice = try await server.client("alice", path: "/ws?username=alice", headers: [])
            try await alice.hears(notice: "alice joined the room global")
            try await alice.close()
            #expect(try await server.get("/ws?username=alice").status == 426)
            #expect(try await server.get("/elsewhere").status == 404)
        }

        @Test("/api/rooms has the fields that docs/operations.md prints")
        func rooms() async throws {
            let block = try Page("docs/operations.md").block("json", with: "\"following\"")
            let printed = try JSONSerialization.jsonObject(with: Data(block.utf8)) as? [[String: Any]]
            try await Cluster.current.vacate()
            let server = try Cluster.current[0]
            let alice = try await server.enterV2("alice", "dev")
            try await alice.say("hello")
            let body = try await server.get("/api/rooms").body
            let actual = try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [[String: Any]]
            let fields = try #require(actual?.first).keys.sorted()
            for room in try #require(printed) { #expect(room.keys.sorted() == fields) }
            try await alice.close()
        }
    }
}
