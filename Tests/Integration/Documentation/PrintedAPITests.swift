import Foundation
import Testing
import Wire

extension Integration {
    /// The commands that docs/api.md prints, run by a shell against a server, and what it answers.
    @Suite("Printed API", .serialized)
    struct PrintedAPI {
        private static let adminToken = "0123456789abcdef"
        private static let secret = "a secret that is long enough for HS256"

        /// The commands in their order, each with the answer that is printed behind it.
        private static func examples() throws -> [(command: String, answer: String?)] {
            var examples: [(command: String, answer: String?)] = []
            for part in try Page("docs/api.md").text.components(separatedBy: "\n```").dropFirst() {
                if part.hasPrefix("\n$ curl ") {
                    examples.append((String(part.dropFirst(3)), nil))
                } else if part.hasPrefix("json\n{"), let last = examples.indices.last, examples[last].answer == nil {
                    examples[last].answer = String(part.dropFirst(5))
                }
            }
            return examples
        }

        /// The fields of objects, and of the first one of each list.
        private static func shape(_ value: Any) -> String {
            switch value {
            case let object as [String: Any]:
                "{" + object.keys.sorted().map { "\($0):\(shape(object[$0] as Any))" }.joined(separator: ",") + "}"
            case let list as [Any]: "[" + (list.first.map(shape) ?? "") + "]"
            case is String: "text"
            default: "value"
            }
        }

        private static func shape(of json: String) throws -> String {
            shape(try JSONSerialization.jsonObject(with: Data(json.utf8)))
        }

        private func run(_ command: String, port: Int) async throws -> String {
            let directory = try ScratchDirectory.make("curl")
            let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
            let child = try ChildProcess(
                "curl", "/bin/bash", ["-c", command.replacing("localhost:8080", with: "127.0.0.1:\(port)")],
                environment: ["PATH": path, "TOKEN": Self.adminToken], directory: directory,
                log: directory.appendingPathComponent("output.txt"))
            #expect(try await child.exit() == .exited(0), "\(command): \(child.output)")
            return child.output
        }

        @Test("Each command is answered as it is printed")
        func commands() async throws {
            let examples = try Self.examples()
            #expect(examples.count >= 11)
            let settings: Settings = ["admin_token": .text(Self.adminToken)]
            let instance = try ChatInstance("server-1", settings)
            // Where nobody has a token, none can be taken back.
            let other = try ChatInstance("server-2", settings.with(["jwt_secret": .text(Self.secret)]))
            for instance in [instance, other] { try await instance.start() }
            let alice = try await instance.v2("alice", room: "dev")
            let bob = try await instance.v2("bob", room: "dev")
            try await alice.say("hello", in: "dev")
            for (command, printed) in examples {
                let server = command.contains("/api/revocations") ? other : instance
                let output = try await run(command, port: server.port)
                if let printed {
                    #expect(try Self.shape(of: output) == Self.shape(of: printed), "\(command)\n\(output)")
                } else {
                    #expect(!output.hasPrefix("{\"error\""), "\(command)\n\(output)")
                    _ = try Self.shape(of: output)
                }
            }
            #expect(try await alice.closed().code == 4003)
            try await bob.close()
            for instance in [instance, other] { await instance.kill9() }
        }
    }
}
