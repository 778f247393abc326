import Testing
import Wire

private let settingsOfTime: Settings = ["jwt_secret": .text(SignedToken.secret), "jwt_leeway_seconds": 1]

extension Integration {
    /// Tokens that end, and those that follow them.
    @Suite("Tokens in the course of time", .serialized, .cluster(instances: 2, settingsOfTime))
    struct TokenExpiry {
        /// A token that expires so many seconds from now, without the leeway.
        private func short(_ name: String, _ seconds: Int) -> String {
            SignedToken.make(#"{"sub":"\#(name)","exp":\#(SignedToken.time(seconds))}"#)
        }

        private func isTold(_ client: V2Client) async throws {
            let frame = try await client.first("to be told") { frame in
                if case .error("token_expired", _, _) = frame.event { true } else { false }
            }
            #expect(frame.ref == nil)
        }

        @Test("chat.v2 is told, works on, and is closed ten seconds later; classic is closed at once")
        func expiry() async throws {
            let cluster = try Cluster.current
            let token = short("alice", 1)
            let alice = try await cluster[0].bearer(token)
            let classic = try await cluster[1].socket(token: token, v2: false)
            try await isTold(alice)
            let start = ContinuousClock.now
            #expect(try await classic.closed(within: .seconds(2)) == Closing(code: 4002, reason: "token expired"))
            try await alice.isQuiet()
            #expect(try await alice.closed(within: .seconds(14)) == Closing(code: 4002, reason: "token expired"))
            let time = ContinuousClock.now - start
            #expect(time > .seconds(9) && time < .seconds(12), "\(time)")
        }

        @Test("A new token of the same user keeps the session; another user's and a bad one do not count")
        func renewal() async throws {
            let alice = try await Cluster.current[0].bearer(short("alice", 1))
            try await isTold(alice)
            let start = ContinuousClock.now
            try await alice.isRefused("invalid_token", ref: alice.send(.authenticate(token: "x")))
            try await alice.isRefused("invalid_token", ref: alice.send(.authenticate(token: short("alice", -60))))
            try await alice.isRefused("forbidden", ref: alice.send(.authenticate(token: SignedToken.good("eve"))))
            let ref = alice.send(.authenticate(token: SignedToken.good("alice", #","role":"moderator""#)))
            let frame = try await alice.next()
            guard case .authenticated(let authenticated) = frame.event, frame.ref == ref else {
                throw Unexpected("alice was to be authenticated and got \(frame)")
            }
            #expect(authenticated.role == "moderator" && authenticated.expiresAt != nil)
            #expect(authenticated.rooms == nil && authenticated.readRooms == nil)
            // The close would come ten seconds after the notice; here it is time itself that is waited for.
            try await Task.sleep(until: start + .seconds(11))
            try await alice.isQuiet()
            try await alice.close()
        }

        @Test("After the reply nothing comes of a room that the new token does not allow, in a storm from elsewhere")
        func narrowing() async throws {
            let cluster = try Cluster.current
            let talker = V2Talker(
                try await cluster[1].bearer(SignedToken.good("bob"), "?room=storm"), in: "storm",
                every: .milliseconds(2))
            let carol = try await cluster[1].bearer(SignedToken.good("carol"), "?room=dev")
            try await carol.join("dev", history: 0)
            for _ in 0..<5 {
                let alice = try await cluster[0].bearer(SignedToken.good("alice"), "?room=storm")
                alice.send(.joinRoom(V2Join(room: "storm")))
                alice.send(.joinRoom(V2Join(room: "dev", history: 0, stay: true)))
                _ = try await alice.first("to hear the storm") { frame in
                    if case .chatMessage = frame.event { true } else { false }
                }
                let ref = alice.send(.authenticate(token: SignedToken.good("alice", #","rooms":["dev"]"#)))
                _ = try await alice.first("to be authenticated") { $0.ref == ref }
                // What carol says closes the door: anything that had strayed in would stand before it.
                carol.send(.chatMessage(content: "over", room: "dev", id: nil))
                try await alice.hears("over", from: "carol", in: "dev")
                try await alice.isRefused("forbidden", ref: alice.send(.joinRoom(V2Join(room: "storm"))))
                try await alice.isQuiet()
                try await alice.close()
            }
            _ = await talker.stop()
            try await talker.client.close()
            try await carol.close()
        }
    }
}
