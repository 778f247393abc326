#if os(Linux)
    import Testing

    extension Integration {
        @Suite("Threads", .serialized, .cluster(instances: 1))
        struct Threads {
            /// `SCHED_BATCH` of sched(7).
            private static let batch = 3

            @Test("No thread of a server interrupts another one when it is woken")
            func policies() async throws {
                let instance = try Cluster.current[0]
                let alice = try await instance.enter("alice", room: "dev")
                let policies = instance.threadPolicies
                #expect(policies.count > 4, "the main thread, an event loop, and those of nats.c")
                #expect(policies.allSatisfy { $0 == Self.batch }, "\(policies)")
                try await alice.close()
            }
        }
    }
#endif
