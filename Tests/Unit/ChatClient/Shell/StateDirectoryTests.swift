import Foundation
import Testing

@testable import ChatClient

@Suite struct StateDirectoryTests {
    private func withDirectory(_ body: (StateDirectory) throws -> Void) throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("chat-state-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        try body(StateDirectory(path: root.appendingPathComponent("a/chat-client").path))
    }

    private func permissions(_ path: String) throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }

    @Test func `What is kept is there again, and nobody else's to read`() throws {
        try withDirectory { directory in
            #expect(directory.read("history") == "")
            directory.append("one\n", to: "history")
            directory.append("two\n", to: "history")
            #expect(directory.read("history") == "one\ntwo\n")
            directory.replace("history", with: "three\n")
            #expect(directory.read("history") == "three\n")
            #expect(try permissions(directory.path + "/history") == 0o600)
            #expect(try permissions(directory.path) == 0o700)
            let left = try FileManager.default.contentsOfDirectory(atPath: directory.path)
            #expect(left == ["history"])
        }
    }

    @Test func `A link that somebody put there is not followed`() throws {
        try withDirectory { directory in
            directory.append("x", to: "other")
            let link = directory.path + "/history"
            try FileManager.default.createSymbolicLink(
                atPath: link, withDestinationPath: directory.path + "/other")
            directory.append("secret", to: "history")
            #expect(directory.read("other") == "x")
            #expect(directory.read("history") == "")
        }
    }

    @Test func `Where nothing can be kept nothing happens`() {
        let directory = StateDirectory(path: "/dev/null/chat-client")
        directory.append("x", to: "history")
        directory.replace("settings", with: "x")
        #expect(directory.read("history") == "")
    }
}

@Suite struct ScreenSettingsTests {
    @Test func `Settings are read as they were written, and what is not understood is left out`() {
        var settings = ScreenSettings()
        let taken = [("bell", "all"), ("notices", "off"), ("bell", "loud"), ("colour", "blue")].map { name, value in
            settings.set(name, to: value)
        }
        #expect(taken == [true, true, false, false])
        #expect(ScreenSettings(text: settings.text) == settings)
        #expect(ScreenSettings(text: "bell loud\nnonsense\n\nlist off\n").list == .off)
        for name in ScreenSettings.names {
            #expect(ScreenSettings.values(of: name).contains(settings[name] ?? ""))
        }
    }
}
