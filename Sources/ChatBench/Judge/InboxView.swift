/// The private messages that one client has seen: each must come once, in order.
struct InboxView {
    private var cursor: UInt64 = 0

    mutating func read(
        _ page: Page, after: UInt64?, epoch askedEpoch: String?, client: String, at: Moment, breaches: inout Breaches
    ) {
        let goesOn = page.epoch == askedEpoch
        if after != nil, !goesOn, !page.truncated {
            breaches.add(
                Breach(
                    kind: .undeclared, client: client, at: at,
                    words: "private; it stopped in \(askedEpoch ?? "none"), and was given \(page.epoch)"))
        }
        cursor = goesOn ? after ?? 0 : 0
        for sighting in page.messages { see(sighting, client: client, at: at, breaches: &breaches) }
    }

    mutating func see(_ sighting: Sighting, client: String, at: Moment, breaches: inout Breaches) {
        if sighting.sequence > cursor {
            cursor = sighting.sequence
        } else {
            breaches.add(
                Breach(.repeated, client, sighting, at: at, words: "private; \(cursor) was seen before"))
        }
    }
}
