import Testing
import Wire

extension Integration {
    /// Who cannot follow reads on from the log: nobody is disconnected, nothing is lost, and memory stays bounded.
    @Suite("chat.v2 slow readers", .serialized)
    struct V2SlowReaders {
        private static let settings: Settings = [
            "send_buffer_bytes": 65_536, "retention_messages_per_room": 10_000,
        ]

        @Test("One that stops reading for 5,000 messages, on either adapter", arguments: [true, false])
        func stopped(isEmbedded: Bool) async throws {
            let cluster =
                isEmbedded
                ? try await Cluster.startEmbedded(Self.settings)
                : try await Cluster.start(instances: 2, Self.settings)
            do {
                try await stop(on: cluster)
            } catch {
                let failure = ClusterFailure(cause: error, logs: cluster.logTails)
                await cluster.stop()
                throw failure
            }
            await cluster.stop()
        }

        private func stop(on cluster: Cluster) async throws {
            let instance = cluster[1]
            let speaker = try await cluster[0].enterV2("speaker", "busy")
            let reader = try await instance.enterV2("reader", "busy")
            var slow: [V2Client] = []
            for index in 0..<2 {
                let client = try await instance.v2("slow\(index)", room: "busy", receiveBuffer: 4_096)
                try await client.join("busy", history: 0)
                try await client.socket.setReading(false)
                slow.append(client)
            }
            let throttled = try await instance.v2("throttled", room: "busy", receiveBuffer: 4_096)
            try await throttled.join("busy", history: 0)
            let throttle = Task {
                // Bursts of reading, as a phone on a bad line; it is a pace, nothing is ordered by it.
                while !Task.isCancelled {
                    try await throttled.socket.setReading(true)
                    try await Task.sleep(for: .milliseconds(1))
                    try await throttled.socket.setReading(false)
                    try await Task.sleep(for: .milliseconds(10))
                }
            }
            let before = try #require(instance.residentBytes)
            let count = 5_000
            let filler = String(repeating: "x", count: 1_500)
            for number in 0..<count {
                let frame = V2Request(.chatMessage(content: filler, room: nil, id: "\(number)"), ref: "\(number)").json
                try await speaker.socket.sendThrough(
                    raw: WebSocketFrame(opcode: WebSocketFrame.Opcode.text, payload: frame).bytes)
            }
            try await reader.reads(to: count - 1)
            let after = try #require(instance.residentBytes)
            #expect(after - before < 100_000_000, "grew by \((after - before) / 1_000_000) MB")

            throttle.cancel()
            try await throttled.socket.setReading(true)
            for client in slow { try await client.socket.setReading(true) }
            for client in slow + [throttled] {
                try await client.reads(to: count - 1)
                #expect(client.socket.isConnected, "\(client.name)")
            }
            for client in slow + [throttled, reader] {
                let view = client.view(of: "busy")
                #expect(view.faults == [], "\(client.name)")
                #expect(view.ids == (0..<count).map { "\($0)" }, "\(client.name)")
                #expect(view.gaps.isEmpty && !view.isTruncated)
            }
            #expect(speaker.replies.count { $0.isAck } == count)
        }

        @Test("Where the log forgets faster than it reads, it is told of the gap, and sees all that was left")
        func gap() async throws {
            try await withCluster(instances: 1, ["send_buffer_bytes": 65_536, "retention_messages_per_room": 20]) {
                cluster in
                let speaker = try await cluster[0].enterV2("speaker", "busy")
                let slow = try await cluster[0].v2("slow", room: "busy", receiveBuffer: 4_096)
                try await slow.join("busy", history: 0)
                try await slow.socket.setReading(false)
                let filler = String(repeating: "x", count: 10_000)
                let count = 800
                for number in 0..<count {
                    speaker.send(.chatMessage(content: filler, room: nil, id: "\(number)"), ref: "\(number)")
                }
                try await speaker.reads(to: count - 1)
                let sequences = speaker.view(of: "busy").sequences
                try await slow.socket.setReading(true)
                try await slow.reads(to: count - 1)
                let view = slow.view(of: "busy")
                #expect(view.faults == [])
                #expect(!view.gaps.isEmpty)
                // Whatever is missing lies within a gap that it was told of.
                let seen = Set(view.sequences)
                for sequence in sequences where !seen.contains(sequence) {
                    #expect(view.gaps.contains { $0.after < sequence && sequence < $0.before }, "\(sequence)")
                }
                for gap in view.gaps { #expect(!seen.contains { gap.after < $0 && $0 < gap.before }) }
                #expect(view.sequences.suffix(10) == sequences.suffix(10))
                #expect(slow.socket.isConnected)
            }
        }
    }
}

extension V2Client {
    /// Reads on to the message or the ack with that number for an id; looks at bytes, since there are thousands.
    fileprivate func reads(to number: Int) async throws {
        let id = Array(#""id":"\#(number)","room""#.utf8)
        _ = try await socket.texts.first("\(name) to come to \(number)", within: .seconds(30)) { text in
            text.bytes.prefix(100).firstRange(of: id) != nil
        }
    }
}
