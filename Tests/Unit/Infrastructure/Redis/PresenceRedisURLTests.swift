import Testing

@testable import InfrastructureRedis

struct PresenceRedisURLTests {
    @Test(arguments: [
        ("redis://localhost", "localhost:6379", 0),
        ("redis://localhost/", "localhost:6379", 0),
        ("redis://10.0.0.1:7000/2", "10.0.0.1:7000", 2),
        ("redis://[::1]:7000", "[::1]:7000", 0),
        ("redis://:secret@cache", "cache:6379", 0),
        ("redis://user:secret@cache:1/15", "cache:1", 15),
        ("rediss://cache", "cache:6379", 0),
        ("redis+sentinel://s1,10.0.0.2:7000,[::1]:1/main/3", "main (sentinels s1:26379, 10.0.0.2:7000, [::1]:1)", 3),
        ("rediss+sentinel://user:secret@s1/main", "main (sentinels s1:26379)", 0),
    ])
    func `an address has its parts`(_ text: String, _ address: String, _ database: Int) throws {
        let url = try RedisURL(text)
        #expect(url.address == address)
        #expect(url.database == database)
    }

    @Test func `user and password are percent-decoded and shown nowhere`() throws {
        let url = try RedisURL("redis://us%40er:s%2Fe%3Acret@cache:1/2")
        #expect(url.credentials == .init(username: "us@er", password: "s/e:cret"))
        var dumped = "\(url) \(String(reflecting: url))"
        dump(url, to: &dumped)
        #expect(!dumped.contains("cret"))
        #expect(!dumped.contains("us@er"))
        #expect("\(url)" == "redis://cache:1/2")
    }

    @Test(arguments: [
        ("", RedisURLError.malformed), ("localhost:6379", .malformed), ("http://localhost", .malformed),
        ("redis://local host", .malformed), ("redis://localhost?db=1", .malformed), ("redis://h:x", .malformed),
        ("redis://", .noHost), ("redis://:1", .noHost), ("rediss://", .noHost), ("redis+sentinel:///main", .noHost),
        ("redis+sentinel://s1,,s2/main", .noHost), ("redis+sentinel://s1,/main", .noHost),
        ("redis://a,b", .severalHosts), ("rediss://user:pass@a,b/1", .severalHosts),
        ("redis+sentinel://s1,s2", .noMaster), ("redis+sentinel://s1/", .noMaster),
        ("redis+sentinel://s1/main/x", .database), ("redis+sentinel://s1/main/1/2", .database),
        ("redis+sentinel://s1,s2:0/main", .port), ("redis+sentinel://s1,s2:x/main", .malformed),
        ("redis+sentinel://user@s1/main", .noPassword),
        ("redis+sentinel://s1/main?sentinel_username=u", .noPassword),
        ("redis+sentinel://s1/main?password=p", .malformed), ("redis+sentinel://s1/main#0", .malformed),
        ("sentinel://s1/main", .malformed), ("redis-sentinel://s1/main", .malformed),
        ("rediss://localhost?sentinel_password=p", .malformed),
        ("redis://localhost:0", .port), ("redis://localhost:65536", .port),
        ("redis://user@localhost", .noPassword),
        ("redis://localhost/x", .database), ("redis://localhost/-1", .database), ("redis://localhost/1/2", .database),
    ])
    func `what is wrong with an address is named`(_ text: String, _ expected: RedisURLError) {
        let error = #expect(throws: RedisURLError.self) { try RedisURL(text) }
        #expect(error == expected)
    }

    @Test func `what is encrypted, and what the sentinels are told, is in the URL`() throws {
        #expect(try RedisURL("rediss://cache").isEncrypted)
        #expect(try !RedisURL("redis://cache").isEncrypted)
        #expect(try !RedisURL("redis+sentinel://s1/main").isEncrypted)
        #expect(try !RedisURL("rediss://10.0.0.1").place.isNamed)
        #expect(try RedisURL("rediss://cache").place.isNamed)

        let url = try RedisURL(
            "rediss+sentinel://us%40er:se%2Ccret@s1,s2/main/2?sentinel_password=p%26q&sentinel_username=asker")
        #expect(url.isEncrypted)
        #expect(url.credentials == .init(username: "us@er", password: "se,cret"))
        #expect(url.sentinelCredentials == .init(username: "asker", password: "p&q"))
        var dumped = "\(url) \(String(reflecting: url)) \(url.address)"
        dump(url, to: &dumped)
        for secret in ["us@er", "cret", "asker", "p&q"] { #expect(!dumped.contains(secret)) }
        #expect("\(url)" == "rediss+sentinel://s1:26379,s2:26379/main/2")
        // The credentials of the one are not those of the other.
        #expect(try RedisURL("redis+sentinel://:secret@s1/main").sentinelCredentials == nil)
        #expect(try RedisURL("redis+sentinel://s1/main?sentinel_password=secret").credentials == nil)
    }
}

extension RedisURL.Place {
    fileprivate var isNamed: Bool {
        if case .server(let address) = self { address.isNamed } else { false }
    }
}
