import Testing
import Wire

extension Integration {
    /// What the histograms count is what went through.
    @Suite("Latencies", .serialized, .cluster(instances: 2))
    struct Latencies {
        @Test("Each message counts once where it was accepted, and once on each instance with a reader")
        func counts() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let writer = try await cluster[0].enterV2("writer", "measured")
            let reader = try await cluster[1].enterV2("reader", "measured")
            let appends = try await Self.values("chat_append_seconds_count", in: cluster)
            let deliveries = try await Self.values("chat_delivery_seconds_count", in: cluster)
            let count = 50
            for number in 0..<count { writer.send(.chatMessage(content: "\(number)", room: nil, id: nil)) }
            try await eventually("\(count) acknowledgements", equals: count) { writer.replies.count(where: \.isAck) }
            _ = try await reader.first("the last message") { frame in
                if case .chatMessage(let message) = frame.event { message.content == "\(count - 1)" } else { false }
            }
            try await hasCounted([appends[0] + count, appends[1]], "chat_append_seconds_count", in: cluster)
            try await hasCounted(deliveries.map { $0 + count }, "chat_delivery_seconds_count", in: cluster)
            for instance in cluster.instances {
                let text = try await instance.get("/metrics").body
                try PrometheusText.check(text)
                #expect(text.contains("# HELP chat_append_seconds "))
                // A read that is under way is counted already, and timed at its end.
                try await eventually("each read to be timed") {
                    let text = try await instance.get("/metrics").body
                    return Self.value("chat_log_read_seconds_count", text) == Self.value("chat_log_reads_total", text)
                }
                // On one machine, no message of a dozen bytes takes ten seconds.
                #expect(
                    Self.value("chat_delivery_seconds_bucket{le=\"10\"}", text)
                        == Self.value("chat_delivery_seconds_count", text))
            }
            try await writer.close()
            try await reader.close()
        }

        @Test("A classic client's messages count when the log has confirmed them, and refused ones do not")
        func classic() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let before = try await Self.values("chat_append_seconds_count", in: cluster)
            let client = try await cluster[1].enter("classic-writer", room: "measured-too")
            for number in 0..<20 { client.say("\(number)") }
            client.say("")
            try await hasCounted([before[0], before[1] + 20], "chat_append_seconds_count", in: cluster)
            try await client.close()
        }

        /// The counts are taken a moment after the frames were written.
        private func hasCounted(_ expected: [Int], _ metric: String, in cluster: Cluster) async throws {
            try await eventually("\(metric) to be \(expected)", equals: expected) {
                try await Self.values(metric, in: cluster)
            }
        }

        private static func values(_ metric: String, in cluster: Cluster) async throws -> [Int] {
            var values: [Int] = []
            for instance in cluster.instances {
                values.append(try #require(value(metric, try await instance.get("/metrics").body)))
            }
            return values
        }

        private static func value(_ metric: String, _ text: String) -> Int? {
            let line = text.split(separator: "\n").first { $0.hasPrefix(metric + " ") }
            return line.flatMap { Int($0.dropFirst(metric.count + 1)) }
        }
    }
}
