import Foundation

/// Finds the products that were built along with these tests.
enum Product {
    /// The `server` under test; `CHAT_SERVER_BINARY` names another one.
    static func server() throws -> String { try find("server", override: "CHAT_SERVER_BINARY") }

    /// The `chat-client` under test; `CHAT_CLIENT_BINARY` names another one.
    static func client() throws -> String { try find("chat-client", override: "CHAT_CLIENT_BINARY") }

    /// The `chat-bench` under test; `CHAT_BENCH_BINARY` names another one.
    static func bench() throws -> String { try find("chat-bench", override: "CHAT_BENCH_BINARY") }

    struct NotBuilt: Error, CustomStringConvertible {
        let description: String
    }

    private static func find(_ name: String, override: String) throws -> String {
        if let path = ProcessInfo.processInfo.environment[override] { return path }
        var folders: [URL] = []
        if let executable = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            folders.append(URL(fileURLWithPath: executable).deletingLastPathComponent())
        }
        // On macOS the tests are a bundle next to the products.
        folders += Bundle.allBundles.map { $0.bundleURL.deletingLastPathComponent() }
        folders.append(URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent())
        let candidates = folders.map { $0.appendingPathComponent(name).path }
        guard let found = candidates.first(where: { FileManager.default.isExecutableFile(atPath: $0) }) else {
            throw NotBuilt(description: "no product “\(name)” next to the tests; looked at \(candidates)")
        }
        return found
    }
}
