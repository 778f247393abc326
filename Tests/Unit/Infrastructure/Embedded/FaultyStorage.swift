import Synchronization

@testable import InfrastructureEmbedded

/// A disk that can be full, break, and lose its power: it keeps apart what was written and what was synced.
final class FaultyStorage: LogStorage {
    /// A file's bytes, as written and as they would be found after a loss of power.
    struct Contents {
        var written: [UInt8] = []
        var synced: [UInt8] = []
    }

    fileprivate struct Disk {
        var names: [String: Int] = [:]
        var syncedNames: [String: Int] = [:]
        var files: [Contents] = []
        /// How many more bytes fit; nil: any number.
        var room: Int?
        var syncFails = false
        /// Somebody has put another directory in its place.
        var isDisplaced = false
        /// How many more changes are made before the process is as good as dead; nil: any number.
        var changesLeft: Int?

        mutating func change(_ path: String) throws(StorageError) {
            guard let left = changesLeft else { return }
            guard left > 0 else { throw StorageError(operation: "use", path: path, reason: "dead") }
            changesLeft = left - 1
        }

        func contents(_ name: String) -> Contents { names[name].map { files[$0] } ?? Contents() }

        mutating func sync(_ file: Int, _ path: String) throws(StorageError) {
            try change(path)
            if syncFails { throw StorageError(operation: "sync", path: path, reason: "Input/output error") }
            files[file].synced = files[file].written
        }

        mutating func write(_ bytes: [UInt8], at offset: Int, _ file: Int, _ path: String) throws(StorageError) {
            try change(path)
            let growth = max(0, offset + bytes.count - files[file].written.count)
            let fits = bytes.prefix(bytes.count - max(0, growth - (room ?? growth)))
            let end = min(offset + fits.count, files[file].written.count)
            files[file].written.replaceSubrange(offset..<end, with: fits)
            room = room.map { max(0, $0 - growth) }
            if fits.count < bytes.count {
                throw StorageError(operation: "write", path: path, reason: "No space left on device", isFull: true)
            }
        }
    }

    fileprivate let disk = Mutex(Disk())

    /// Nil: as much as anyone wants.
    func setRoom(_ bytes: Int?) { disk.withLock { $0.room = bytes } }
    func setSyncFails(_ fails: Bool) { disk.withLock { $0.syncFails = fails } }
    func displace(_ isDisplaced: Bool = true) { disk.withLock { $0.isDisplaced = isDisplaced } }
    /// As an operator does it, under the process that has it open.
    func delete(_ name: String) { disk.withLock { $0.names[name] = nil } }
    func dieAfter(_ changes: Int) { disk.withLock { $0.changesLeft = changes } }

    var files: [String: [UInt8]] {
        disk.withLock { disk in disk.names.mapValues { disk.files[$0].written } }
    }

    /// The segments' files, oldest first.
    var segments: [String] { files.keys.filter { $0.hasSuffix(".log") }.sorted() }

    /// What a process finds that starts after this one was killed.
    func afterKill() -> FaultyStorage { copy { ($0.names, $0.files.map(\.written)) } }

    /// What a process finds that starts after the power was lost.
    func afterPowerLoss() -> FaultyStorage { copy { ($0.syncedNames, $0.files.map(\.synced)) } }

    /// The same files, one of them with other contents.
    func with(_ name: String, _ bytes: [UInt8]) -> FaultyStorage {
        let storage = afterKill()
        storage.disk.withLock { disk in
            guard let file = disk.names[name] else { return }
            disk.files[file] = Contents(written: bytes, synced: bytes)
        }
        return storage
    }

    private func copy(_ view: @Sendable (Disk) -> ([String: Int], [[UInt8]])) -> FaultyStorage {
        let (names, files) = disk.withLock { view($0) }
        let storage = FaultyStorage()
        storage.disk.withLock { disk in
            disk.names = names
            disk.syncedNames = names
            disk.files = files.map { Contents(written: $0, synced: $0) }
        }
        return storage
    }

    // MARK: LogStorage

    func names() throws(StorageError) -> [String] { disk.withLock { Array($0.names.keys) } }

    func open(_ name: String) throws(StorageError) -> any LogFile {
        guard let number = disk.withLock({ $0.names[name] }) else {
            throw StorageError(operation: "open", path: name, reason: "No such file or directory")
        }
        return FaultyFile(number, name, self)
    }

    func create(_ name: String) throws(StorageError) -> any LogFile {
        let number = try disk.withLock { disk throws(StorageError) in
            try disk.change(name)
            if let old = disk.names[name] {
                disk.files[old].written = []
                return old
            }
            disk.files.append(Contents())
            disk.names[name] = disk.files.count - 1
            return disk.files.count - 1
        }
        return FaultyFile(number, name, self)
    }

    func rename(_ name: String, to newName: String) throws(StorageError) {
        try disk.withLock { disk throws(StorageError) in
            try disk.change(name)
            disk.names[newName] = disk.names.removeValue(forKey: name)
        }
    }

    func remove(_ name: String) throws(StorageError) {
        try disk.withLock { disk throws(StorageError) in
            try disk.change(name)
            disk.names[name] = nil
        }
    }

    func syncNames() throws(StorageError) {
        try disk.withLock { disk throws(StorageError) in
            try disk.change("the directory")
            disk.syncedNames = disk.names
        }
    }

    func checkPlace() throws(StorageError) {
        if disk.withLock({ $0.isDisplaced }) {
            throw StorageError(operation: "use", path: "the directory", reason: "it was removed or replaced")
        }
    }
}

private final class FaultyFile: LogFile {
    let path: String
    private let number: Int
    private let storage: FaultyStorage

    init(_ number: Int, _ path: String, _ storage: FaultyStorage) {
        self.number = number
        self.path = path
        self.storage = storage
    }

    func size() throws(StorageError) -> Int { storage.disk.withLock { $0.files[number].written.count } }

    func write(_ bytes: [UInt8], at offset: Int) throws(StorageError) {
        try storage.disk.withLock { disk throws(StorageError) in try disk.write(bytes, at: offset, number, path) }
    }

    func read(_ count: Int, at offset: Int) throws(StorageError) -> [UInt8] {
        storage.disk.withLock { Array($0.files[number].written.dropFirst(offset).prefix(count)) }
    }

    func truncate(to size: Int) throws(StorageError) {
        try storage.disk.withLock { disk throws(StorageError) in
            try disk.change(path)
            disk.files[number].written = Array(disk.files[number].written.prefix(size))
        }
    }

    func sync() throws(StorageError) {
        try storage.disk.withLock { disk throws(StorageError) in try disk.sync(number, path) }
    }

    func checkPlace() throws(StorageError) {
        if storage.disk.withLock({ $0.names[path] != number }) {
            throw StorageError(operation: "use", path: path, reason: "it was removed or replaced")
        }
    }
}
