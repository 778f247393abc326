import Foundation
import Synchronization

/// Where finished log lines go: the console, and a file where one is named. Lines of several threads do not mix.
public final class LogSink: Sendable {
    private struct File {
        let descriptor: Int32
        var hasFailed = false
    }

    private let file: Mutex<File?>

    /// - Parameter path: appended to, created where it is missing; empty: no file.
    /// - Throws: ``StartupError`` where it cannot be opened.
    public init(path: String) throws(StartupError) {
        guard !path.isEmpty else {
            file = Mutex(nil)
            return
        }
        let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw StartupError("log_file: \"\(path)\" cannot be opened: \(String(cString: strerror(errno)))")
        }
        file = Mutex(File(descriptor: descriptor))
    }

    deinit {
        if let descriptor = file.withLock({ $0?.descriptor }) { close(descriptor) }
    }

    /// Writes one line, newline included. A full disk costs the file lines, never the server: the console says so once.
    func write(_ line: String) {
        let bytes = Array(line.utf8)
        file.withLock { file in
            _ = Self.write(bytes, to: STDERR_FILENO)
            guard let descriptor = file?.descriptor else { return }
            let isWritten = Self.write(bytes, to: descriptor)
            if !isWritten, file?.hasFailed == false {
                let reason = String(cString: strerror(errno))
                _ = Self.write(Array("log_file: lines are being lost: \(reason)\n".utf8), to: STDERR_FILENO)
            }
            file?.hasFailed = !isWritten
        }
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let count = Foundation.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
                if count < 0 {
                    if errno == EINTR { continue }
                    return false
                }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }
}
