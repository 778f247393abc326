import Testing

@testable import InfrastructureRedis

struct RedisEvictionPolicyTests {
    @Test(arguments: [
        ("noeviction", false), ("allkeys-lru", true), ("allkeys-random", true), ("volatile-ttl", true),
    ])
    func `every policy but one evicts`(name: String, evicts: Bool) {
        let info = "# Memory\r\nused_memory:1000\r\nmaxmemory:1048576\r\nmaxmemory_policy:\(name)\r\n"
        let policy = RedisEvictionPolicy(info: info)
        #expect(policy?.name == name && policy?.evicts == evicts && policy?.maximumMemory == 1_048_576)
    }

    @Test func `what does not say is no answer`() {
        #expect(RedisEvictionPolicy(info: "") == nil)
        #expect(RedisEvictionPolicy(info: "# Memory\r\nmaxmemory:0\r\n") == nil)
        #expect(RedisEvictionPolicy(info: "maxmemory_policy:noeviction")?.maximumMemory == 0)
    }
}
