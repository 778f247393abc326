import Foundation
import Synchronization

/// One directory per test process for stores, configurations and logs; the ``Watchdog`` removes it when the process has ended.
///
/// `CHAT_TEST_KEEP=1` keeps it.
enum ScratchDirectory {
    static let root: URL = {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("chat-tests-\(ProcessInfo.processInfo.processIdentifier)", isDirectory: true)
        try? FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }()

    private static let count = Mutex(0)

    /// A fresh directory whose name starts with `name`.
    static func make(_ name: String) throws -> URL {
        let number = count.withLock { count in
            count += 1
            return count
        }
        let url = root.appendingPathComponent("\(name)-\(number)", isDirectory: true)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }
}
