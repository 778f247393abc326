import Foundation

/// What tells one content of a file from the next, without reading it.
public struct FileVersion: Equatable, Sendable {
    let inode: UInt64
    let bytes: Int64
    let modifiedSeconds: Int
    let modifiedNanoseconds: Int

    /// - Returns: nil where there is no file, or it may not be looked at. Links are followed.
    public init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        inode = UInt64(status.st_ino)
        bytes = Int64(status.st_size)
        #if canImport(Darwin)
            let modified = status.st_mtimespec
        #else
            let modified = status.st_mtim
        #endif
        modifiedSeconds = Int(modified.tv_sec)
        modifiedNanoseconds = Int(modified.tv_nsec)
    }

    init(inode: UInt64, bytes: Int64, modifiedSeconds: Int, modifiedNanoseconds: Int) {
        self.inode = inode
        self.bytes = bytes
        self.modifiedSeconds = modifiedSeconds
        self.modifiedNanoseconds = modifiedNanoseconds
    }
}

/// Decides when files that change are to be read again. A pure value that is told what is there.
///
/// A change counts when it is seen twice in a row: a file that is being written is left alone until it stands still.
///
/// `Version` is a ``FileVersion``, nil where there is no file; for files that belong together, an array of these.
public struct FileWatch<Version: Equatable & Sendable>: Sendable {
    private var read: Version
    private var seen: Version

    /// - Parameter version: the one that was read last.
    public init(read version: Version) {
        read = version
        seen = version
    }

    /// - Returns: whether the files are to be read now; they count as read then, whatever comes of it.
    public mutating func look(at version: Version) -> Bool {
        defer { seen = version }
        guard version != read, version == seen else { return false }
        read = version
        return true
    }

    /// Notes that the files were read without being asked for here.
    public mutating func wasRead(_ version: Version) {
        read = version
        seen = version
    }
}
