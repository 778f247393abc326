import Domain
import Foundation

/// What the log knows besides its messages, kept in a small file that is always replaced whole.
struct LogManifest: Codable, Equatable {
    /// Names the incarnation. Remove the file to begin another one, for instance after a backup was put back.
    var epoch = RandomToken.make()
    /// The boot of the machine in which the log was last open; nil where the system does not tell.
    var boot: String?
    /// Whether what was acknowledged might not have been on the disk when the machine went down.
    var isLoose = false
    /// The log was closed in order, with everything on the disk.
    var isClosed = false
    /// No less than any number was when a segment was last removed: numbers go on from there, though all is dropped.
    var last = PerKind<UInt64>.both(0)
    /// See ``LogIndex/KindState/forgotten``.
    var forgotten = PerKind<UInt64>.both(0)
    /// See ``LogIndex/KindState/damaged``.
    var damaged = PerKind<UInt64>.both(0)

    /// The boot that the machine is in.
    static var currentBoot: String? {
        (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Whether messages may be gone that were acknowledged: only a loss of power, or of the whole machine, does that.
    func mayHaveLost(boot current: String?) -> Bool {
        isLoose && !isClosed && (boot == nil || boot != current)
    }
}

extension LogManifest {
    private static let name = "manifest.json"

    /// - Returns: nil where there is none, or none that can be read.
    static func read(from storage: any LogStorage) throws(StorageError) -> LogManifest? {
        guard try storage.names().contains(name) else { return nil }
        let file = try storage.open(name)
        let bytes = try file.read(65_536, at: 0)
        guard let manifest = try? JSONDecoder().decode(LogManifest.self, from: Data(bytes)), !manifest.epoch.isEmpty,
            [manifest.last, manifest.forgotten, manifest.damaged].allSatisfy({
                max($0[.rooms], $0[.inboxes]) <= LogRecord.maximumSequence
            })
        else { return nil }
        return manifest
    }

    /// Puts this one in place of the one before, durably.
    func write(to storage: any LogStorage) throws(StorageError) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        guard let data = try? encoder.encode(self) else {
            throw StorageError(operation: "write", path: Self.name, reason: "not possible")
        }
        let draft = Self.name + ".new"
        let file = try storage.create(draft)
        try file.write(Array(data), at: 0)
        try file.sync()
        try storage.rename(draft, to: Self.name)
        try storage.syncNames()
    }
}
