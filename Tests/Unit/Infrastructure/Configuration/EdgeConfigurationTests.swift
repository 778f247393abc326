import Testing
import Wire

@testable import InfrastructureConfiguration

struct EdgeConfigurationTests {
    private func load(_ environment: [String: String]) throws(ConfigurationError) -> ChatConfiguration {
        try ChatConfiguration.load(path: nil, environment: environment)
    }

    @Test func `origins and proxies are lists with commas`() throws {
        let configuration = try load([
            "ALLOWED_ORIGINS": "https://a.example, null", "TRUSTED_PROXIES": "10.0.0.0/8, ::1", "PROXY_PROTOCOL": "on",
        ])
        #expect(configuration.allowedOrigins.allows("https://a.example") && configuration.allowedOrigins.allows("null"))
        #expect(configuration.trustedProxies == [AddressRange("10.0.0.0/8"), AddressRange("::1")].compactMap(\.self))
        #expect(configuration.proxyProtocol == .on)
    }

    @Test func `in a file they are lists of texts, or such texts`() throws {
        for value in [#"["10.0.0.0/8","::1"]"#, #""10.0.0.0/8, ::1""#] {
            var configuration = ChatConfiguration()
            let fields = try JSONObject(Array(#"{"x":\#(value)}"#.utf8), keepingNested: true).fields
            let key = try #require(ConfigurationKey.edge.first { $0.name == "trusted_proxies" })
            try key.apply(&configuration, ConfigurationValue(try #require(fields.first).value))
            #expect(
                configuration.trustedProxies == [AddressRange("10.0.0.0/8"), AddressRange("::1")].compactMap(\.self))
        }
        #expect(ConfigurationValue(.array([.flag(true)])).listText == nil)
    }

    @Test(
        arguments: [
            (["ALLOWED_ORIGINS": "https://a.example/"], "allowed_origins: \"https://a.example/\" is no origin"),
            (["ALLOWED_ORIGINS": "a.example"], "allowed_origins: \"a.example\" is no origin"),
            (["TRUSTED_PROXIES": "10.0.0.1/8"], "trusted_proxies: \"10.0.0.1/8\" is no range of addresses"),
            (["TRUSTED_PROXIES": "proxy"], "trusted_proxies: \"proxy\" is no range of addresses"),
            (["PROXY_PROTOCOL": "on"], "proxy_protocol: on, while trusted_proxies is empty"),
            (["PROXY_PROTOCOL": "v2"], "proxy_protocol: \"v2\" is not allowed; it must be one of off, on"),
            (["MAX_HEADER_BYTES": "1023"], "max_header_bytes: \"1023\" is not allowed"),
        ])
    func `what is wrong is named with its key`(environment: [String: String], start: String) throws {
        let error = try #require(throws: ConfigurationError.self) { try load(environment) }
        #expect(error.description.hasPrefix(start), "\(error)")
    }
}
