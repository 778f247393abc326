/// The directory in which the embedded log keeps its files, on disk or in memory.
///
/// - Threads: all may be called on any thread; the log never writes one file on two threads at a time.
/// - Durability: what was written outlives the process; it outlives a loss of power once ``LogFile/sync()`` has returned,
///   and a name that was created, replaced or removed does once ``syncNames()`` has.
protocol LogStorage: Sendable {
    /// The names of all files, in no order.
    func names() throws(StorageError) -> [String]
    /// Opens a file for reading and writing.
    func open(_ name: String) throws(StorageError) -> any LogFile
    /// Opens an empty file; one that has the name is emptied.
    func create(_ name: String) throws(StorageError) -> any LogFile
    /// Gives a file another name at once; a file that had it is gone, except for those who have it open.
    func rename(_ name: String, to newName: String) throws(StorageError)
    /// Who has the file open can still read it.
    func remove(_ name: String) throws(StorageError)
    func syncNames() throws(StorageError)
    /// Throws where a process that starts now would not find this directory: it was removed, or put aside for another one.
    func checkPlace() throws(StorageError)
}

/// One open file; it is closed when nobody holds it any more.
protocol LogFile: AnyObject, Sendable {
    /// For people: where the file is.
    var path: String { get }

    func size() throws(StorageError) -> Int
    /// Writes all of `bytes`. Where it throws, a part of them may have been written.
    func write(_ bytes: [UInt8], at offset: Int) throws(StorageError)
    /// Reads `count` bytes, or fewer where the file ends.
    func read(_ count: Int, at offset: Int) throws(StorageError) -> [UInt8]
    func truncate(to size: Int) throws(StorageError)
    func sync() throws(StorageError)
    /// Throws where the file does not stand under its name any more: what is written to it is gone with the process.
    func checkPlace() throws(StorageError)
}

/// What the system said to an attempt to use a file.
struct StorageError: Error, CustomStringConvertible {
    /// What was tried, as the end of “cannot …”.
    let operation: String
    let path: String
    let reason: String
    /// There is no room for what was to be written.
    var isFull = false

    var description: String { "cannot \(operation) \(path): \(reason)" }
}
