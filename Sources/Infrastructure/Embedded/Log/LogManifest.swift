import Domain
import Foundation

/// The log's state beside its messages, kept in a small file that is always replaced as a whole.
struct LogManifest: Codable, Equatable {
    /// Names the incarnation. Remove the file to begin a new one, for instance after a backup was restored.
    var epoch = RandomToken.make()
    /// The boot of the machine during which the log was last open; nil if the system does not tell.
    var boot: String?
    /// Whether acknowledged messages may not have been on the disk when the machine went down.
    var isLoose = false
    /// Whether the log was closed properly, with everything on the disk.
    var isClosed = false
    /// At least the greatest number when a segment was last removed. New numbers begin after it, even if all messages
    /// were dropped.
    var last = PerKind<UInt64>.both(0)
    /// See ``LogIndex/KindState/forgotten``.
    var forgotten = PerKind<UInt64>.both(0)
    /// See ``LogIndex/KindState/damaged``.
    var damaged = PerKind<UInt64>.both(0)

    /// The machine's current boot.
    static var currentBoot: String? {
        (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8))?
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }

    /// Whether acknowledged messages may be lost. Only a loss of power or a crash of the whole machine causes that.
    func mayHaveLost(boot current: String?) -> Bool {
        isLoose && !isClosed && (boot == nil || boot != current)
    }
}

extension LogManifest {
    private static let name = "manifest.json"

    /// - Returns: nil if there is no manifest, or none that can be read.
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

    /// Replaces the stored manifest by this one, durably.
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
