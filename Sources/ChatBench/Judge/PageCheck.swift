/// Compares the reply to a `history` request with the room's log.
struct PageCheck {
    var client: String
    var at: Moment
    var log: RoomLog?

    func check(_ page: Page, _ request: PageRequest, breaches: inout Breaches) {
        guard let log else { return }
        let sequences = page.messages.map(\.sequence)
        if page.messages.count > request.limit {
            return report("\(page.messages.count) messages, though \(request.limit) were asked for", page, &breaches)
        }
        if zip(sequences, sequences.dropFirst()).contains(where: { $0 >= $1 }) {
            return report("not oldest first", page, &breaches)
        }
        let isBeside = sequences.contains { request.direction == .before ? $0 >= request.from : $0 <= request.from }
        if isBeside { return report("beyond what was asked for", page, &breaches) }
        switch request.direction {
        case .before: checkBackward(page, request, log, &breaches)
        case .after: checkForward(page, request, log, &breaches)
        }
    }

    /// Everything before the requested place was stored already, because the client had seen that place.
    private func checkBackward(_ page: Page, _ request: PageRequest, _ log: RoomLog, _ breaches: inout Breaches) {
        guard request.from <= request.cursor + 1 else { return }
        let older = log.before(request.from).filter { log.mustHold($0.sequence) }
        let shown = Set(page.messages.map(\.sequence))
        let first = page.messages.first?.sequence ?? request.from
        if let hole = older.last(where: { $0.sequence > first && !shown.contains($0.sequence) }) {
            return breaches.add(Breach(.wrongPage, client, hole, at: at, words: "left out of a page of older messages"))
        }
        if !page.more, let left = older.first(where: { $0.sequence < first }) {
            breaches.add(
                Breach(.wrongPage, client, left, at: at, words: "the page of older messages claims to be the last"))
        }
    }

    private func checkForward(_ page: Page, _ request: PageRequest, _ log: RoomLog, _ breaches: inout Breaches) {
        let shown = Set(page.messages.map(\.sequence))
        let end =
            page.more
            ? page.messages.last?.sequence ?? request.from : max(request.cursor, page.messages.last?.sequence ?? 0)
        let due = log.after(request.from).prefix { $0.sequence <= end }
        if let hole = due.first(where: { log.mustHold($0.sequence) && !shown.contains($0.sequence) }) {
            breaches.add(Breach(.wrongPage, client, hole, at: at, words: "left out of a page of newer messages"))
        }
    }

    private func report(_ words: String, _ page: Page, _ breaches: inout Breaches) {
        breaches.add(Breach(kind: .wrongPage, client: client, room: page.room, at: at, words: words))
    }
}
