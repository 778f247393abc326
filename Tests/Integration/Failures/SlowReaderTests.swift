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
            // Paced by one who reads, and in batches well within the budget: only who stops reading exceeds it.
            for batch in stride(from: 0, to: count, by: 10) {
                for number in batch..<batch + 10 { try await alice.sayThrough("\(number) \(filler)") }
                try await carol.hearsSooner(said: "\(batch + 9) \(filler)", within: .seconds(20))
            }
            let heard = carol.texts.all.compactMap(\.said).compactMap {
                $0.split(separator: " ").first.flatMap { Int($0) }
            }
            #expect(heard == Array(0..<count))
            // 24 MB went to each of ten slow readers; what was kept for them is a tenth of that at most.
            if let after = instance.residentBytes, before > 0 {
                #expect(after - before < 120_000_000, "grew by \((after - before) / 1_000_000) MB")
            }
            for client in slow {
                try await eventually("\(client.name) to have left") {
                    alice.count(notice: "\(client.name) left the room") == 1
                }
                try await client.setReading(true)
                let closing = try await client.closed(within: .seconds(20))
                #expect(closing.code == 1013 || closing.code == nil)
                // What it did get, it got in order and without a hole.
                let got = client.texts.all.compactMap(\.said).compactMap {
                    $0.split(separator: " ").first.flatMap { Int($0) }
                }
                #expect(got == Array(0..<got.count) && got.count < count)
            }
            #expect(try await alice.users() == ["alice", "carol"])
            await instance.kill9()
        }

        @Test("A burst larger than the budget closes nobody who reads")
        func burst() async throws {
            let instance = try ChatInstance("server-burst")
            try await instance.start()
            let alice = try await instance.enter("alice", room: "busy")
            var readers: [WebSocketClient] = []
            for index in 0..<4 { readers.append(try await instance.enter("reader\(index)", room: "busy")) }
            let filler = String(repeating: "x", count: 16_000)
            let burst = (0..<400).flatMap {
                WebSocketFrame.text(#"{"type":"chat_message","content":"\#($0) \#(filler)"}"#).bytes
            }
            try await alice.sendThrough(raw: burst)
            for reader in readers {
                for number in 0..<400 {
                    _ = try await reader.texts.first("\(reader.name) to hear message \(number)", within: .seconds(20)) {
                        $0.said?.hasPrefix("\(number) ") == true
                    }
                }
                #expect(reader.isConnected)
            }
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
