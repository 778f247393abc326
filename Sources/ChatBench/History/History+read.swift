import Foundation

/// Why a file is not a history.
struct HistoryProblem: Error, CustomStringConvertible {
    var line: Int
    var words: String
    var description: String { "line \(line): \(words)" }
}

extension History {
    /// Reads what ``write(_:)`` wrote. A last line that was cut off, as after a kill, is ignored.
    init(ndjson: Data) throws(HistoryProblem) {
        var reading = HistoryReading()
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        var number = 0
        for line in ndjson.split(separator: UInt8(ascii: "\n")) {
            number += 1
            let fields: HistoryReading.Line
            do {
                fields = try decoder.decode(HistoryReading.Line.self, from: Data(line))
            } catch {
                if line.endIndex == ndjson.endIndex, ndjson.last != UInt8(ascii: "\n") { break }
                throw HistoryProblem(line: number, words: "no JSON object with the right fields")
            }
            do throws(HistoryReading.Problem) {
                try reading.read(fields)
            } catch {
                throw HistoryProblem(line: number, words: error.words)
            }
        }
        guard let history = reading.history else { throw HistoryProblem(line: 1, words: "no history") }
        self = history
    }
}

private struct HistoryReading {
    struct Problem: Error {
        var words: String
    }

    struct Place: Decodable {
        var m: Int
        var seq: UInt64
    }

    struct RoomCount: Decodable {
        var name: String
        var members: Int
    }

    /// The fields of all lines; each line has those that it needs.
    struct Line: Decodable {
        var format: String?
        var run: String?
        var tokens: Bool?
        var client: Int?
        var name: String?
        var role: String?
        var message: Int?
        var id: String?
        var room: String?
        var to: String?
        var sender: String?
        var content: String?
        var t: Int64?
        var event: String?
        var m: Int?
        var seq: UInt64?
        var address: String?
        var instance: String?
        var cause: String?
        var words: String?
        var duplicate: Bool?
        var code: String?
        var final: Bool?
        var after: UInt64?
        var before: UInt64?
        var askedEpoch: String?
        var history: Int?
        var stay: Bool?
        var lastSeq: UInt64?
        var epoch: String?
        var messages: [Place]?
        var more: Bool?
        var truncated: Bool?
        var direction: String?
        var from: UInt64?
        var limit: Int?
        var cursor: UInt64?
        var user: String?
        var joined: Int?
        var left: Int?
        var users: [String]?
        var rooms: [RoomCount]?
        var `for`: Int64?
    }

    private(set) var history: History?
    private var messages: [Message] = []

    mutating func read(_ line: Line) throws(Problem) {
        if let format = line.format {
            guard format == History.format, let run = line.run else { throw Problem(words: "not “\(History.format)”") }
            history = History(run: run, usesTokens: line.tokens ?? false)
        } else if line.message != nil {
            guard let place = line.room.map(Message.Place.room) ?? line.to.map(Message.Place.user) else {
                throw Problem(words: "a message without a place")
            }
            messages.append(
                Message(
                    id: try need(line.id, "id"), place: place, sender: try need(line.sender, "sender"),
                    content: try need(line.content, "content")))
        } else if let name = line.name, let role = line.role.flatMap(ClientLog.Role.init) {
            history?.clients.append(ClientLog(name: name, user: line.user, role: role))
        } else {
            let client = try need(line.client, "client")
            let moment = Moment(nanoseconds: try need(line.t, "t"))
            guard history?.clients.indices.contains(client) == true else { throw Problem(words: "no such client") }
            let event = try event(line)
            history?.clients[client].append(event, at: moment)
        }
    }

    private func need<Value>(_ value: Value?, _ name: String) throws(Problem) -> Value {
        guard let value else { throw Problem(words: "\(name) is missing") }
        return value
    }

    private func message(_ number: Int?) throws(Problem) -> Message {
        guard let number, messages.indices.contains(number) else { throw Problem(words: "no such message") }
        return messages[number]
    }

    private func sighting(_ line: Line) throws(Problem) -> Sighting {
        Sighting(message: try message(line.m), sequence: try need(line.seq, "seq"))
    }

    private func page(_ line: Line) throws(Problem) -> Page {
        var sightings: [Sighting] = []
        for place in try need(line.messages, "messages") {
            sightings.append(Sighting(message: try message(place.m), sequence: place.seq))
        }
        return Page(
            room: line.room ?? "", epoch: try need(line.epoch, "epoch"), messages: sightings,
            more: line.more ?? false, truncated: line.truncated ?? false)
    }

    private func event(_ line: Line) throws(Problem) -> Event {
        switch line.event {
        case "connecting": return .connecting(address: try need(line.address, "address"))
        case "connected":
            return .connected(address: try need(line.address, "address"), instance: line.instance ?? "")
        case "disconnected":
            let cause = line.cause.flatMap(Disconnection.Cause.init)
            return .disconnected(
                Disconnection(
                    cause: try need(cause, "cause"), address: try need(line.address, "address"),
                    words: line.words ?? ""))
        case "ready": return .ready
        case "sent": return .sent(try message(line.m))
        case "shown": return .shown(try sighting(line))
        case "whispered": return .whispered(try sighting(line))
        case "acked":
            return .acked(
                Acknowledgement(
                    id: try need(line.id, "id"), room: line.room, sequence: try need(line.seq, "seq"),
                    isDuplicate: line.duplicate ?? false))
        case "refused":
            return .refused(
                id: try need(line.id, "id"), code: try need(line.code, "code"), isFinal: line.final ?? false)
        case "entered":
            return .entered(
                Entrance(
                    room: try need(line.room, "room"), after: line.after, askedEpoch: line.askedEpoch,
                    history: line.history ?? 0, keepsOthers: line.stay ?? false,
                    lastSequence: try need(line.lastSeq, "last_seq"), epoch: try need(line.epoch, "epoch")))
        case "left": return .left(room: try need(line.room, "room"))
        case "recovered": return .recovered(try page(line))
        case "paged":
            let direction = line.direction.flatMap(PageRequest.Direction.init)
            return .paged(
                try page(line),
                PageRequest(
                    direction: try need(direction, "direction"), from: try need(line.from, "from"),
                    limit: try need(line.limit, "limit"), cursor: try need(line.cursor, "cursor")))
        case "inbox": return .inbox(try page(line), after: line.after, epoch: line.askedEpoch)
        default: return try rareEvent(line)
        }
    }

    private func rareEvent(_ line: Line) throws(Problem) -> Event {
        switch line.event {
        case "entering": return .entering(room: try need(line.room, "room"))
        case "leaving": return .leaving(room: try need(line.room, "room"))
        case "gap":
            return .gap(
                room: try need(line.room, "room"), after: try need(line.after, "after"),
                before: try need(line.before, "before"))
        case "notice":
            return .notice(
                room: try need(line.room, "room"), user: try need(line.user, "user"), isJoin: line.joined == 1)
        case "merged":
            return .merged(room: try need(line.room, "room"), joined: line.joined ?? 0, left: line.left ?? 0)
        case "users": return .users(room: line.room, try need(line.users, "users"))
        case "rooms":
            let rooms = try need(line.rooms, "rooms").map { ($0.name, $0.members) }
            return .rooms(Dictionary(rooms, uniquingKeysWith: max))
        case "overheard":
            return .overheard(
                room: try need(line.room, "room"), sender: line.sender ?? "", content: line.content ?? "")
        case "slow": return .slow(.nanoseconds(try need(line.for, "for")))
        case "unexpected": return .unexpected(line.words ?? "")
        default: throw Problem(words: "no such event")
        }
    }
}
