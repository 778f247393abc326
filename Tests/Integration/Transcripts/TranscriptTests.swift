import Testing

extension Integration {
    @Suite("Classic transcripts, embedded", .serialized, .embedded)
    struct EmbeddedTranscripts {
        @Test("Byte for byte", arguments: Transcript.classic)
        func classic(_ transcript: Transcript) async throws { try await transcript.play(on: .current) }

        @Test("Answered in words, and nothing changes", arguments: Transcript.refused)
        func refused(_ transcript: Transcript) async throws { try await transcript.play(on: .current) }

        @Test("Awkward room names are rooms like any other", arguments: Transcript.awkwardRooms)
        func awkward(_ transcript: Transcript) async throws { try await transcript.play(on: .current) }

        @Test("Rooms whose names are patterns never hear each other")
        func patterns() async throws { try await roomsStayApart(on: .current) }
    }

    @Suite("Classic transcripts, two instances", .serialized, .cluster(instances: 2))
    struct ClusteredTranscripts {
        @Test("Byte for byte", arguments: Transcript.classic)
        func classic(_ transcript: Transcript) async throws { try await transcript.play(on: .current) }

        @Test("Answered in words, and nothing changes", arguments: Transcript.refused)
        func refused(_ transcript: Transcript) async throws { try await transcript.play(on: .current) }

        @Test("Awkward room names are rooms like any other", arguments: Transcript.awkwardRooms)
        func awkward(_ transcript: Transcript) async throws { try await transcript.play(on: .current) }

        @Test("Rooms whose names are patterns never hear each other")
        func patterns() async throws { try await roomsStayApart(on: .current) }
    }
}

/// Two users in each of many rooms whose names would match each other as NATS subjects: each hears its own room only.
private func roomsStayApart(on cluster: Cluster) async throws {
    try await cluster.vacate()
    let rooms = ["a.b", "a", "*", ">", "a.*", "a.>", "a>b", "a%2Eb", "a%b", "%2A", "global"]
    var speakers: [WebSocketClient] = []
    var listeners: [WebSocketClient] = []
    for (index, room) in rooms.enumerated() {
        speakers.append(try await cluster[index].enter("speaker\(index)", room: room))
        let listener = try await cluster[index + 1].enter("listener\(index)", room: room)
        try await speakers[index].hears(notice: "listener\(index) joined the room \(room)")
        listeners.append(listener)
    }
    for (index, speaker) in speakers.enumerated() { speaker.say("from room \(index)") }
    for (index, listener) in listeners.enumerated() {
        let frame = try await listener.next()
        #expect(frame.said == "from room \(index)", "in room \(rooms[index])")
        #expect(frame.classic?.room == rooms[index])
    }
    // Each room's second message closes the door: anything that had strayed in would stand before it.
    for speaker in speakers { speaker.say("over") }
    for listener in listeners {
        #expect(try await listener.next().said == "over")
        try await listener.isQuiet()
    }
    for client in speakers + listeners { try await client.close() }
}
