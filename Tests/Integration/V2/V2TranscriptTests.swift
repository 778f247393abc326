import Testing

extension Integration {
    @Suite("chat.v2 transcripts, embedded", .serialized, .embedded)
    struct EmbeddedV2Transcripts {
        @Test("Rooms", arguments: V2Transcript.rooms)
        func rooms(_ transcript: V2Transcript) async throws { try await transcript.play(on: .current) }

        @Test("Requests", arguments: V2Transcript.requests)
        func requests(_ transcript: V2Transcript) async throws { try await transcript.play(on: .current) }

        @Test("Refused, and nothing changes", arguments: V2Transcript.refused)
        func refused(_ transcript: V2Transcript) async throws { try await transcript.play(on: .current) }

        @Test("Awkward names are names like any other", arguments: V2Transcript.awkward)
        func awkward(_ transcript: V2Transcript) async throws { try await transcript.play(on: .current) }
    }

    @Suite("chat.v2 transcripts, two instances", .serialized, .cluster(instances: 2))
    struct ClusteredV2Transcripts {
        @Test("Rooms", arguments: V2Transcript.rooms)
        func rooms(_ transcript: V2Transcript) async throws { try await transcript.play(on: .current) }

        @Test("Requests", arguments: V2Transcript.requests)
        func requests(_ transcript: V2Transcript) async throws { try await transcript.play(on: .current) }

        @Test("Refused, and nothing changes", arguments: V2Transcript.refused)
        func refused(_ transcript: V2Transcript) async throws { try await transcript.play(on: .current) }

        @Test("Awkward names are names like any other", arguments: V2Transcript.awkward)
        func awkward(_ transcript: V2Transcript) async throws { try await transcript.play(on: .current) }
    }
}
