import Domain
import Service
import Wire

/// What administrators see of this instance, and of all at a glance.
extension AdminRoutes {
    /// This instance: its connections, part by part, and what has happened lately.
    func monitoring(_ request: Request) throws(APIError) -> Response {
        let range = try Self.range(of: request)
        let (connections, more) = service.connections(after: range.after, limit: range.limit)
        let activity = service.activity.report
        var object = JSONObjectWriter(capacity: 16_384)
        object.add("instance", status.instance)
        object.add("uptime", status.uptimeMilliseconds)
        object.add("connections", connections) { object, connection in
            object.add("id", connection.id)
            object.add("username", connection.username)
            object.add("connectedAt", connection.connectedAt.rfc3339Text)
            object.add("messagesSent", connection.messagesSent)
            object.add("lastActivity", connection.lastActivity.rfc3339Text)
            object.add("address", ifPresent: connection.address)
            object.add("dialect", connection.dialect)
            object.add("rooms", connection.rooms)
        }
        if more { object.add("more", true) }
        object.add("totalConnections", status.gate.connectionCount)
        object.add("totalMessages", activity.totals.messages)
        object.add("totalEvents", activity.totals.events)
        object.add("recentMessages", activity.messages) { object, message in
            object.add("id", message.id.text)
            object.add("room", message.room.text)
            object.add("sender", message.sender)
            object.add("timestamp", message.timestamp.rfc3339Text)
            object.add("seq", message.sequence.value)
            object.add("bytes", message.bytes)
            object.add("content", ifPresent: message.content)
        }
        object.add("recentEvents", activity.events) { object, event in
            object.add("kind", event.kind.rawValue)
            object.add("time", event.time.rfc3339Text)
            object.add("username", ifPresent: event.username)
            object.add("room", ifPresent: event.room)
            object.add("address", ifPresent: event.address)
            object.add("reason", ifPresent: event.reason)
        }
        return .json(String(decoding: object.finish(), as: UTF8.self))
    }

    /// All instances at a glance.
    func cluster() async throws(APIError) -> Response {
        let overview = try await asking { () async throws(ChatError) in try await service.overview() }
        var object = JSONObjectWriter(capacity: 4096)
        object.add("instances", overview.instances) { object, instance in
            object.add("name", instance.name)
            object.add("version", instance.report.version)
            object.add("uptime", instance.report.uptimeMilliseconds)
            object.add("connections", instance.report.connections)
            object.add("rooms", instance.report.rooms)
            object.add("messagesPerSecond", instance.report.messagesPerSecond)
            object.add("deliveriesPerSecond", instance.report.deliveriesPerSecond)
            if instance.report.isDraining { object.add("draining", true) }
            object.add("dependencies", instance.report.dependencies) { object, dependency in
                object.add("name", dependency.name)
                object.add("state", dependency.isWorking ? "ok" : "down")
                object.add("error", ifPresent: dependency.problem)
            }
        }
        object.add("missing", overview.missing)
        if let largest = overview.rooms {
            object.add("rooms", largest.rooms) { object, room in
                object.add("name", room.name)
                object.add("members", room.members)
            }
            object.add("totalRooms", ifPresent: largest.total)
        }
        return .json(String(decoding: object.finish(), as: UTF8.self))
    }
}
