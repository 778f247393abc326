import Transport
import Wire

/// What a view with windows asks for.
extension ClientState {
    mutating func serve(_ ask: Ask, at now: Duration) -> [ClientEffect] {
        if case .closing = phase { return [] }
        if isDraining { return [] }
        switch ask {
        case .say(let content, .room(let room)):
            guard isHeading(for: room) else {
                return [.giveBack(content), .show(.status("you are not in the room \(room); /join it first"))]
            }
            return queue(.say(content, room: room), line: content, at: now)
        case .say(let content, .user(let user)): return queue(.tell(content, to: user), line: content, at: now)
        case .join(let room, let stay): return queue(.join(room, stay: stay), line: "/join \(room)", at: now)
        case .leave(let room):
            guard room == rooms.confirmed || v2.kept.contains(room) else { return [.report(.left(room: room))] }
            return queue(v2.kept.isEmpty ? .leave : .part(room), line: "/leave", at: now)
        case .older(let room, let before, let count):
            return queue(.history(room: room, before: before, count: count), line: "/history \(count)", at: now)
        case .typing(let room, let isTyping):
            guard case .open = phase, dialect == .v2, v2[room].standing == .live, pausedUntil == nil else { return [] }
            return [.send(attempt, number: nil, .v2(V2Request(.typing(isTyping: isTyping, room: room))))]
        case .names(let room):
            guard case .open = phase, dialect == .v2, !v2.namesWanted.contains(room) else { return [] }
            v2.namesWanted.append(room)
            return v2.namesWanted.count == 1 ? [self.ask(.names, at: now)] : []
        case .roomNames:
            guard case .open = phase, dialect == .v2, v2.asked[.roomNames] == nil else { return [] }
            return [self.ask(.roomNames, at: now)]
        case .reconnect: return reconnect(at: now)
        }
    }

    /// The user is in that room, or will be once all that was asked for is done.
    private func isHeading(for room: String) -> Bool {
        let isCurrent = room == (dialect == .classic ? rooms.current : rooms.confirmed)
        return isCurrent || v2.kept.contains(room) || outbox.leads(to: room)
    }

    /// A list that the client asked for by itself.
    mutating func named(_ event: V2Event, for chore: Chore, at now: Duration) -> [ClientEffect] {
        switch event {
        case .userList(let room, let users, more: _, total: _):
            if !v2.namesWanted.isEmpty { v2.namesWanted.removeFirst() }
            let next = v2.namesWanted.isEmpty ? [] : [ask(.names, at: now)]
            return (room.map { [.report(.names(room: $0, users))] } ?? []) + next
        case .roomList(let rooms, more: _, total: _): return [.report(.roomNames(rooms.map(\.name)))]
        default: return []
        }
    }

    /// Drops the connection and comes back at once, or tries at once where there is none.
    mutating func reconnect(at now: Duration) -> [ClientEffect] {
        switch phase {
        case .open, .connecting, .greeting:
            var effects: [ClientEffect] = [.abandon(attempt)] + ended(.lost("as you asked"), at: now)
            if case .waiting = phase { effects += connect(at: now) }
            return effects
        case .waiting: return connect(at: now)
        case .idle, .closing, .ended: return []
        }
    }
}
