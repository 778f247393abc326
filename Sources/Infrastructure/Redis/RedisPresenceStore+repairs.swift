import CoreMetrics
import Domain
import InfrastructurePresence
import Logging
import Synchronization

/// Finds what Redis has lost while this instance's lease stayed, and writes it again: keys that were deleted, evicted
/// or replaced by another type.
extension RedisPresenceStore {
    /// Sessions that one script checks: some milliseconds of Redis's time, if all of them must be written.
    private static let mendLimit = 250
    private static let tornLimit = 500

    /// The results of one or several scripts.
    private struct Mended {
        /// Entries in the list of all users, the list of all rooms, and the owners of names.
        var entries = 0
        var rooms: Set<RoomName> = []
    }

    /// Checks a part of what Redis should hold. If something is missing there, it checks everything that may be missing
    /// with it.
    func repair(_ part: PresenceRounds.Part, under lease: String) async throws(RedisError) {
        guard !part.wanted.isEmpty, state.withLock({ $0.ledger.lease }) == lease else { return }
        guard var mended = try await mend(part.sessions, of: part, under: lease) else { return }
        let torn = try await torn(part.rooms)
        let others: [SessionID]
        if mended.entries > 0 {
            others = Array(part.wanted.keys)
        } else if !mended.rooms.isEmpty || !torn.isEmpty {
            others = part.sessions(in: mended.rooms.union(torn))
        } else {
            return
        }
        guard let rest = try await mend(others, of: part, under: lease) else { return }
        mended.entries += rest.entries
        mended.rooms.formUnion(rest.rooms)
        // A room whose checked member has just left it is complete.
        guard mended.entries > 0 || !mended.rooms.isEmpty else { return }
        repairs.increment()
        logger.warning(
            "presence was lost from Redis and written again",
            metadata: ["entries": "\(mended.entries)", "rooms": "\(mended.rooms.count)"])
    }

    /// - Returns: nil if the lease is gone, or a settlement is needed.
    private func mend(
        _ sessions: [SessionID], of part: PresenceRounds.Part, under lease: String
    ) async throws(RedisError) -> Mended? {
        var mended = Mended()
        var rest = sessions[...]
        while !rest.isEmpty {
            var arguments = [lease, milliseconds(beat)]
            for session in rest.prefix(Self.mendLimit) {
                if let record = part.wanted[session] { arguments += [record.key(of: session), session.text] }
            }
            rest = rest.dropFirst(Self.mendLimit)
            let reply = try await evaluate(PresenceScripts.mend, arguments).elements()
            guard try reply.first?.text() == "OK", reply.count == 5 else {
                detach(from: lease)
                return nil
            }
            mended.entries += try reply[1].number()
            mended.rooms.formUnion(Self.roomNames(try reply[2].texts()))
            noteReplaced(try reply[4].texts())
            let missing = try reply[3].texts().map { SessionID($0) }
            // Sessions that have ended meanwhile are missing rightly.
            let lost = state.withLock { state in missing.filter { state.ledger.record($0) != nil } }
            guard lost.isEmpty else {
                repairs.increment()
                logger.warning(
                    "sessions were lost from Redis; presence is settled anew", metadata: ["sessions": "\(lost.count)"])
                detach(from: lease)
                return nil
            }
        }
        return mended
    }

    private func torn(_ rooms: [(name: RoomName, member: Username)]) async throws(RedisError) -> Set<RoomName> {
        var found: Set<RoomName> = []
        var rest = rooms[...]
        while !rest.isEmpty {
            let arguments = rest.prefix(Self.tornLimit).flatMap { [$0.name.text, $0.member.text] }
            rest = rest.dropFirst(Self.tornLimit)
            found.formUnion(Self.roomNames(try await evaluate(PresenceScripts.torn, arguments).texts()))
        }
        return found
    }

    /// Our own names come back as they were sent.
    private static func roomNames(_ texts: [String]) -> [RoomName] { texts.compactMap { try? RoomName($0) } }

    /// - Parameter keys: the keys of another type that a script has deleted, without the prefix.
    func noteReplaced(_ keys: [String]) {
        guard !keys.isEmpty else { return }
        repairs.increment()
        logger.warning(
            "keys of another type stood in place of the server's in Redis and were deleted",
            metadata: ["keys": "\(keys.prefix(10).joined(separator: ", "))\(keys.count > 10 ? ", …" : "")"])
    }
}

/// Whether Redis deletes keys by itself.
extension RedisPresenceStore {
    /// Asks for the policy, and logs once if it evicts. Without the right to ask, the policy is not known.
    func checkEviction() async {
        let policy: RedisEvictionPolicy?
        do throws(RedisError) {
            policy = RedisEvictionPolicy(info: try await client.send(["INFO", "memory"]).text())
        } catch {
            return logger.debug(
                "whether Redis evicts keys is not known: it may not be asked", metadata: ["error": "\(error)"])
        }
        guard let policy else { return logger.debug("whether Redis evicts keys is not known: it does not say") }
        let isNews = state.withLock { state in
            defer { state.evicts = policy.evicts }
            return state.evicts != policy.evicts
        }
        guard policy.evicts, isNews else { return }
        logger.warning(
            "Redis evicts keys when its memory is full; set its maxmemory-policy to noeviction",
            metadata: ["maxmemory-policy": "\(policy.name)", "maxmemory": "\(policy.maximumMemory)"])
    }
}
