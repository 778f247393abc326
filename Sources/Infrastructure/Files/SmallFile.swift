import Foundation

/// Reads files that are small, however large they are.
public enum SmallFile {
    /// - Parameter limit: the most bytes that are read; what follows is left.
    /// - Returns: nil where the file cannot be read.
    public static func bytes(at path: String, atMost limit: Int) -> [UInt8]? {
        // Opening a named pipe would wait for somebody who writes to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return nil }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        do {
            return Array(try handle.read(upToCount: limit) ?? Data())  // nil: the file is empty
        } catch {
            return nil
        }
    }
}
