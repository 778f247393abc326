import Domain
import Foundation
import HTTPTypes
import InfrastructureThreads
import NIOCore
import NIOHTTP1
import Synchronization

/// Serves the files of the setting `web_directory` in place of the built-in chat page.
///
/// Disks may be slow, so files are read on threads of their own. What has been read is kept while the file is the same:
/// however many clients take it, and however slowly, its bytes are in memory once.
final class WebDirectory: Sendable {
    /// Larger files are not served.
    static let maximumFileBytes = 16 << 20
    /// Of the files that are kept, together.
    private static let maximumKeptBytes = 32 << 20

    struct File: Equatable {
        let tag: EntityTag
        let modified: String
        let body: ByteBuffer
    }

    enum Outcome: Equatable {
        case file(File)
        case notFound
        case tooLarge
    }

    private struct Kept {
        var files: [String: File] = [:]
        var bytes = 0
    }

    /// Without links in it.
    private let root: String
    private let executor = BlockingExecutor(name: "chat-web", threads: 2)
    private let kept = Mutex(Kept())

    /// - Returns: nil if there is no such directory, or it cannot be read.
    init?(_ path: String) {
        guard let root = Self.resolved(path), Self.status(of: root).map({ $0.st_mode & S_IFMT == S_IFDIR }) == true,
            access(root, R_OK | X_OK) == 0
        else { return nil }
        self.root = root
    }

    /// The answer to a request for a file; nil where there is none at its path.
    func response(to request: Request) async -> Response? {
        guard let path = WebPath(request.path) else { return nil }
        switch await withTaskExecutorPreference(executor, operation: { file(at: path) }) {
        case .notFound: return nil
        case .tooLarge:
            return .text("the file is too large to be served from here\n", status: .forbidden)
        case .file(let file):
            var headers: HTTPFields = [.eTag: file.tag.text, .lastModified: file.modified]
            headers[.xContentTypeOptions] = "nosniff"
            guard !file.isKnown(to: request) else {
                return Response(status: .notModified, headers: headers.cached, isForeignPage: true)
            }
            headers[.contentType] = MediaType.of(path.text)
            return Response(status: .ok, headers: headers.cached, body: file.body, isForeignPage: true)
        }
    }

    /// Blocks the thread. The file is a regular one in the directory, also behind all links.
    func file(at path: WebPath) -> Outcome {
        guard let resolved = Self.resolved(root + "/" + path.text), isInside(resolved) else { return .notFound }
        // Not to wait for a pipe, and not to follow a link that has come meanwhile.
        let descriptor = open(resolved, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW)
        guard descriptor >= 0 else { return .notFound }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return .notFound }
        let size = Int(status.st_size)
        guard size <= Self.maximumFileBytes else { return .tooLarge }
        let (seconds, nanoseconds) = status.modified
        let tag = EntityTag(
            "\(String(seconds, radix: 16))-\(String(nanoseconds, radix: 16))-\(String(size, radix: 16))")
        if let known = kept.withLock({ $0.files[resolved] }), known.tag == tag { return .file(known) }
        guard let body = Self.read(descriptor, size) else { return .notFound }
        let (milliseconds, overflow) = Int64(seconds).multipliedReportingOverflow(by: 1000)
        let modified = HTTPDate.text(Timestamp(millisecondsSince1970: overflow ? 0 : milliseconds))
        let file = File(tag: tag, modified: modified, body: body)
        keep(file, as: resolved)
        return .file(file)
    }

    private func isInside(_ path: String) -> Bool {
        let prefix = root == "/" ? root : root + "/"
        guard path.utf8.starts(with: prefix.utf8) else { return false }
        let names = path.utf8.dropFirst(prefix.utf8.count).split(separator: UInt8(ascii: "/"))
        return names.allSatisfy { WebPath.isVisible(Substring($0)) }
    }

    private func keep(_ file: File, as path: String) {
        kept.withLock { kept in
            if let old = kept.files[path] { kept.bytes -= old.body.readableBytes }
            if kept.bytes + file.body.readableBytes > Self.maximumKeptBytes { kept = Kept() }
            kept.files[path] = file
            kept.bytes += file.body.readableBytes
        }
    }

    /// - Returns: nil if it cannot be read, or has become shorter meanwhile.
    private static func read(_ descriptor: Int32, _ size: Int) -> ByteBuffer? {
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size {
                let more = Foundation.read(descriptor, buffer.baseAddress?.advanced(by: count), size - count)
                if more < 0, errno == EINTR { continue }
                guard more > 0 else { break }
                count += more
            }
        }
        return bytes.count == size ? ByteBuffer(bytes: bytes) : nil
    }

    private static func resolved(_ path: String) -> String? {
        guard !path.utf8.contains(0), let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(validatingCString: resolved)
    }

    private static func status(of path: String) -> stat? {
        var status = stat()
        return stat(path, &status) == 0 ? status : nil
    }
}

extension WebDirectory.File {
    /// Whether the client has it already (RFC 9110 §13.2.2). A date counts only without a tag, and only if it is the very
    /// one that was told.
    fileprivate func isKnown(to request: Request) -> Bool {
        let tags = request.headers["if-none-match"]
        return tags.isEmpty ? request.headers["if-modified-since"] == [modified] : tag.isNamed(in: tags)
    }
}

extension stat {
    fileprivate var modified: (seconds: Int, nanoseconds: Int) {
        #if os(Linux)
            (Int(st_mtim.tv_sec), Int(st_mtim.tv_nsec))
        #else
            (Int(st_mtimespec.tv_sec), Int(st_mtimespec.tv_nsec))
        #endif
    }
}
