import Testing

@testable import Infrastructure

struct PresenceRedisURLTests {
    @Test(arguments: [
        ("redis://localhost", "localhost:6379", 0),
        ("redis://localhost/", "localhost:6379", 0),
        ("redis://10.0.0.1:7000/2", "10.0.0.1:7000", 2),
        ("redis://[::1]:7000", "[::1]:7000", 0),
        ("redis://:secret@cache", "cache:6379", 0),
        ("redis://user:secret@cache:1/15", "cache:1", 15),
    ])
    func `an address has its parts`(_ text: String, _ address: String, _ database: Int) throws {
        let url = try RedisURL(text)
        #expect(url.address == address)
        #expect(url.database == database)
    }

    @Test func `user and password are percent-decoded and shown nowhere`() throws {
        let url = try RedisURL("redis://us%40er:s%2Fe%3Acret@cache:1/2")
        #expect(url.username == "us@er")
        #expect(url.password == "s/e:cret")
        var dumped = "\(url) \(String(reflecting: url))"
        dump(url, to: &dumped)
        #expect(!dumped.contains("cret"))
        #expect(!dumped.contains("us@er"))
        #expect("\(url)" == "redis://cache:1/2")
    }

    @Test(arguments: [
        ("", RedisURLError.malformed), ("localhost:6379", .malformed), ("http://localhost", .malformed),
        ("redis://local host", .malformed), ("redis://localhost?db=1", .malformed), ("redis://h:x", .malformed),
        ("rediss://localhost", .encrypted), ("redis://", .noHost), ("redis://:1", .noHost),
        ("redis://localhost:0", .port), ("redis://localhost:65536", .port),
        ("redis://user@localhost", .noPassword),
        ("redis://localhost/x", .database), ("redis://localhost/-1", .database), ("redis://localhost/1/2", .database),
    ])
    func `what is wrong with an address is named`(_ text: String, _ expected: RedisURLError) {
        let error = #expect(throws: RedisURLError.self) { try RedisURL(text) }
        #expect(error == expected)
    }
}
