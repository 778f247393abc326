import Wire

extension Verdict {
    /// One JSON object, for machines. Durations are in milliseconds, moments in milliseconds since the run began.
    var json: [UInt8] {
        var object = JSONObjectWriter(capacity: 4096)
        object.add("run", run)
        object.add("sound", isSound)
        object.add("clients", clients)
        object.add("duration_ms", Int(duration.milliseconds))
        object.addObject("counts") { $0.add(counts) }
        object.addObject("latency_us") { object in
            object.addObject("ack") { $0.add(ackLatency) }
            object.addObject("delivery") { $0.add(deliveryLatency) }
        }
        object.add("outages", outages) { object, outage in
            object.add("address", outage.address)
            object.add("at_ms", outage.at.milliseconds)
            object.add("clients", outage.clients)
            object.add("half_resumed_ms", Int(outage.halfResumed.milliseconds))
            object.add("all_resumed_ms", Int(outage.allResumed.milliseconds))
            object.add("never_resumed", outage.lost)
        }
        object.add("breach_count", breaches.total)
        object.add("breaches", breaches.kept) { object, breach in
            object.add("kind", breach.kind.rawValue)
            object.add("client", breach.client)
            object.add("room", ifPresent: breach.room)
            object.add("id", ifPresent: breach.id)
            object.add("seq", ifPresent: breach.sequence)
            object.add("at_ms", ifPresent: breach.at?.milliseconds)
            object.add("earlier_ms", ifPresent: breach.earlier?.milliseconds)
            object.add("words", breach.words)
        }
        return object.finish()
    }
}

extension Moment {
    fileprivate var milliseconds: Int64 { nanoseconds / 1_000_000 }
}

extension JSONObjectWriter {
    fileprivate mutating func add(_ counts: Counts) {
        add("sent", counts.sent)
        add("acked", counts.acknowledged)
        add("failed", counts.failed)
        add("retries", counts.retries)
        add("duplicates_acked", counts.duplicates)
        add("delivered", counts.delivered)
        add("recovered", counts.recovered)
        add("private_sent", counts.whispersSent)
        add("private_delivered", counts.whispersDelivered)
        add("heard_by_classic", counts.overheard)
        add("connections", counts.connections)
        add("truncated", counts.truncated)
        add("gaps", counts.gaps)
        add("epoch_changes", counts.epochChanges)
        add("pages", counts.pages)
        add("notices", counts.notices)
        addObject("disconnections") { object in
            object.add("lost", counts.disconnections[.lost] ?? 0)
            object.add("dropped", counts.disconnections[.dropped] ?? 0)
            object.add("quit", counts.disconnections[.quit] ?? 0)
            object.add("unreachable", counts.disconnections[.unreachable] ?? 0)
            object.add("name_taken", counts.disconnections[.nameTaken] ?? 0)
        }
        add("refusals", counts.refusals.sorted { $0.key < $1.key }) { object, refusal in
            object.add("code", refusal.key)
            object.add("count", refusal.value)
        }
    }

    fileprivate mutating func add(_ latencies: Latencies) {
        add("count", latencies.count)
        add("p50", latencies.p50.nanoseconds / 1000)
        add("p90", latencies.p90.nanoseconds / 1000)
        add("p99", latencies.p99.nanoseconds / 1000)
        add("max", latencies.max.nanoseconds / 1000)
    }
}
