import Domain
import Wire

/// JetStream's figures about what the account may store.
struct AccountReport: JetStreamAnswer, Sendable {
    let storage: UInt64
    /// Nil: no limit is known.
    let maximum: UInt64?

    init(_ object: JSONObject) throws(JSONFieldError) {
        storage = try object.whole("storage") ?? 0
        // An account with tiers has one limit per number of replicas, and none for the whole account.
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
    /// Whether an append of that size fits, by the stream's own figures.
    func hasRoom(for bytes: Int) -> Bool {
        guard unfitness == nil else { return false }
        guard configuration["discard"]?.text == "new" else { return true }
        let hasNumber = StreamNote.limit(configuration["max_msgs"]?.integer) > Int64(clamping: messages)
        let free = StreamNote.limit(configuration["max_bytes"]?.integer).subtractingReportingOverflow(
            Int64(clamping: self.bytes))
        return hasNumber && !free.overflow && free.partialValue >= Int64(bytes)
    }

    /// Why the stream can never store anything as it is configured; nil if it can.
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

    /// In bytes; nil: the stream has no limit of its own.
    var maximumMessageSize: Int64? {
        configuration["max_msg_size"]?.integer.flatMap { $0 < 0 ? nil : $0 }
    }
}

extension JetStreamAPI {
    /// What JetStream needs for a message beside its payload, subject and headers, generously rounded up.
    private static let recordBytes = 1024

    /// Finds out, without storing anything, whether a stream that refused a message would accept it now.
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
        // The user of this connection may lack the permission to ask.
        let account = try? await accountInfo()
        return account?.hasRoom(for: bytes) ?? true ? .room : .noRoom
    }

    /// Publishes a message that the stream is bound to refuse, because it names another stream.
    ///
    /// - Throws: if it is not refused for that reason: nobody answers, or there is another reason.
    func askToAppend(_ kind: Topic.Kind) async throws(JetStreamError) {
        do throws(JetStreamError) {
            _ = try await tryToAppend(Array(#"{"type":"probe"}"#.utf8), to: Subject.nobodys(kind), of: "-")
        } catch  where error.code == JetStreamError.otherStream {}
    }
}
