import Domain
import Foundation
import Service
import Synchronization
import Testing

@testable import InfrastructureFiles
@testable import InfrastructureIdentity

struct TokenAuthenticatorTests {
    private let fixture: TokenFixture
    private let clock = SetClock()

    init() throws { fixture = try TokenFixture.shared.get() }

    /// What stands at the URL, and how often it was asked for.
    private final class Issuer: Sendable {
        private let state: Mutex<(keys: [UInt8]?, questions: Int)>

        init(_ keys: [UInt8]?) { state = Mutex((keys, 0)) }

        var questions: Int { state.withLock { $0.questions } }

        func publish(_ keys: [UInt8]?) { state.withLock { $0.keys = keys } }

        func answer() throws(KeySetFetchError) -> [UInt8] {
            let keys = state.withLock { state in
                state.questions += 1
                return state.keys
            }
            guard let keys else { throw KeySetFetchError("is away") }
            return keys
        }
    }

    private func make(
        _ issuer: Issuer? = nil, capacity: Int = 100, _ change: (inout IdentitySettings) throws -> Void = { _ in }
    ) throws -> TokenAuthenticator {
        var settings = IdentitySettings()
        if issuer != nil { settings.keySetURL = try KeySetURL("https://issuer.example/keys") }
        try change(&settings)
        return try TokenAuthenticator(settings, time: clock.source, logger: .silent, capacity: capacity) {
            () async throws(KeySetFetchError) in try issuer?.answer() ?? []
        }
    }

    private func withSecret(_ settings: inout IdentitySettings) { settings.secret = fixture.secret }

    private func refusal(_ token: String, _ authenticator: TokenAuthenticator) async -> String {
        do throws(AuthenticationError) {
            _ = try await authenticator.authenticate(token)
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    /// Runs the upkeep of the keys meanwhile.
    private func running(_ authenticator: TokenAuthenticator, _ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { await authenticator.run() }
            try await body()
            tasks.cancelAll()
        }
    }

    @Test func `a token that was verified is known at once from then on, until it expires`() async throws {
        let authenticator = try make { withSecret(&$0) }
        let token = try signed(#"{"sub":"alice","exp":1767323105}"#, secret: fixture.secret)
        #expect(authenticator.remembered(token) == nil)
        let principal = try await authenticator.authenticate(token)
        #expect(authenticator.remembered(token) == principal)
        clock.pass(.seconds(64))
        #expect(authenticator.remembered(token) == principal)  // by the leeway
        clock.pass(.seconds(1))
        #expect(authenticator.remembered(token) == nil)
        #expect(await refusal(token, authenticator) == "the token has expired")
    }

    @Test(
        arguments: [
            ("expired", "the token has expired"), ("early", "the token is not valid yet"),
            ("eternal", "the token has no exp claim"), ("none", "the token's algorithm is not accepted"),
            ("critical", "the token needs an extension that is not supported (crit)"),
            ("confused-rsa", "the token's signature is wrong"),
            ("stranger", "the token's algorithm does not belong to a key that is known here"),
        ])
    func `a token is refused in words, and not remembered`(name: String, words: String) async throws {
        let authenticator = try make { withSecret(&$0) }
        let token = try #require(fixture.refused[name])
        if name == "expired" { clock.pass(.seconds(6)) }  // the leeway, and a part of a second
        #expect(await refusal(token, authenticator) == words)
        #expect(authenticator.remembered(token) == nil)
    }

    @Test func `ten thousand tokens with made-up keys cost the issuer one request beyond the first`() async throws {
        let issuer = Issuer(try TokenFixture.keySet())
        let authenticator = try make(issuer)
        try await running(authenticator) {
            _ = try await authenticator.authenticate(try #require(fixture.named["ES256"]))
            #expect(issuer.questions == 1)
            await withTaskGroup { tasks in
                for part in 0..<10 {
                    tasks.addTask {
                        for number in 0..<1000 {
                            let header = Base64URL.encode(#"{"alg":"ES256","kid":"\#(part)-\#(number)"}"#.utf8)
                            #expect(
                                await refusal("\(header).e30.AAAA", authenticator)
                                    == "the token's key is not known here")
                        }
                    }
                }
            }
            #expect(issuer.questions == 2)
            // Those with good keys come in meanwhile.
            _ = try await authenticator.authenticate(try #require(fixture.named["EdDSA"]))
            #expect(issuer.questions == 2)
        }
    }

    @Test func `a key that is published later is found when a token names it`() async throws {
        let others =
            #"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"old","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#
        let issuer = Issuer(Array(others.utf8))
        let authenticator = try make(issuer)
        try await running(authenticator) {
            let token = try #require(fixture.named["RS256"])
            // The first may have waited for the fetch with which the server has begun; the second has asked for one.
            for _ in 1...2 { #expect(await refusal(token, authenticator) == "the token's key is not known here") }
            issuer.publish(try TokenFixture.keySet())
            #expect(await refusal(token, authenticator) == "the token's key is not known here")
            clock.pass(KeySchedule.pauseBetweenQuestions)
            #expect(await refusal(token, authenticator) == "accepted")
        }
    }

    @Test func `while the issuer is away the last good keys count`() async throws {
        let issuer = Issuer(nil)
        let authenticator = try make(issuer)
        let token = try #require(fixture.named["PS256"])
        try await running(authenticator) {
            #expect(await refusal(token, authenticator) == "the keys for tokens cannot be fetched now, try again later")
            issuer.publish(try TokenFixture.keySet())
            clock.pass(.seconds(60))
            #expect(await refusal(token, authenticator) == "accepted")
            for answer in [nil, Array("{".utf8), Array(#"{"keys":[]}"#.utf8)] {
                issuer.publish(answer)
                clock.pass(KeySchedule.period)
                await authenticator.fetchIfDue()
                #expect(await refusal(token, authenticator) == "accepted")
            }
        }
    }

    @Test func `a key that is withdrawn takes what was verified with it along`() async throws {
        let issuer = Issuer(try TokenFixture.keySet())
        let authenticator = try make(issuer)
        let token = try #require(fixture.named["ES256"])
        try await running(authenticator) {
            #expect(await refusal(token, authenticator) == "accepted")
            clock.pass(KeySchedule.period)
            await authenticator.fetchIfDue()
            #expect(authenticator.remembered(token) != nil)  // the same keys
            issuer.publish(
                Array(
                    #"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"new","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#
                        .utf8))
            clock.pass(KeySchedule.period)
            await authenticator.fetchIfDue()
            #expect(authenticator.remembered(token) == nil)
            #expect(await refusal(token, authenticator) == "the token's key is not known here")
        }
    }

    @Test func `the file of keys is read again when it changes, and a broken one changes nothing`() async throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "keys-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: url) }
        let old =
            #"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"old","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#
        try Data(old.utf8).write(to: url)
        let authenticator = try make { $0.keySetFile = url.path }
        let token = try #require(fixture.named["RS256"])
        var watch = FileWatch(read: authenticator.filedVersion)
        func look() { for _ in 0..<2 { authenticator.look(with: &watch) } }
        #expect(await refusal(token, authenticator) == "the token's key is not known here")
        try Data(try TokenFixture.keySet()).write(to: url, options: .atomic)
        look()
        #expect(await refusal(token, authenticator) == "accepted")
        for broken in ["", "{", #"{"keys":[]}"#] {
            try Data(broken.utf8).write(to: url, options: .atomic)
            look()
            #expect(await refusal(token, authenticator) == "accepted")
        }
        try FileManager.default.removeItem(at: url)
        look()
        #expect(await refusal(token, authenticator) == "accepted")
        try Data(old.utf8).write(to: url)
        look()
        #expect(await refusal(token, authenticator) == "the token's key is not known here")
    }

    @Test func `who waits for keys when the server stops is not left waiting`() async throws {
        let authenticator = try make(Issuer(nil))
        let token = try #require(fixture.named["ES256"])
        async let answer = refusal(token, authenticator)
        try await running(authenticator) {}
        #expect(await answer == "the keys for tokens cannot be fetched now, try again later")
    }

    @Test(
        arguments: [
            ("jwt_secret: has fewer than 32 bytes", \.secret, "short"),
            (
                "jwt_public_key_file: /no/such cannot be read; is the path right, and may the server read it?",
                \.publicKeyFile, "/no/such"
            ),
            (
                "jwt_public_key_file: /dev/null holds no public key in PEM format", \.publicKeyFile,
                "/dev/null"
            ),
            (
                "jwt_jwks_file: /no/such cannot be read; is the path right, and may the server read it?", \.keySetFile,
                "/no/such"
            ),
            ("jwt_jwks_file: /dev/null is not a JSON Web Key Set", \.keySetFile, "/dev/null"),
        ] as [(String, any WritableKeyPath<IdentitySettings, String> & Sendable, String)])
    func `a key that cannot be used is named`(
        words: String, setting: any WritableKeyPath<IdentitySettings, String> & Sendable, value: String
    ) {
        let error = #expect(throws: IdentityError.self) { try make { $0[keyPath: setting] = value } }
        #expect(error?.description.hasPrefix(words) == true, "\(error?.description ?? "")")
    }
}
