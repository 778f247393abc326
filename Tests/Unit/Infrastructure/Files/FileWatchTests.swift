import Foundation
import Testing

@testable import InfrastructureFiles

struct FileWatchTests {
    private func version(_ number: Int) -> FileVersion {
        FileVersion(inode: 1, bytes: Int64(number), modifiedSeconds: number, modifiedNanoseconds: 0)
    }

    @Test func `a change counts when it is seen twice`() {
        var watch = FileWatch<FileVersion?>(read: version(1))
        let looks = [1, 2, 3, 3, 3].map { watch.look(at: version($0)) }
        #expect(looks == [false, false, false, true, false])
    }

    @Test func `a file that is gone is a change, and so is its return`() {
        var watch = FileWatch<FileVersion?>(read: version(1))
        let looks = [nil, nil, nil, 1, 1].map { watch.look(at: $0.map(version)) }
        #expect(looks == [false, true, false, false, true])
    }

    @Test func `a file that is replaced has another version`() throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "watched-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: url) }
        #expect(FileVersion(path: url.path) == nil)
        try Data("one".utf8).write(to: url)
        let first = try #require(FileVersion(path: url.path))
        #expect(first == FileVersion(path: url.path))
        try Data("two".utf8).write(to: url, options: .atomic)
        #expect(first != FileVersion(path: url.path))
    }
}
