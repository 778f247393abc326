/// Decides whether a run kept the guarantees of the protocol. Pure: it takes a history and returns a verdict.
struct Judge {
    struct Limits: Equatable, Sendable {
        /// How many messages of a room the server keeps (`retention_messages_per_room`).
        var retainedPerRoom = 10_000
        /// In peaceful times, notices must come within this time.
        var notice = Duration.seconds(5)
        /// An outage may affect notices for this long after its end.
        var aftermath = Duration.seconds(20)
    }

    var limits = Limits()

    func judge(_ history: History) -> Verdict {
        var breaches = Breaches()
        let sent = SentMessages(history)
        let logs = RoomLogs(history, sent: sent, retained: limits.retainedPerRoom, breaches: &breaches)
        var counts = Counts()
        for index in history.clients.indices {
            var reading = ClientReading(history, client: index, sent: sent, logs: logs, breaches: breaches)
            reading.read()
            breaches = reading.breaches
            counts += reading.counts
        }
        checkReadings(history, sent: sent, logs: logs, breaches: &breaches)
        let stays = Stays(history)
        PrivateCheck(history: history, sent: sent).check(breaches: &breaches)
        SettlementCheck(history: history).check(breaches: &breaches)
        ListCheck(history: history, stays: stays).check(breaches: &breaches)
        NoticeCheck(history, stays: stays, bound: limits.notice, aftermath: limits.aftermath).check(breaches: &breaches)
        ClassicCheck(history, logs: logs).check(breaches: &breaches)
        let (acks, deliveries) = Latencies.measure(history, sent: sent)
        return Verdict(
            run: history.run, clients: history.clients.count { $0.role != .reader },
            duration: (history.clients.compactMap(\.entries.last?.at).max() ?? .start) - .start, counts: counts,
            ackLatency: acks, deliveryLatency: deliveries, outages: Outage.find(in: history), breaches: breaches)
    }

    /// Every room with messages has been read at the end.
    private func checkReadings(_ history: History, sent: SentMessages, logs: RoomLogs, breaches: inout Breaches) {
        let rooms = Set(sent.byID.values.compactMap(\.message.room))
        for room in rooms.sorted() where logs.finalEpochs[room] == nil {
            let reader = history.clients.first { $0.role == .reader }?.name ?? "nobody"
            breaches.add(
                Breach(
                    kind: .unreadable, client: reader, room: room,
                    words: "without it, nobody knows what was stored"))
        }
    }
}
