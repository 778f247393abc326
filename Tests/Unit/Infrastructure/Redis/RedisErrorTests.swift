import Testing

@testable import InfrastructureRedis

struct RedisErrorTests {
    @Test(arguments: [
        "WRONGPASS invalid username-password pair or user is disabled.", "NOAUTH Authentication required.",
        "NOPERM this user has no permissions to run the 'evalsha' command",
        "ERR AUTH <password> called without any password configured for the default user.",
        "ERR DB index is out of range", "DENIED Redis is running in protected mode",
        "MOVED 3999 127.0.0.1:6381",
    ])
    func `what cannot get better by waiting is known`(words: String) {
        #expect(RedisError.server(words).isPermanent)
        #expect(RedisError.misconfigured("its certificate is for another host name or address").isPermanent)
    }

    @Test(arguments: [
        RedisError.server("LOADING Redis is loading the dataset in memory"),
        .server("READONLY You can't write against a read only replica."), .server("OOM command not allowed"),
        .server("MISCONF Redis is configured to save RDB snapshots"), .server("ERR max number of clients reached"),
        .server("CLUSTERDOWN Hash slot not served"), .unreachable("connection refused"), .timedOut, .disconnected,
        .notConnected,
    ])
    func `what may pass is waited for`(error: RedisError) { #expect(!error.isPermanent) }
}
