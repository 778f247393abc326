import Testing

extension Integration {
    @Suite("Slow readers", .serialized)
    struct SlowReaders {
        @Test("One that stops reading in a busy room is closed, the others hear all, and memory stays bounded")
        func slowReader() async throws {
            let instance = try ChatInstance("server-slow", ["send_buffer_bytes": 262_144])
            try await instance.start()
            let alice = try await instance.enter("alice", room: "busy")
            let carol = try await instance.enter("carol", room: "busy")
            var slow: [WebSocketClient] = []
            for index in 0..<10 {
                let client = try await instance.client("slow\(index)", room: "busy", receiveBuffer: 4_096)
                try await client.hears(notice: "slow\(index) joined the room busy")
                try await client.setReading(false)
                slow.append(client)
            }
            let before = instance.residentBytes ?? 0
            let filler = String(repeating: "x", count: 16_000)
            let count = 1_500
            // Paced by the fastest reader, so that the speaker's own messages do not pile up before they are stored.
            for batch in stride(from: 0, to: count, by: 50) {
                for number in batch..<batch + 50 { try await alice.sayThrough("\(number) \(filler)") }
                try await carol.hearsSooner(said: "\(batch + 49) \(filler)", within: .seconds(20))
            }
            let heard = carol.texts.all.compactMap(\.said).compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
            #expect(heard == Array(0..<count))
            // 24 MB went to each of ten slow readers; what was kept for them is a tenth of that at most.
            if let after = instance.residentBytes, before > 0 {
                #expect(after - before < 120_000_000, "grew by \((after - before) / 1_000_000) MB")
            }
            for client in slow {
                try await alice.hearsSooner(notice: "\(client.name) left the room")
                try await client.setReading(true)
                let closing = try await client.closed(within: .seconds(20))
                #expect(closing.code == 1013 || closing.code == nil)
                // What it did get, it got in order and without a hole.
                let got = client.texts.all.compactMap(\.said).compactMap { $0.split(separator: " ").first.flatMap { Int($0) } }
                #expect(got == Array(0..<got.count) && got.count < count)
            }
            #expect(try await alice.users() == ["alice", "carol"])
            await instance.kill9()
        }

        @Test("One that reads late, but within its budget, is kept and misses nothing")
        func lateReader() async throws {
            let instance = try ChatInstance("server-late")
            try await instance.start()
            let alice = try await instance.enter("alice", room: "busy")
            let late = try await instance.enter("late", room: "busy")
            try await alice.hears(notice: "late joined the room busy")
            try await late.setReading(false)
            for number in 0..<500 { alice.say("\(number)") }
            try await alice.isQuiet()
            try await late.setReading(true)
            for number in 0..<500 { #expect(try await late.next().said == "\(number)") }
            await instance.kill9()
        }
    }
}
