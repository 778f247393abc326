import Domain
import Service
import Synchronization
import Testing

@testable import InfrastructureEmbedded
@testable import TestSupport

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
                if try #require(results.first).isSuccess { acknowledged += batch.compactMap(\.message?.content) }
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

    // MARK: What is told of it

    @Test func `while nothing can be stored it says why, and finds out by itself when it can again`() throws {
        for sync in LogSync.allCases {
            let storage = FaultyStorage()
            let log = try LogStoreFixture(storage, sync: sync)
            try log.append(["1"])
            log.store.probe()
            #expect(log.obstacle == nil)
            storage.setRoom(10)
            let error = #expect(throws: ChatError.self) { try log.append([String(repeating: "x", count: 500)]) }
            #expect((error?.cause as? AppendFailure)?.reason == .full)
            #expect(log.obstacle?.contains("No space left on device") == true)
            log.store.probe()
            #expect(log.obstacle != nil)
            // Room for something, but not for what was refused.
            storage.setRoom(300)
            log.store.probe()
            #expect(log.obstacle != nil)
            storage.setRoom(nil)
            log.store.probe()
            #expect(log.obstacle == nil)
            try log.append(["2"])
            for log in [log, try LogStoreFixture(storage.afterKill())] { #expect(try log.contents() == ["1", "2"]) }
        }
    }

    @Test func `what a probe has written is no message, whenever the process ends`() throws {
        for changes in 0..<6 {
            let storage = FaultyStorage()
            let log = try LogStoreFixture(storage)
            try log.append(["1"])
            storage.setRoom(0)
            #expect(throws: ChatError.self) { try log.append(["refused"]) }
            storage.setRoom(nil)
            storage.dieAfter(changes)
            log.store.probe()
            for storage in [storage.afterKill(), storage.afterPowerLoss()] {
                let after = try LogStoreFixture(storage)
                try after.append(["2"])
                #expect(try after.contents() == ["1", "2"])
            }
        }
    }

    @Test func `in a directory that is not the one it opened nothing is acknowledged, until that is back`() throws {
        let log = try LogStoreFixture(storage)
        let known = try Draft.sample("1")
        _ = try log.append(known)
        storage.displace()
        #expect(throws: ChatError.self) { try log.append(["to nowhere"]) }
        // What it knows by its id would be gone with the others.
        #expect(throws: ChatError.self) { try log.append(known) }
        #expect(log.obstacle?.contains("removed or replaced") == true)
        #expect(throws: ChatError.self) { try log.append(["to nowhere"]) }
        log.store.probe()
        #expect(log.obstacle != nil)
        storage.displace(false)
        log.store.probe()
        #expect(log.obstacle == nil)
        try log.append(["2"])
        for log in [log, try LogStoreFixture(storage.afterKill())] { #expect(try log.contents() == ["1", "2"]) }
    }

    @Test func `in a directory that is not the one it opened nothing is made smaller either`() throws {
        let log = try LogStoreFixture(storage, messages: 1, segment: 300)
        try log.append((1...20).map { "\($0)" })
        log.clock.advance(by: .seconds(200))
        let files = storage.files
        storage.displace()
        log.store.compact()
        #expect(storage.files == files)
        storage.displace(false)
        log.store.compact()
        #expect(storage.files.count < files.count)
    }

    @Test func `that the directory is gone is found out while nobody says anything`() throws {
        let log = try LogStoreFixture(storage)
        try log.append(["1"])
        storage.displace()
        log.store.probe()
        #expect(log.obstacle != nil)
    }

    @Test func `after the file that grows was removed another one is begun, and what goes there is kept`() throws {
        for sync in LogSync.allCases {
            let storage = FaultyStorage()
            let log = try LogStoreFixture(storage, sync: sync)
            try log.append(["1"])
            storage.delete(try #require(storage.segments.first))
            #expect(throws: ChatError.self) { try log.append(["refused"]) }
            #expect(log.obstacle != nil)
            try log.append(["2"])
            #expect(log.obstacle == nil)
            #expect(try log.contents() == ["1", "2"])
            #expect(try LogStoreFixture(storage.afterKill()).contents() == ["2"])
        }
    }

    @Test func `with interval, a sync that fails is told until one succeeds`() throws {
        let log = try LogStoreFixture(storage, sync: .interval)
        try log.append(["1"])
        storage.setSyncFails(true)
        log.store.sync()
        log.store.probe()
        #expect(log.obstacle?.contains("Input/output error") == true)
        storage.setSyncFails(false)
        log.store.probe()
        #expect(log.obstacle == nil)
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

extension LogStoreFixture {
    fileprivate var obstacle: String? { store.obstacle.withLock { $0 } }
}

extension Result {
    fileprivate var isSuccess: Bool { if case .success = self { true } else { false } }
}
