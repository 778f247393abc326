import Foundation
import Testing
import Transport

@testable import ChatClient

@Suite struct TokenReaderTests {
    private let path = FileManager.default.temporaryDirectory.appendingPathComponent("token-\(UUID().uuidString)").path
    private let present = TokenUse.present(Attempt(number: 1), evenIfSame: false)

    private func write(_ token: String) throws {
        try Data(token.utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    private struct Found: Equatable {
        let news: TokenNews
        let token: String?

        init(_ news: TokenNews, _ token: String?) {
            self.news = news
            self.token = token
        }
    }

    private func look(_ reader: TokenReader, _ use: TokenUse) -> Found {
        let (news, token) = reader.look(use)
        return Found(news, token)
    }

    /// A reader that has presented the token `first`.
    private func reader() throws -> TokenReader {
        try write("first\n")
        let reader = try TokenReader(.file(path))
        #expect(try reader.forConnection() == "first")
        return reader
    }

    @Test func `The token that was presented last is presented again only if that is wanted`() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let reader = try reader()
        #expect(look(reader, present) == Found(.same, nil))
        #expect(look(reader, .nextConnection) == Found(.same, nil))
        #expect(look(reader, .present(Attempt(number: 1), evenIfSame: true)) == Found(.new, "first"))
    }

    @Test func `Another token is presented once; one that is only looked at is not presented`() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let reader = try reader()
        try write("second")
        #expect(look(reader, .nextConnection) == Found(.new, nil))
        #expect(look(reader, .nextConnection) == Found(.new, nil))
        #expect(look(reader, present) == Found(.new, "second"))
        #expect(look(reader, present) == Found(.same, nil))
        #expect(try reader.forConnection() == "second")
    }

    @Test func `A file that cannot be read is a reason in words, and the next look may find a token`() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let reader = try reader()
        try FileManager.default.removeItem(atPath: path)
        guard case .unreadable(let words) = look(reader, present).news else {
            Issue.record("a file that is gone was read")
            return
        }
        #expect(words.contains(path))
        try write("third")
        #expect(look(reader, present) == Found(.new, "third"))
    }

    @Test func `A token of the environment cannot change, and a file's can`() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        #expect(try TokenReader(.value("abc")).credential == .fixed)
        #expect(try reader().credential == .file(path))
    }

    @Test func `No description contains the token`() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }
        let secret = "to.ken-789"
        let reader = try TokenReader(.value(secret))
        _ = try reader.forConnection()
        let layer = SettingsLayer(token: .value(secret))
        for shown in [
            String(describing: reader), String(reflecting: reader), "\(TokenSource.value(secret))",
            String(reflecting: layer), "\(layer)",
        ] {
            #expect(!shown.contains(secret))
        }
        var dumped = ""
        dump(reader, to: &dumped)
        dump(layer, to: &dumped)
        #expect(!dumped.contains(secret))
    }
}
