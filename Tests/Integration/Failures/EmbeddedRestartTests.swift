import Domain
import Foundation
import Testing

extension Integration {
    /// A server by itself, whose messages are in its data directory.
    @Suite("Embedded: the data directory", .serialized)
    struct EmbeddedRestart {
        /// As much of a frame of chat.v2 as is looked at here.
        private struct Frame: Decodable {
            var ref: String?
            var id: String?
            var seq: UInt64?
            var messages: [Frame]?
            var more: Bool?
            var epoch: String?
        }

        private func decode(_ text: TextFrame) -> Frame? {
            try? JSONDecoder().decode(Frame.self, from: Data(text.bytes))
        }

        /// What the client was acknowledged. Tells them by their first bytes: it comes to thousands of frames.
        private func acknowledgements(_ client: WebSocketClient) -> [TextFrame] {
            client.texts.all.filter { $0.bytes.starts(with: Array(#"{"type":"ack""#.utf8)) }
        }

        private func enter(_ instance: ChatInstance, as name: String) async throws -> WebSocketClient {
            try await WebSocketClient.open(
                port: instance.port, name, headers: ["Sec-WebSocket-Protocol: chat.v2"])
        }

        /// All that the room holds, page by page, and the epoch.
        private func readBack(_ instance: ChatInstance, as name: String) async throws -> ([Frame], epoch: String?) {
            let reader = try await enter(instance, as: name)
            reader.send(#"{"type":"join_room","room":"global","history":0}"#)
            var all: [Frame] = []
            while true {
                let ref = "after \(all.count)"
                reader.send(
                    #"{"type":"history","room":"global","limit":100,"after":\#(all.last?.seq ?? 0),"ref":"\#(ref)"}"#)
                let text = try await reader.texts.first("a page of history") { decode($0)?.ref == ref }
                let page = try #require(decode(text))
                all += page.messages ?? []
                guard page.more == true, page.messages?.isEmpty == false else {
                    await reader.drop()
                    return (all, page.epoch)
                }
            }
        }

        @Test(arguments: ["always", "interval"])
        func `killed in the middle of appends, it has all that it acknowledged, in order and once`(
            _ sync: String
        ) async throws {
            let instance = try ChatInstance(
                "embedded-\(sync)",
                ["log_sync": .text(sync), "retention_messages_per_room": 100_000, "data_directory": "messages"])
            try await instance.start()
            var acknowledged: [String: UInt64] = [:]
            var epochs: Set<String?> = []
            for round in 0..<3 {
                var writers: [WebSocketClient] = []
                for number in 0..<4 { writers.append(try await enter(instance, as: "writer\(round)-\(number)")) }
                for number in 0..<1000 {
                    for writer in writers {
                        let content = "\(number) " + String(repeating: "x", count: number % 700)
                        writer.send(
                            #"{"type":"chat_message","content":"\#(content)","id":"\#(RandomToken.make())"}"#)
                    }
                }
                try await eventually("200 acknowledgements", within: .seconds(30)) {
                    writers.reduce(0) { $0 + acknowledgements($1).count } >= 200
                }
                await instance.kill9()
                for writer in writers {
                    await writer.drop()
                    for text in acknowledgements(writer) {
                        let frame = try #require(decode(text))
                        let (id, sequence) = (try #require(frame.id), try #require(frame.seq))
                        acknowledged[id] = sequence
                    }
                }
                try await instance.start()
                let (stored, epoch) = try await readBack(instance, as: "reader\(round)")
                epochs.insert(epoch)
                let sequences = stored.compactMap(\.seq)
                #expect(zip(sequences, sequences.dropFirst()).allSatisfy { $0 < $1 })
                let found = Dictionary(grouping: stored, by: { $0.id ?? "" })
                #expect(found.values.allSatisfy { $0.count == 1 })
                #expect(acknowledged.allSatisfy { found[$0.key]?.first?.seq == $0.value })
            }
            #expect(epochs.count == 1)
            await instance.kill9()
        }

        private func expectOneLine(_ run: ServerRun, _ words: [String]) {
            #expect(run.isRefusal, "\(run)")
            let verdict = run.lines.last ?? ""
            #expect(verdict.hasPrefix("server: data_directory: "), "\(run)")
            #expect(words.allSatisfy { verdict.contains($0) }, "\(run)")
        }

        @Test func `a second server on the directory stops with one line that says so`() async throws {
            let instance = try ChatInstance("embedded-first")
            try await instance.start()
            let directory = instance.directory.appendingPathComponent("data").path
            let settings = Settings.forTests.with(["port": .number(try FreePort.pick())])
            expectOneLine(
                try await ServerRun.settings(settings.with(["data_directory": .text(directory)])),
                [directory, "another server"])
            #expect(try await instance.readiness() == 200)
            await instance.kill9()
        }

        @Test func `a directory that cannot be written stops the start with one line that says what to do`()
            async throws
        {
            let file = try ScratchDirectory.make("in-the-way").appendingPathComponent("file")
            try Data().write(to: file)
            let settings = Settings.forTests.with([
                "port": .number(try FreePort.pick()), "data_directory": .text(file.path + "/data"),
            ])
            expectOneLine(try await ServerRun.settings(settings), [file.path, "name a directory"])
        }

        @Test func `with an empty data directory nothing is written, and nothing kept`() async throws {
            let instance = try ChatInstance("embedded-memory", ["data_directory": ""])
            try await instance.start()
            let writer = try await enter(instance, as: "writer")
            writer.send(#"{"type":"chat_message","content":"hi","ref":"r"}"#)
            try await eventually("the acknowledgement") { !acknowledgements(writer).isEmpty }
            let names = try FileManager.default.contentsOfDirectory(atPath: instance.directory.path)
            #expect(!names.contains("data"))
            await instance.kill9()
            try await instance.start()
            #expect(try await readBack(instance, as: "reader").0.isEmpty)
            await instance.kill9()
        }
    }
}
