import Dispatch
public import Domain
import Foundation
public import Service
import Synchronization

/// Revocations of a server that stands alone: a file in its data directory, or in memory where it has none.
///
/// The file has a line for each: until when, in ms since 1970, and the revocation, percent-encoded. It is written anew with
/// each change, forced to the disk, and put in the place of the old one at once: a crash leaves one or the other.
public final class EmbeddedRevocationStore: RevocationStore {
    static let fileName = "revocations"
    private static let heading = "chat-cluster revocations 1"

    private struct State {
        var revocations = Revocations()
        var changes = 0
    }

    /// Nil: in memory only.
    private let directory: String?
    private let time: TimeSource
    private let state: Mutex<State>
    /// Writes, one after the other.
    private let queue = DispatchQueue(label: "embedded-revocations")

    /// - Parameter directory: the data directory, which this process has for itself; empty: in memory only.
    /// - Throws: ``StartupError`` where the file is there and cannot be read: tokens that were taken back would count again.
    public init(directory: String, time: TimeSource) throws(StartupError) {
        self.directory = directory.isEmpty ? nil : directory
        self.time = time
        var state = State()
        if let directory = self.directory {
            for entry in try Self.read(directory, at: time.wall()) { state.revocations.insert(entry) }
        }
        self.state = Mutex(state)
    }

    public func version() async throws(ChatError) -> String { state.withLock { String($0.changes) } }

    public func load() async throws(ChatError) -> StoredRevocations {
        state.withLock { StoredRevocations(version: String($0.changes), entries: $0.revocations.entries) }
    }

    public func add(_ entries: [RevocationEntry]) async throws(ChatError) {
        let result: Result<Void, ChatError> = await withCheckedContinuation { continuation in
            queue.async { [self] in
                continuation.resume(returning: Result { () throws(ChatError) in try store(entries) })
            }
        }
        try result.get()
    }

    /// On the queue. What cannot be written is not taken in.
    private func store(_ entries: [RevocationEntry]) throws(ChatError) {
        var changed = state.withLock { $0.revocations }
        changed.removeExpired(at: time.wall())
        for entry in entries where changed.insert(entry) == .full {
            throw ChatError(.unavailable, "there are too many revocations")
        }
        do throws(StorageError) {
            if let directory { try Self.write(changed.entries, to: directory) }
        } catch {
            throw ChatError(.unavailable, "the revocation cannot be written to the disk", cause: error)
        }
        state.withLock { state in
            state.revocations = changed
            state.changes += 1
        }
    }

    // MARK: The file

    private static func write(_ entries: [RevocationEntry], to directory: String) throws(StorageError) {
        let lines = entries.sorted { $0.until < $1.until }.map { entry in
            let text = entry.revocation.text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
            return "\(entry.until.millisecondsSince1970) \(text)"
        }
        let text = ([heading] + lines).joined(separator: "\n") + "\n"
        try DiskStorage.replace("\(directory)/\(fileName)", in: directory, with: Array(text.utf8))
    }

    private static func read(_ directory: String, at now: Timestamp) throws(StartupError) -> [RevocationEntry] {
        let path = "\(directory)/\(fileName)"
        guard FileManager.default.fileExists(atPath: path) else { return [] }
        guard let data = FileManager.default.contents(atPath: path) else {
            throw StartupError(
                "data_directory: \(path) cannot be read; without it, tokens that were revoked count again")
        }
        let lines = String(decoding: data, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: true)
        guard lines.first.map({ String($0) }) == heading else { throw damaged(path) }
        var entries: [RevocationEntry] = []
        for line in lines.dropFirst() {
            let words = line.split(separator: " ", maxSplits: 1)
            guard words.count == 2, let until = Int64(words[0]), let text = String(words[1]).removingPercentEncoding,
                let revocation = Revocation(text: text)
            else { throw damaged(path) }
            let entry = RevocationEntry(revocation, until: Timestamp(millisecondsSince1970: until))
            if entry.until > now { entries.append(entry) }
        }
        return entries
    }

    private static func damaged(_ path: String) -> StartupError {
        StartupError(
            "data_directory: \(path) is damaged, so it is not known which tokens were revoked; put back a copy of it, or "
                + "change the key that signs tokens and remove the file")
    }
}
