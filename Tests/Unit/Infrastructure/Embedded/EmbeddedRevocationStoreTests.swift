import Domain
import Foundation
import Service
import Testing

@testable import InfrastructureEmbedded

struct EmbeddedRevocationStoreTests {
    private let directory = FileManager.default.temporaryDirectory.appendingPathComponent(
        "revocations-\(UUID().uuidString)")

    private func with<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: directory) }
        return try await body(directory.path)
    }

    private var file: URL { directory.appendingPathComponent(EmbeddedRevocationStore.fileName) }

    private func entry(_ id: String, until: Int64 = 4_000_000_000_000) -> RevocationEntry {
        RevocationEntry(.token(id: ExactText(id)), until: Timestamp(millisecondsSince1970: until))
    }

    @Test func `what was added is there again after a restart, and what is over is not`() async throws {
        try await with { path in
            let byUser = RevocationEntry(
                .tokens(of: try Username("日本"), issuedBefore: 17),
                until: Timestamp(millisecondsSince1970: 4_000_000_000_000))
            let odd = entry("a b\n%é\u{0}")
            let store = try EmbeddedRevocationStore(directory: path, time: .system)
            let before = try await store.version()
            try await store.add([odd, byUser, entry("over", until: 5)])
            #expect(try await store.version() != before)
            let again = try EmbeddedRevocationStore(directory: path, time: .system)
            #expect(Set(try await again.load().entries) == [odd, byUser])
        }
    }

    @Test func `without a directory it is kept in memory`() async throws {
        let store = try EmbeddedRevocationStore(directory: "", time: .system)
        try await store.add([entry("t1")])
        #expect(try await store.load().entries == [entry("t1")])
    }

    @Test(arguments: ["", "x\n", "chat-cluster revocations 1\nrubbish\n", "chat-cluster revocations 1\n5 x\n"])
    func `a damaged file stops the start: nobody would know what was revoked`(text: String) async throws {
        try await with { path in
            try Data(text.utf8).write(to: file)
            #expect(throws: StartupError.self) { try EmbeddedRevocationStore(directory: path, time: .system) }
        }
    }

    @Test func `what cannot be written is not taken in`() async throws {
        try await with { path in
            let store = try EmbeddedRevocationStore(directory: path, time: .system)
            try await store.add([entry("t1")])
            try FileManager.default.removeItem(atPath: path)
            await #expect(throws: ChatError.self) { try await store.add([entry("t2")]) }
            #expect(try await store.load().entries == [entry("t1")])
        }
    }

    @Test func `the file is nobody else's business`() async throws {
        try await with { path in
            try await EmbeddedRevocationStore(directory: path, time: .system).add([entry("t1")])
            let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
        }
    }
}
