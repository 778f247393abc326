public import Domain

/// All instances at a glance.
extension ChatService {
    /// From now on this instance says of itself what `describe` returns. Called once, before the first client.
    ///
    /// - Parameter describe: called whenever an administrator asks, on any thread. It must not wait for anything.
    public func describe(by describe: @escaping @Sendable () -> InstanceReport) {
        administration.describe(by: describe)
    }

    /// Asks every instance how it is.
    ///
    /// - Throws: ``ChatError/Code/unavailable`` if too much is being asked already.
    public func overview() async throws(ChatError) -> ClusterOverview {
        let (answers, missing) = try await administration.answers { id throws(ChatError) in
            try bus.announce(.administration(.reportQuestion(id: id)))
        }
        var reports = answers.compactMap { answer in
            if case .report(let answer) = answer { (name: answer.instance, report: answer.report) } else { nil }
        }
        if let own = administration.ownReport { reports.append((administration.instance, own)) }
        return ClusterOverview(
            instances: reports.sorted { ExactText($0.name) < ExactText($1.name) }, missing: missing,
            rooms: await largestRooms())
    }

    private func largestRooms() async -> LargestRooms? {
        do throws(ChatError) {
            var page = try await presence.rooms(ListRange())
            var largest = LargestRooms(total: page.total)
            var seen = page.elements.count
            largest.take(page.elements)
            while page.more, seen < LargestRooms.maximumLookedAt, let last = page.elements.last {
                page = try await presence.rooms(ListRange(after: last.name))
                seen += page.elements.count
                largest.take(page.elements)
            }
            return largest
        } catch {
            return nil
        }
    }
}
