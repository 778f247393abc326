import Domain
import Testing

@testable import Service
@testable import SteppedService

/// The rate of a user who has several sessions, or is on several instances.
struct ChatServiceRateTests {
    private let limit = RateLimit(messages: 4, window: .seconds(8))
    private let alice: Username

    init() throws { alice = try Username("alice") }

    private func isRefused(_ session: Session, _ chat: ChatFixture) async -> Bool {
        await ChatError.code { try await chat.send("x", from: session) } == .rateLimited
    }

    @Test func `the sessions of a user have one rate, and other users are not concerned`() async throws {
        let chat = ChatFixture(rate: limit, namesBelongToUsers: true)
        let (phone, _) = try await chat.connect("alice")
        let (browser, _) = try await chat.connect("alice")
        for _ in 0..<2 { for session in [phone, browser] { try await chat.send("x", from: session) } }
        for session in [phone, browser] { #expect(await isRefused(session, chat)) }
        let (other, _) = try await chat.connect("bob")
        for _ in 0..<4 { try await chat.send("x", from: other) }
        #expect(await isRefused(other, chat))
        #expect(chat.count("chat_rate_limited_total") == 3)
        chat.pass(.seconds(2))
        try await chat.send("x", from: browser)
        #expect(await isRefused(phone, chat))
    }

    @Test func `who comes again goes on with the same rate`() async throws {
        let chat = ChatFixture(rate: limit)
        let (session, _) = try await chat.connect("alice")
        for _ in 0..<4 { try await chat.send("x", from: session) }
        await chat.disconnect(session)
        let (again, _) = try await chat.connect("alice")
        #expect(await isRefused(again, chat))
    }

    @Test func `what another instance tells counts, what this one hears of itself does not`() async throws {
        let chat = ChatFixture(rate: limit, instance: "here")
        let (session, _) = try await chat.connect("alice")
        try chat.service.bus.announce(.administration(.sends([UserSends(alice, 4)], instance: "here")))
        try await chat.ports.settle()
        try await chat.send("x", from: session)
        try chat.service.bus.announce(.administration(.sends([UserSends(alice, 3)], instance: "there")))
        try await chat.ports.settle()
        #expect(await isRefused(session, chat))
        chat.pass(.seconds(2))
        try await chat.send("x", from: session)
    }

    @Test func `sends are gathered for others from the moment when one is heard, until it is silent`() async throws {
        let chat = ChatFixture(rate: limit, instance: "here")
        let (session, _) = try await chat.connect("alice")
        let rates = try #require(chat.service.rates)
        func hear(_ instance: String) async throws {
            try chat.service.bus.announce(.administration(.alive(instance: instance)))
            try await chat.ports.settle()
        }
        try await hear("here")
        try chat.service.takeToken(session)
        #expect(rates.takeUntold().isEmpty)
        try await hear("there")
        try chat.service.takeToken(session)
        #expect(rates.takeUntold() == [UserSends(alice, 1)])
        chat.pass(.seconds(20))
        try await hear("here")
        try chat.service.takeToken(session)
        #expect(rates.takeUntold().isEmpty)
    }
}
