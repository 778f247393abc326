import Foundation
import Testing

@testable import ChatClient

@Suite struct TokenSourceTests {
    private func file(_ content: String, mode: Int) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("token-\(UUID().uuidString)").path
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: mode]
        try #require(FileManager.default.createFile(atPath: path, contents: Data(content.utf8), attributes: attributes))
        try FileManager.default.setAttributes(attributes, ofItemAtPath: path)
        return path
    }

    @Test func `A file of one's own gives its token without the line's end, anew each time`() throws {
        let path = try file("abc.def\n", mode: 0o600)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let (_, read) = try TokenSource.file(path).reader()
        #expect(try read() == "abc.def")
        try Data("new\n".utf8).write(to: URL(fileURLWithPath: path))
        #expect(try read() == "new")
    }

    @Test(arguments: [0o644, 0o640, 0o604, 0o620])
    func `A file that others can open is not used`(mode: Int) throws {
        let path = try file("abc.def", mode: mode)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let problem = try #require(throws: UsageProblem.self) { try TokenSource.file(path).reader() }
        #expect(problem.description.contains("chmod 600"))
        #expect(!problem.description.contains("abc"))
    }

    @Test(arguments: [
        "", " \n", "two words", "a\r\nX-Evil: yes", "tök", "a\u{0}b", String(repeating: "x", count: 20_000),
    ])
    func `What is no token is refused without being shown`(text: String) throws {
        let problem = try #require(throws: UsageProblem.self) { try TokenSource.value(text).reader() }
        #expect(text.count < 3 || !problem.description.contains(text))
    }

    @Test func `A file that is not there is named`() throws {
        let problem = try #require(throws: UsageProblem.self) { try TokenSource.file("/nonexistent/token").reader() }
        #expect(problem.description.contains("/nonexistent/token"))
    }
}
