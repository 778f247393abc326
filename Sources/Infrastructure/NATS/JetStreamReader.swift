import CNATS
import Domain
import Foundation
import Service

/// Reads the stream through a consumer that exists for one read. Blocks: not for the cooperative thread pool.
struct JetStreamReader: Sendable {
    private static let batchSize: Int32 = 256
    private static let fetchTimeout: Int64 = 1000  // milliseconds

    let connection: NATSConnection
    let decoder: EntryDecoder

    /// See ``MessageLog/read(_:after:_:)``.
    func read(
        _ room: RoomName?, after sequence: SequenceNumber, _ batch: ([LogEntry]) -> Void
    ) throws(NATSError) -> SequenceNumber {
        try connection.withJetStream { context throws(NATSError) in try read(context, room, after: sequence, batch) }
    }

    private func read(
        _ context: OpaquePointer?, _ room: RoomName?, after sequence: SequenceNumber, _ batch: ([LogEntry]) -> Void
    ) throws(NATSError) -> SequenceNumber {
        // Asked before the consumer is made, which then sees everything up to here.
        let end = try streamEnd(context)
        guard sequence.value < end else { return SequenceNumber(end) }

        // nats.c 3.4 writes subjects into its requests without escaping them as JSON wants it: rooms with such names are
        // picked out here.
        let subject = room.map(Subject.room).flatMap { $0.contains(where: { "\"\\".contains($0) }) ? nil : $0 }
        let target = try subject.map { subject throws(NATSError) in try lastSequence(of: subject, context) } ?? end
        guard sequence.value < target else { return SequenceNumber(end) }
        var subscription: OpaquePointer?
        try subscribe(&subscription, context, subject ?? Subject.allRooms, from: sequence.value + 1)
        defer {
            natsSubscription_Unsubscribe(subscription)  // takes the consumer away as well
            natsSubscription_Destroy(subscription)
        }
        // NATS's own count of what is still to come is now and then off by one (seen on 2.9.10): the numbers decide.
        var newest = sequence.value
        while newest < target, let (entries, last) = try fetch(subscription) {
            batch(room == nil ? entries : entries.filter { $0.room == room })
            newest = max(newest, last)
        }
        // Where nothing more came although something should have, it was deleted meanwhile, or NATS hangs: ask.
        if newest < target { _ = try streamEnd(context) }
        return SequenceNumber(max(end, newest))
    }

    private func streamEnd(_ context: OpaquePointer?) throws(NATSError) -> UInt64 {
        var info: UnsafeMutablePointer<jsStreamInfo>?
        var code = jsErrCode(rawValue: 0)
        let status = js_GetStreamInfo(&info, context, StreamSettings.name, nil, &code)
        defer { jsStreamInfo_Destroy(info) }
        guard status == NATS_OK, let info else { throw NATSError(status, jetStreamCode: code.rawValue) }
        return info.pointee.State.LastSeq
    }

    private func subscribe(
        _ subscription: inout OpaquePointer?, _ context: OpaquePointer?, _ subject: String, from first: UInt64
    ) throws(NATSError) {
        var options = jsSubOptions()
        try check(jsSubOptions_Init(&options))
        options.Config.DeliverPolicy = js_DeliverByStartSequence
        options.Config.OptStartSeq = first
        options.Config.AckPolicy = js_AckNone
        options.Config.InactiveThreshold = Duration.seconds(10).nanoseconds
        var code = jsErrCode(rawValue: 0)
        let status = StreamSettings.name.withCString { stream in
            options.Stream = stream
            return js_PullSubscribe(&subscription, context, subject, nil, nil, &options, &code)
        }
        guard status == NATS_OK else { throw NATSError(status, jetStreamCode: code.rawValue) }
    }

    /// - Returns: the newest message's number; zero where there is none.
    private func lastSequence(of subject: String, _ context: OpaquePointer?) throws(NATSError) -> UInt64 {
        var message: OpaquePointer?
        var code = jsErrCode(rawValue: 0)
        let status = js_GetLastMsg(&message, context, StreamSettings.name, subject, nil, &code)
        defer { natsMsg_Destroy(message) }
        if status == NATS_NOT_FOUND { return 0 }
        guard status == NATS_OK else { throw NATSError(status, jetStreamCode: code.rawValue) }
        return natsMsg_GetSequence(message)
    }

    /// - Returns: some entries and the greatest number among them; nil where none came in time.
    private func fetch(
        _ subscription: OpaquePointer?
    ) throws(NATSError) -> (entries: [LogEntry], newest: UInt64)? {
        var list = natsMsgList()
        var code = jsErrCode(rawValue: 0)
        let status = natsSubscription_Fetch(&list, subscription, Self.batchSize, Self.fetchTimeout, &code)
        if status == NATS_TIMEOUT { return nil }
        guard status == NATS_OK else { throw NATSError(status, jetStreamCode: code.rawValue) }
        defer { natsMsgList_Destroy(&list) }
        var entries: [LogEntry] = []
        var newest = UInt64(0)
        for index in 0..<Int(list.Count) {
            guard let message = list.Msgs[index] else { continue }
            var metadata: UnsafeMutablePointer<jsMsgMetaData>?
            try check(natsMsg_GetMetaData(&metadata, message))
            defer { jsMsgMetaData_Destroy(metadata) }
            guard let metadata = metadata?.pointee else { continue }
            newest = max(newest, metadata.Sequence.Stream)
            if let entry = decoder.stored(NATSMessage(message), at: SequenceNumber(metadata.Sequence.Stream)) {
                entries.append(entry)
            }
        }
        return (entries, newest)
    }
}
