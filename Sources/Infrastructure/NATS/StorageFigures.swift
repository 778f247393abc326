import Domain
import Wire

/// What JetStream says about what the account may store.
struct AccountReport: JetStreamAnswer, Sendable {
    let storage: UInt64
    /// Nil: no limit that is known.
    let maximum: UInt64?

    init(_ object: JSONObject) throws(JSONFieldError) {
        storage = try object.whole("storage") ?? 0
        // Accounts with tiers have a limit for each number of replicas, and none for the whole.
        guard object["tiers"] == nil else {
            maximum = nil
            return
        }
        let limit: Int64? = try object.requiredObject("limits").whole("max_storage")
        maximum = limit.flatMap { $0 < 0 ? nil : UInt64($0) }
    }

    func hasRoom(for bytes: Int) -> Bool {
        guard let maximum else { return true }
        return storage <= maximum && maximum - storage >= UInt64(bytes)
    }
}

extension StreamReport {
    /// Whether an append of that size can be stored, by what the stream says of itself.
    func hasRoom(for bytes: Int) -> Bool {
        guard unfitness == nil else { return false }
        guard configuration["discard"]?.text == "new" else { return true }
        let hasNumber = StreamNote.limit(configuration["max_msgs"]?.integer) > Int64(clamping: messages)
        let free = StreamNote.limit(configuration["max_bytes"]?.integer).subtractingReportingOverflow(
            Int64(clamping: self.bytes))
        return hasNumber && !free.overflow && free.partialValue >= Int64(bytes)
    }

    /// Why nothing can ever be stored in the stream as it is set up; nil where that can be.
    var unfitness: String? {
        if configuration["sealed"] == .bool(true) {
            return "it is sealed, so nothing can be stored in it any more; move it elsewhere and delete it, and the "
                + "server makes a new one"
        }
        if configuration["no_ack"] == .bool(true) {
            return "it confirms nothing (no_ack), so nobody could know what is stored; set no_ack to false"
        }
        return nil
    }

    /// In bytes; nil: no limit of its own.
    var maximumMessageSize: Int64? {
        configuration["max_msg_size"]?.integer.flatMap { $0 < 0 ? nil : $0 }
    }
}

extension JetStreamAPI {
    /// What JetStream takes for a message beside its payload, its subject and its headers, with room to spare.
    private static let recordBytes = 1024

    /// Finds out whether a stream that has refused a message would take it now, without storing anything.
    func look(at kind: Topic.Kind, for bytes: Int) async -> StorageHealth.Finding {
        let bytes = bytes + Self.recordBytes
        do throws(JetStreamError) {
            try await askToAppend(kind)
            guard try await streamInfo(kind.stream).hasRoom(for: bytes) else { return .noRoom }
        } catch .unanswered(.noResponders) {
            return .absence
        } catch .unanswered {
            return .silence
        } catch {
            return .noRoom
        }
        // A user may lack the right to ask for it.
        let account = try? await accountInfo()
        return account?.hasRoom(for: bytes) ?? true ? .room : .noRoom
    }

    /// Publishes what the stream is bound to refuse: it is told that it is another one.
    ///
    /// - Throws: where it is not refused for that reason: nobody is there, or there is another reason.
    func askToAppend(_ kind: Topic.Kind) async throws(JetStreamError) {
        do throws(JetStreamError) {
            _ = try await tryToAppend(Array(#"{"type":"probe"}"#.utf8), to: Subject.nobodys(kind), of: "-")
        } catch  where error.code == JetStreamError.otherStream {}
    }
}
