import Wire

/// The logs of all rooms, combined from everything that was shown and acknowledged, and compared with the last reading.
struct RoomLogs: Sendable {
    private var logs: [RoomLog.Key: RoomLog] = [:]
    /// Each message's first known place within an epoch.
    private var placeOfID = ByText<(epoch: String, sequence: UInt64)>()
    /// The epoch in which each room was read at the end.
    private(set) var finalEpochs: [String: String] = [:]
    /// Acknowledgements of messages that were stored before. They are checked last. They move no client's place, and
    /// may name a place in a log that their instance does not know yet.
    private var repeats: [(sighting: Sighting, room: String, epoch: String, client: ClientLog, at: Moment)] = []

    subscript(room: String, epoch: String) -> RoomLog? { logs[RoomLog.Key(room: room, epoch: epoch)] }

    var all: some Collection<RoomLog> { logs.values }

    /// - Parameter retained: how many messages of a room the server keeps.
    init(_ history: History, sent: SentMessages, retained: Int, breaches: inout Breaches) {
        for client in history.clients { survey(client, sent: sent, retained: retained, breaches: &breaches) }
        for (sighting, room, epoch, client, at) in repeats where !isKnown(sighting, room) {
            note([sighting], room, epoch, client, at, sent, &breaches)
        }
        repeats = []
        for key in Array(logs.keys) { logs[key]?.settle() }
    }

    private mutating func survey(
        _ client: ClientLog, sent: SentMessages, retained: Int, breaches: inout Breaches
    ) {
        var epochs: [String: String] = [:]
        for entry in client.entries {
            switch entry.event {
            case .entered(let entrance): epochs[entrance.room] = entrance.epoch
            case .shown(let sighting):
                guard let room = sighting.message.room, let epoch = epochs[room] else { continue }
                note([sighting], room, epoch, client, entry.at, sent, &breaches)
            case .recovered(let page): note(page.messages, page.room, page.epoch, client, entry.at, sent, &breaches)
            case .paged(let page, let request):
                note(page.messages, page.room, page.epoch, client, entry.at, sent, &breaches)
                if client.role == .reader, request.direction == .after {
                    finalEpochs[page.room] = page.epoch
                    logs[RoomLog.Key(room: page.room, epoch: page.epoch)]?.read(page, retained: retained)
                }
            case .acked(let ack):
                guard let room = ack.room, let epoch = epochs[room], let message = sent.byID[ack.id]?.message
                else { continue }
                let sighting = Sighting(message: message, sequence: ack.sequence)
                if ack.isDuplicate {
                    repeats.append((sighting, room, epoch, client, entry.at))
                } else {
                    note([sighting], room, epoch, client, entry.at, sent, &breaches)
                }
            default: break
            }
        }
    }

    /// Whether the message is at that place in any of the room's logs.
    private func isKnown(_ sighting: Sighting, _ room: String) -> Bool {
        logs.values.contains { log in
            log.key.room == room
                && log.message(at: sighting.sequence)?.id.hasSameBytes(as: sighting.message.id) == true
        }
    }

    private mutating func note(
        _ sightings: [Sighting], _ room: String, _ epoch: String, _ client: ClientLog, _ at: Moment,
        _ sent: SentMessages, _ breaches: inout Breaches
    ) {
        let key = RoomLog.Key(room: room, epoch: epoch)
        for sighting in sightings where sighting.message.room == room && sent.fault(of: sighting.message) == nil {
            let (isNew, other) = logs[key, default: RoomLog(key: key)].note(sighting.message, at: sighting.sequence)
            if let other {
                let words = "\(other.id) stands there for others"
                breaches.add(Breach(.disagreement, client.name, sighting, at: at, words: words))
            } else if isNew {
                let place = placeOfID.updateValue((epoch, sighting.sequence), forKey: sighting.message.id)
                if let place, place.epoch == epoch {
                    let words = "it also stands at \(place.sequence)"
                    breaches.add(Breach(.twoPlaces, client.name, sighting, at: at, words: words))
                }
            }
        }
        // An empty page counts as a reading of its log, too.
        if sightings.isEmpty, logs[key] == nil { logs[key] = RoomLog(key: key) }
    }
}
