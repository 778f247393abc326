import Foundation
import Synchronization

/// A directory on disk, used by one process at a time.
final class DiskStorage: LogStorage {
    private static let lockName = "lock"

    private let directory: String
    /// Holds the directory's lock until it is closed. When the process ends in any way, the system closes it.
    private let lock: Descriptor

    /// Creates the directory if it is missing, and takes its lock.
    ///
    /// - Throws: also if another process holds the lock.
    init(_ directory: String) throws(StorageError) {
        self.directory = directory
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        } catch {
            let cause = (error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError
            throw StorageError(
                operation: "make the directory", path: directory,
                reason: cause.map { String(cString: strerror(Int32($0.code))) } ?? "not possible")
        }
        lock = try Descriptor(path: "\(directory)/\(Self.lockName)", flags: O_RDWR | O_CREAT)
        guard flock(lock.number, LOCK_EX | LOCK_NB) == 0 else {
            guard errno == EWOULDBLOCK else { throw StorageError.system("lock", lock.path) }
            throw StorageError(operation: "use", path: directory, reason: "another server is using it")
        }
        // Without this, exceeding a file-size limit (`ulimit -f`) would end the process instead of failing the write.
        signal(SIGXFSZ, SIG_IGN)
    }

    private func path(_ name: String) -> String { "\(directory)/\(name)" }

    func names() throws(StorageError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: directory).filter { $0 != Self.lockName }
        } catch {
            throw StorageError(operation: "list", path: directory, reason: "not possible")
        }
    }

    func open(_ name: String) throws(StorageError) -> any LogFile {
        DiskFile(try Descriptor(path: path(name), flags: O_RDWR))
    }

    func create(_ name: String) throws(StorageError) -> any LogFile {
        DiskFile(try Descriptor(path: path(name), flags: O_RDWR | O_CREAT | O_TRUNC))
    }

    func rename(_ name: String, to newName: String) throws(StorageError) {
        guard Foundation.rename(path(name), path(newName)) == 0 else { throw .system("rename", path(name)) }
    }

    func remove(_ name: String) throws(StorageError) {
        guard unlink(path(name)) == 0 || errno == ENOENT else { throw .system("remove", path(name)) }
    }

    func syncNames() throws(StorageError) {
        let descriptor = try Descriptor(path: directory, flags: O_RDONLY)
        guard fsync(descriptor.number) == 0 else { throw .system("sync", directory) }
    }

    /// Puts a file with these bytes in the place of another one, or of none, at once and on the disk: a crash leaves one or the
    /// other. Its directory must belong to this process.
    static func replace(_ path: String, in directory: String, with bytes: [UInt8]) throws(StorageError) {
        let unfinished = path + ".new"
        let file = DiskFile(try Descriptor(path: unfinished, flags: O_RDWR | O_CREAT | O_TRUNC))
        try file.write(bytes, at: 0)
        try file.sync()
        guard Foundation.rename(unfinished, path) == 0 else { throw .system("rename", unfinished) }
        let names = try Descriptor(path: directory, flags: O_RDONLY)
        guard fsync(names.number) == 0 else { throw .system("sync", directory) }
    }

    /// Checks the lock file, because without it another server could begin to write here.
    func checkPlace() throws(StorageError) {
        guard lock.isInPlace else {
            throw StorageError(operation: "use", path: directory, reason: "data_directory was removed or replaced")
        }
    }
}

/// One file on disk. Positioned reads and writes share no position between threads.
private final class DiskFile: LogFile {
    private let descriptor: Descriptor

    init(_ descriptor: Descriptor) { self.descriptor = descriptor }

    var path: String { descriptor.path }

    func size() throws(StorageError) -> Int {
        var status = stat()
        guard fstat(descriptor.number, &status) == 0 else { throw .system("examine", path) }
        return Int(status.st_size)
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(StorageError) {
        var written = 0
        while written < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                let rest = UnsafeRawBufferPointer(rebasing: buffer[written...])
                return pwrite(descriptor.number, rest.baseAddress, rest.count, off_t(offset + written))
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .system("write", path) }
            written += count
        }
    }

    func read(_ count: Int, at offset: Int) throws(StorageError) -> [UInt8] {
        var failed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
                let got = pread(descriptor.number, rest.baseAddress, rest.count, off_t(offset + filled))
                if got < 0, errno == EINTR { continue }
                failed = got < 0
                guard got > 0 else { return }
                filled += got
            }
        }
        if failed { throw .system("read", path) }
        return bytes
    }

    func truncate(to size: Int) throws(StorageError) {
        guard ftruncate(descriptor.number, off_t(size)) == 0 else { throw .system("truncate", path) }
    }

    func sync() throws(StorageError) {
        #if canImport(Darwin)
            // On macOS fsync leaves the bytes in the drive's cache.
            let status = fcntl(descriptor.number, F_FULLFSYNC)
        #else
            let status = fdatasync(descriptor.number)
        #endif
        guard status == 0 else { throw .system("sync", path) }
    }

    func checkPlace() throws(StorageError) {
        guard descriptor.isInPlace else {
            throw StorageError(operation: "use", path: path, reason: "a file of the log was removed or replaced")
        }
    }
}

/// A file descriptor that is closed when its owner is released.
private final class Descriptor: Sendable {
    let path: String
    let number: Int32

    init(path: String, flags: Int32) throws(StorageError) {
        self.path = path
        // Mode 0600: the files hold messages, which other users of the machine must not read.
        number = Foundation.open(path, flags | O_CLOEXEC, 0o600)
        guard number >= 0 else { throw .system("open", path) }
    }

    /// Whether the path still leads to the file that is open here.
    var isInPlace: Bool {
        var own = stat()
        var named = stat()
        guard fstat(number, &own) == 0, stat(path, &named) == 0 else { return false }
        return own.st_dev == named.st_dev && own.st_ino == named.st_ino
    }

    deinit { close(number) }
}

extension StorageError {
    /// The error that `errno` describes.
    fileprivate static func system(_ operation: String, _ path: String) -> StorageError {
        let code = errno
        return StorageError(
            operation: operation, path: path, reason: String(cString: strerror(code)),
            isFull: [ENOSPC, EDQUOT, EFBIG].contains(code))
    }
}
