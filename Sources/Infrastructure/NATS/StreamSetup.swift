import CNATS
import Foundation

/// What the cluster wants of the stream that holds its messages.
struct StreamSettings: Equatable, Sendable {
    static let name = "CHAT"
    /// How long JetStream knows a message id again (docs/protocol.md).
    static let duplicateWindow: Duration = .seconds(120)

    var messagesPerRoom: Int64
    var maximumAge: Duration
    /// Only for a stream that is created here; an operator may scale it later.
    var replicas: Int64
}

/// Why there is no usable stream.
struct StreamSetupError: Error, CustomStringConvertible {
    /// One line that says what to do.
    let description: String
    /// Whether waiting cannot help.
    let isPermanent: Bool
}

/// Creates the stream where it is missing, and brings an existing one's retention up to date.
///
/// Every instance does this when it starts and after each reconnect; doing it at once is harmless. All calls block for up
/// to five seconds: not for the cooperative thread pool.
struct StreamSetup {
    let connection: NATSConnection
    let settings: StreamSettings

    /// - Returns: when the stream was created, in nanoseconds since 1970: it names the incarnation of the log.
    func ensure() throws(StreamSetupError) -> Int64 {
        do throws(NATSError) {
            return try connection.withJetStream(ensure)
        } catch {
            throw explain(error)
        }
    }

    private func ensure(_ context: OpaquePointer?) throws(NATSError) -> Int64 {
        do throws(NATSError) {
            return try update(context)
        } catch  where error.jetStreamCode == JSStreamNotFoundErr.rawValue {
            do throws(NATSError) {
                return try create(context)
            } catch  where error.jetStreamCode == JSStreamNameExistErr.rawValue {
                return try update(context)  // another instance was faster
            }
        }
    }

    private func create(_ context: OpaquePointer?) throws(NATSError) -> Int64 {
        var configuration = jsStreamConfig()
        try check(jsStreamConfig_Init(&configuration))
        configuration.Storage = js_FileStorage
        configuration.Replicas = settings.replicas
        configuration.AllowDirect = true
        let strings = StreamStrings()
        defer { withExtendedLifetime(strings) {} }
        configuration.Name = UnsafePointer(strings.name)
        configuration.Subjects = strings.subjects
        configuration.SubjectsLen = 1
        configuration.RePublish = strings.republish
        applyRetention(to: &configuration)
        return try call { js_AddStream(&$0, context, &configuration, nil, &$1) }
    }

    /// Starts from what the stream is, so that what an operator has set and we do not manage stays.
    private func update(_ context: OpaquePointer?) throws(NATSError) -> Int64 {
        var info: UnsafeMutablePointer<jsStreamInfo>?
        let created = try call({ js_GetStreamInfo(&$0, context, StreamSettings.name, nil, &$1) }, keeping: &info)
        defer { jsStreamInfo_Destroy(info) }
        guard let existing = info?.pointee.Config else { throw NATSError(NATS_ERR) }
        guard !isUpToDate(existing.pointee) else { return created }
        let strings = StreamStrings()
        defer { withExtendedLifetime(strings) {} }
        var configuration = existing.pointee
        configuration.RePublish = strings.republish
        applyRetention(to: &configuration)
        return try call { js_UpdateStream(&$0, context, &configuration, nil, &$1) }
    }

    private func applyRetention(to configuration: inout jsStreamConfig) {
        configuration.MaxMsgsPerSubject = settings.messagesPerRoom
        configuration.MaxAge = settings.maximumAge.nanoseconds
        configuration.Duplicates = min(
            StreamSettings.duplicateWindow.nanoseconds, settings.maximumAge.nanoseconds)
        configuration.Discard = js_DiscardOld
    }

    private func isUpToDate(_ existing: jsStreamConfig) -> Bool {
        var wanted = existing
        applyRetention(to: &wanted)
        return existing.RePublish.map { isOurs($0.pointee) } ?? false
            && wanted.MaxMsgsPerSubject == existing.MaxMsgsPerSubject && wanted.MaxAge == existing.MaxAge
            && wanted.Duplicates == existing.Duplicates && wanted.Discard == existing.Discard
    }

    private func isOurs(_ republish: jsRePublish) -> Bool {
        guard let source = republish.Source, let destination = republish.Destination else { return false }
        return String(cString: source) == Subject.allRooms && String(cString: destination) == Subject.republished
            && !republish.HeadersOnly
    }

    private typealias StreamCall = (inout UnsafeMutablePointer<jsStreamInfo>?, inout jsErrCode) -> natsStatus

    /// Makes one call of the stream API. - Returns: when the stream was created.
    private func call(_ body: StreamCall) throws(NATSError) -> Int64 {
        var info: UnsafeMutablePointer<jsStreamInfo>?
        defer { jsStreamInfo_Destroy(info) }
        return try call(body, keeping: &info)
    }

    private func call(
        _ body: StreamCall, keeping info: inout UnsafeMutablePointer<jsStreamInfo>?
    ) throws(NATSError) -> Int64 {
        var code = jsErrCode(rawValue: 0)
        let status = body(&info, &code)
        guard status == NATS_OK, let info else { throw NATSError(status, jetStreamCode: code.rawValue) }
        return info.pointee.Created
    }

    private func explain(_ error: NATSError) -> StreamSetupError {
        let name = StreamSettings.name
        switch error.jetStreamCode {
        case JSNotEnabledErr.rawValue, JSNotEnabledForAccountErr.rawValue:
            return StreamSetupError(
                description: "NATS has no JetStream: start nats-server with -js, or set jetstream { store_dir: … }",
                isPermanent: true)
        case JSStreamInvalidConfig.rawValue:
            return StreamSetupError(
                description:
                    "NATS refuses the settings of stream \(name) (\(error)). A stream made without republishing "
                    + "cannot be changed on this NATS version: move its messages elsewhere and delete it with "
                    + "'nats stream rm \(name)', then start again; the server creates it anew",
                isPermanent: true)
        default:
            // JetStream answers nothing at all where it is not enabled on servers before 2.10, and so does a cluster
            // that has no leader yet: only time can tell them apart.
            let hint = error.status == NATS_NO_RESPONDERS || error.status == NATS_TIMEOUT
            return StreamSetupError(
                description: "stream \(name) cannot be set up: \(error)"
                    + (hint ? " (is JetStream enabled? start nats-server with -js)" : ""),
                isPermanent: false)
        }
    }
}

/// The C strings and structures that a stream's configuration points to, for as long as this object lives.
private final class StreamStrings {
    let name = strdup(StreamSettings.name)
    let subjects = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: 1)
    let republish = UnsafeMutablePointer<jsRePublish>.allocate(capacity: 1)
    private let source = strdup(Subject.allRooms)
    private let destination = strdup(Subject.republished)

    init() {
        subjects.initialize(to: UnsafePointer(source))
        republish.initialize(
            to: jsRePublish(
                Source: UnsafePointer(source), Destination: UnsafePointer(destination), HeadersOnly: false))
    }

    deinit {
        subjects.deallocate()
        republish.deallocate()
        for string in [name, source, destination] { free(string) }
    }
}

extension Duration {
    /// Whole nanoseconds; the range of `Int64` is 292 years.
    var nanoseconds: Int64 { Int64(self / .nanoseconds(1)) }
}
