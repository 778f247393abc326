import Domain
import InfrastructurePresence
import Service

/// The answer of ``PresenceScripts/claim`` when the name was obtained.
struct ClaimReply {
    let notices: [String]
    let predecessor: SessionID?
    private let digest: String
    private let inboxStart: String
    private let generation: Int
    private var rooms: [(name: RoomName, members: Int)] = []
    private let news: [RoomName: PresenceNews]

    init(_ reply: [RedisReply]) throws(RedisError) {
        guard reply.count == 8 else { throw .protocolViolation("an unknown answer to a claim") }
        news = try [RoomName: PresenceNews](redis: reply[7])
        notices = try reply[1].texts()
        let predecessor = try reply[2].text()
        self.predecessor = predecessor.isEmpty ? nil : SessionID(predecessor)
        digest = try reply[3].text()
        inboxStart = try reply[4].text()
        generation = try reply[5].number()
        let counted = try reply[6].elements()
        for index in stride(from: 0, to: counted.count - 1, by: 2) {
            // A name that breaks the rules was written by another program; our sessions are not in such rooms.
            guard let name = try? RoomName(try counted[index].text()) else { continue }
            rooms.append((name, try counted[index + 1].number()))
        }
    }

    func record(for claim: Claim) -> PresenceRecord {
        PresenceRecord(
            username: claim.username, digest: digest, inboxStart: inboxStart, generation: generation,
            isShared: claim.isShared, rooms: rooms.map(\.name))
    }

    func claimed(_ claim: Claim) -> Claimed {
        Claimed(
            predecessor: predecessor, secret: predecessor == nil ? claim.secret : claim.presented, rooms: rooms,
            inboxStart: UInt64(inboxStart).map { SequenceNumber($0) }, news: news)
    }
}

extension [RoomName: PresenceNews] {
    /// Reads room, id of the queued notice or "", room, id….
    init(redis reply: RedisReply) throws(RedisError) {
        self.init()
        let texts = try reply.texts()
        for index in stride(from: 0, to: texts.count - 1, by: 2) {
            guard let room = try? RoomName(texts[index]) else { continue }
            self[room] = PresenceNews(keptAs: texts[index + 1].isEmpty ? nil : texts[index + 1])
        }
    }
}
