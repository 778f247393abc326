import Synchronization

/// Files in memory, which are lost when the process ends.
final class MemoryStorage: LogStorage {
    private let files = Mutex<[String: MemoryFile]>([:])

    func names() throws(StorageError) -> [String] { files.withLock { Array($0.keys) } }

    func open(_ name: String) throws(StorageError) -> any LogFile {
        guard let file = files.withLock({ $0[name] }) else {
            throw StorageError(operation: "open", path: name, reason: "no such file")
        }
        return file
    }

    func create(_ name: String) throws(StorageError) -> any LogFile {
        let file = MemoryFile(path: name)
        files.withLock { $0[name] = file }
        return file
    }

    func rename(_ name: String, to newName: String) throws(StorageError) {
        let isKnown = files.withLock { files in
            guard let file = files.removeValue(forKey: name) else { return false }
            files[newName] = file
            return true
        }
        guard isKnown else { throw StorageError(operation: "rename", path: name, reason: "no such file") }
    }

    func remove(_ name: String) throws(StorageError) { files.withLock { $0[name] = nil } }

    func syncNames() throws(StorageError) {}

    func checkPlace() throws(StorageError) {}
}

private final class MemoryFile: LogFile {
    let path: String
    private let bytes = Mutex<[UInt8]>([])

    init(path: String) { self.path = path }

    func size() throws(StorageError) -> Int { bytes.withLock(\.count) }

    func write(_ new: [UInt8], at offset: Int) throws(StorageError) {
        bytes.withLock { bytes in
            if offset > bytes.count { bytes.append(contentsOf: repeatElement(0, count: offset - bytes.count)) }
            bytes.replaceSubrange(offset..<min(offset + new.count, bytes.count), with: new)
        }
    }

    func read(_ count: Int, at offset: Int) throws(StorageError) -> [UInt8] {
        bytes.withLock { Array($0.dropFirst(offset).prefix(count)) }
    }

    func truncate(to size: Int) throws(StorageError) {
        bytes.withLock { bytes in
            if size < bytes.count { bytes.removeLast(bytes.count - size) }
        }
    }

    func sync() throws(StorageError) {}

    func checkPlace() throws(StorageError) {}
}
