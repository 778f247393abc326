/// The directory in which the embedded log keeps its files, on disk or in memory.
///
/// - Threads: all calls are allowed on any thread. The log never writes one file on two threads at a time.
/// - Durability: written bytes outlive the process. They outlive a loss of power once ``LogFile/sync()`` has returned;
///   a created, replaced or removed name does once ``syncNames()`` has.
protocol LogStorage: Sendable {
    /// The names of all files, in no particular order.
    func names() throws(StorageError) -> [String]
    /// Opens a file for reading and writing.
    func open(_ name: String) throws(StorageError) -> any LogFile
    /// Opens an empty file; an existing file of that name is emptied.
    func create(_ name: String) throws(StorageError) -> any LogFile
    /// Renames a file atomically. A file that had the new name is removed, but can still be read through an open
    /// handle.
    func rename(_ name: String, to newName: String) throws(StorageError)
    /// A removed file can still be read through an open handle.
    func remove(_ name: String) throws(StorageError)
    func syncNames() throws(StorageError)
    /// Throws if a process that starts now would not find this directory, because it was removed or replaced.
    func checkPlace() throws(StorageError)
}

/// An open file. It is closed when the last reference is released.
protocol LogFile: AnyObject, Sendable {
    /// The file's path, for messages to people.
    var path: String { get }

    func size() throws(StorageError) -> Int
    /// Writes all of `bytes`. If it throws, a part of them may have been written.
    func write(_ bytes: [UInt8], at offset: Int) throws(StorageError)
    /// Reads `count` bytes, or fewer at the end of the file.
    func read(_ count: Int, at offset: Int) throws(StorageError) -> [UInt8]
    func truncate(to size: Int) throws(StorageError)
    func sync() throws(StorageError)
    /// Throws if the file is not under its name any more, so that the next start would not find what is written to it.
    func checkPlace() throws(StorageError)
}

/// The system's error for an operation on a file.
struct StorageError: Error, CustomStringConvertible {
    /// The failed operation, as the end of “cannot …”.
    let operation: String
    let path: String
    let reason: String
    /// Whether there was no space for the bytes.
    var isFull = false

    var description: String { "cannot \(operation) \(path): \(reason)" }
}
