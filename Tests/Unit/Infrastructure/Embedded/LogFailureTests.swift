import Domain
import Service
import Testing

@testable import Infrastructure

/// Disks that are full or broken: nothing acknowledged is lost, nothing refused is shown, and it heals by itself.
struct LogFailureTests {
    private let storage = FaultyStorage()

    @Test func `on a full disk messages are refused until there is room again`() throws {
        // At whatever byte the disk is full: in a message, in the header of a new segment, just behind one.
        for room in stride(from: 0, to: 700, by: 3) {
            let storage = FaultyStorage()
            let log = try LogStoreFixture(storage, segment: 300)
            try log.append(["1", "2"])
            storage.setRoom(room)
            var acknowledged = ["1", "2"]
            for number in 3...9 {
                switch try #require(log.store.append([.sample("\(number)")]).first) {
                case .success: acknowledged.append("\(number)")
                case .failure(let error): #expect(error.code == .unavailable)
                }
            }
            #expect(acknowledged.count < 9)
            #expect(try log.contents() == acknowledged)
            #expect(try LogStoreFixture(storage.afterPowerLoss()).contents() == acknowledged)
            storage.setRoom(nil)
            try log.append(["again"])
            for log in [log, try LogStoreFixture(storage.afterKill()), try LogStoreFixture(storage.afterPowerLoss())] {
                #expect(try log.contents() == acknowledged + ["again"])
                #expect(try log.all().compactMap(\.content) == acknowledged + ["again"])
            }
        }
    }

    @Test func `an id that the log knows is acknowledged although the disk is full`() throws {
        let log = try LogStoreFixture(storage)
        let id = MessageID("known")
        try log.append(["1"])
        let first = try log.append(try Draft.sample("2", id: id)).appended
        storage.setRoom(0)
        let results = log.store.append([try .sample("2", id: id), try .sample("3")])
        #expect(try results[0].get().appended == Appended(sequence: first.sequence, isDuplicate: true))
        #expect(throws: ChatError.self) { try results[1].get() }
    }

    @Test func `what could not be stored can be sent again with the same id`() throws {
        let log = try LogStoreFixture(storage)
        try log.append(["1"])
        storage.setRoom(10)
        let draft = try Draft.sample("2")
        #expect(throws: ChatError.self) { try log.append(draft) }
        storage.setRoom(nil)
        #expect(try !log.append(draft).appended.isDuplicate)
        #expect(try log.append(draft).appended.isDuplicate)
        #expect(try log.contents() == ["1", "2"])
    }

    @Test func `after a sync that failed another file is begun, and nothing that was refused comes back`() throws {
        let log = try LogStoreFixture(storage)
        try log.append(["1"])
        storage.setSyncFails(true)
        #expect(throws: ChatError.self) { try log.append(["refused"]) }
        #expect(throws: ChatError.self) { try log.append(["refused, too"]) }
        #expect(try log.contents() == ["1"])
        storage.setSyncFails(false)
        try log.append(["2"])
        #expect(storage.segments.count == 2)
        for log in [log, try LogStoreFixture(storage.afterKill()), try LogStoreFixture(storage.afterPowerLoss())] {
            #expect(try log.contents() == ["1", "2"])
        }
    }

    @Test func `whenever the process dies, all that was acknowledged is there, once and in order`() throws {
        for changes in 0..<60 {
            let storage = FaultyStorage()
            let log = try LogStoreFixture(storage, segment: 250)
            storage.dieAfter(changes)
            var acknowledged: [String] = []
            for number in 0..<10 {
                let batch = try (0..<3).map { try Draft.sample("\(number)/\($0)") }
                let results = log.store.append(batch)
                if try #require(results.first).isSuccess { acknowledged += batch.map(\.content) }
            }
            for storage in [storage.afterKill(), storage.afterPowerLoss()] {
                let after = try LogStoreFixture(storage)
                // What was under way may be there as well, behind the rest.
                let contents = try after.contents()
                #expect(contents.starts(with: acknowledged))
                #expect(contents.count <= acknowledged.count + 3)
                try after.append(["next"])
                #expect(try after.contents() == contents + ["next"])
            }
        }
    }

    @Test func `with interval, a sync that fails costs no later message`() throws {
        let log = try LogStoreFixture(storage, sync: .interval)
        try log.append(["1"])
        storage.setSyncFails(true)
        log.store.sync()
        storage.setSyncFails(false)
        try log.append(["2"])
        log.store.sync()
        #expect(try LogStoreFixture(storage.afterKill()).contents() == ["1", "2"])
        #expect(try LogStoreFixture(storage.afterPowerLoss()).contents().last == "2")
    }
}

extension Result {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}
