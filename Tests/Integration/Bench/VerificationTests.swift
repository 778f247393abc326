import NIOPosix
import Testing
import Transport

@testable import ChatBench

extension Integration {
    /// The bench against a server that is right, and against one that is wrong in one way.
    @Suite("The bench", .timeLimit(.minutes(2)))
    struct VerificationTests {
        private func verify(
            fault: FakeChat.Fault? = nil, seed: UInt64 = 7, adjust: (inout VerifyOptions) -> Void = { _ in }
        ) async throws -> Verdict {
            let server = try await FakeChatServer.start(fault: fault)
            var options = VerifyOptions(
                addresses: [ServerAddress(host: "127.0.0.1", port: server.port)], seed: seed,
                run: "t\(seed)\(fault?.rawValue ?? "")")
            options.clients = 12
            options.classic = 2
            options.rooms = 3
            options.rate = 150
            options.duration = .milliseconds(1500)
            options.settle = .seconds(2)
            options.listBound = .seconds(1)
            options.privateShare = 0.1
            options.mischief = .milliseconds(700)
            options.absence = .milliseconds(300)
            options.limits.notice = .seconds(1)
            adjust(&options)
            let history = try await ChatBench.Verification(options: options).run(on: .singleton)
            try await server.stop()
            return Judge(limits: options.limits).judge(history)
        }

        @Test func `a server that is right is found sound, whatever the clients do`() async throws {
            for seed: UInt64 in 1...2 {
                // A busy machine is no fault of the server's.
                let verdict = try await verify(seed: seed) { $0.limits.notice = .seconds(3) }
                #expect(verdict.isSound, "seed \(seed): \(verdict.breaches.kept)")
                #expect(verdict.counts.acknowledged > 50 && verdict.counts.recovered > 10)
                #expect(verdict.counts.disconnections[.dropped, default: 0] > 0)
                #expect(verdict.counts.overheard > 0 && verdict.counts.whispersDelivered > 0)
            }
        }

        @Test func `a server with users of several sessions is found sound, whatever the clients do`() async throws {
            let verdict = try await verify(seed: 3) { options in
                Self.addSessions(&options)
                options.limits.notice = .seconds(3)
            }
            #expect(verdict.isSound, "\(verdict.breaches.kept)")
            #expect(verdict.clients == 6 * 3 + 2)
            #expect(verdict.counts.acknowledged > 50 && verdict.counts.whispersDelivered > 0)
        }

        /// Six users with three sessions each.
        private static func addSessions(_ options: inout VerifyOptions) {
            options.clients = 6
            options.sessions = 3
            options.signer = TokenSigner(secret: String(repeating: "s", count: 32), issuedAt: 0)
        }

        /// What tells of a fault.
        private struct Sign {
            let breach: Breach.Kind
            /// What tells of it as well, by chance.
            var instead: Set<Breach.Kind> = []
            /// What may follow from it.
            var others: Set<Breach.Kind> = []
        }

        private static let signs: [FakeChat.Fault: Sign] = [
            .losesDelivery: Sign(breach: .missed), .repeatsDelivery: Sign(breach: .repeated),
            .swapsTwo: Sign(breach: .outOfOrder, instead: [.ackOutOfPlace], others: [.missed]),
            .losesStored: Sign(breach: .lost, others: [.unstored, .unknown]),
            .acksWithoutStoring: Sign(breach: .lost), .wrongRoom: Sign(breach: .wrongRoom),
            .forgetsLeave: Sign(breach: .missingNotice), .forgetsJoin: Sign(breach: .missingNotice),
            .listsTheGone: Sign(breach: .wrongList, others: [.unsettled]),
            .renumbers: Sign(breach: .twoPlaces, others: [.unstored]),
            .acksOutOfPlace: Sign(breach: .ackOutOfPlace, others: [.unsettled]),
            .holeInResume: Sign(breach: .hole, others: [.missed]), .pageWithHole: Sign(breach: .wrongPage),
            .misdeliversPrivate: Sign(breach: .wrongReader, others: [.privateLost]),
            .losesPrivate: Sign(breach: .privateLost), .alters: Sign(breach: .altered, others: [.missed]),
            .invents: Sign(breach: .unknown), .declaresFalseGap: Sign(breach: .falseGap),
            .repeatsToClassic: Sign(breach: .repeated), .showsUnstored: Sign(breach: .unstored, others: [.twoPlaces]),
            .reusesPlace: Sign(
                breach: .disagreement,
                others: [.unknown, .wrongPage, .repeated, .ackOutOfPlace, .outOfOrder, .missed, .hole, .lost]),
            .showsOutsiders: Sign(breach: .notMember), .tellsFalseLeaves: Sign(breach: .falseNotice),
            .refuses: Sign(breach: .refused), .neverAnswers: Sign(breach: .unsettled),
            .hidesLog: Sign(breach: .unreadable), .acksUnasked: Sign(breach: .protocolViolation),
            .losesOwnElsewhere: Sign(breach: .missed), .losesPrivateElsewhere: Sign(breach: .privateLost),
            .tellsOfEachSession: Sign(breach: .falseNotice), .listsEachSession: Sign(breach: .wrongList),
            .changesEpochInSilence: Sign(breach: .undeclared), .changesEpochUndeclared: Sign(breach: .undeclared),
        ]

        @Test func `there is a fault for every breach that the judge knows`() {
            #expect(Set(Self.signs.values.map(\.breach)) == Set(Breach.Kind.allCases))
            #expect(Set(Self.signs.keys) == Set(FakeChat.Fault.allCases))
        }

        @Test func `a server that is wrong is found out, whatever it does wrong`() async throws {
            // Most of a run is waiting, so several go on at the same time.
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                for (index, fault) in FakeChat.Fault.allCases.enumerated() {
                    if index >= 5 { try await tasks.next() }
                    tasks.addTask { try await expectToFind(fault) }
                }
                try await tasks.waitForAll()
            }
        }

        private func expectToFind(_ fault: FakeChat.Fault) async throws {
            let verdict = try await verify(fault: fault) { options in
                // An inbox begins anew with each session, so there those who quit would excuse what is lost.
                if fault == .losesPrivate || fault == .misdeliversPrivate { options.mischief = nil }
                // One who is cut off before the false word comes says it again, and then it is stored.
                if fault == .acksWithoutStoring { options.mischief = nil }
                // And somebody has to come and go while somebody stays to be told.
                if fault == .forgetsJoin || fault == .forgetsLeave {
                    options.mischief = .seconds(1)
                    options.duration = .seconds(4)
                }
                switch fault {
                case .losesOwnElsewhere, .losesPrivateElsewhere, .listsEachSession:
                    Self.addSessions(&options)
                    options.mischief = nil
                case .tellsOfEachSession:
                    // Sessions have to come while others of the user have been there for long.
                    Self.addSessions(&options)
                    options.mischief = .milliseconds(700)
                    options.duration = .seconds(4)
                    options.limits.aftermath = .milliseconds(300)
                    options.limits.notice = .milliseconds(300)
                default: break
                }
                // Somebody has to be there for long before they are said to have left.
                if fault == .tellsFalseLeaves {
                    options.mischief = nil
                    options.limits.aftermath = .milliseconds(20)
                }
            }
            let sign = try #require(Self.signs[fault])
            let found = verdict.breaches
            let signs = sign.instead.union([sign.breach])
            #expect(!signs.isDisjoint(with: found.counts.keys), "\(fault): found only \(found.kept)")
            // On a busy machine notices are late.
            let unexpected = Set(found.counts.keys).subtracting(signs.union(sign.others).union([.missingNotice]))
            #expect(unexpected.isEmpty, "\(fault): found also \(unexpected), \(found.kept)")
        }
    }
}
