import Foundation
import Testing

@testable import InfrastructureConfiguration

struct WebConfigurationTests {
    private func load(_ json: String, environment: [String: String] = [:]) throws -> ChatConfiguration {
        let url = FileManager.default.temporaryDirectory.appending(path: "web-\(UUID().uuidString).json")
        try Data(json.utf8).write(to: url)
        defer { try? FileManager.default.removeItem(at: url) }
        return try ChatConfiguration.load(path: url.path, environment: environment)
    }

    @Test(arguments: [
        (#"[]"#, []), (#""""#, []), (#"["https://a.example"]"#, ["https://a.example"]),
        (#"["https://a.example","http://localhost:3000"]"#, ["https://a.example", "http://localhost:3000"]),
        (#""https://a.example, http://[::1]:8080""#, ["https://a.example", "http://[::1]:8080"]),
    ])
    func `origins stand in a list, or in a text with commas`(value: String, origins: [String]) throws {
        #expect(try load(#"{"frame_ancestors": \#(value)}"#).frameAncestors == origins)
    }

    @Test func `the environment has commas`() throws {
        let environment = ["FRAME_ANCESTORS": "https://a.example,https://b.example"]
        #expect(try load("{}", environment: environment).frameAncestors == ["https://a.example", "https://b.example"])
    }

    @Test(arguments: [
        "1", "true", "null", "{}", "[1]", #"[["https://a.example"]]"#, #"["https://a.example",""]"#, #"["a.example"]"#,
        #"["https://a.example/"]"#, #"["https://"]"#, #"["https://a.example:0"]"#, #"["https://a.example:65536"]"#,
        #"["https://a.example:x"]"#, #"["https://*.example"]"#, #"["*"]"#, #"["https://a b"]"#, #"["'self'"]"#,
        #"["https://a.example; script-src *"]"#, #"["https://u@a.example"]"#, #"["ftp://a.example"]"#,
        #"["https://[::1"]"#, #"["https://[::1]x"]"#, #"["https://a.example:"]"#, #"["https://a.example:+1"]"#,
    ])
    func `anything else is refused, and the key is named`(value: String) {
        let error = #expect(throws: ConfigurationError.self) { try load(#"{"frame_ancestors": \#(value)}"#) }
        #expect(error?.description.hasPrefix("frame_ancestors: ") == true)
    }

    @Test func `a directory is a path, and texts are shown only where somebody says so`() throws {
        let configuration = try load(#"{"web_directory": "/srv/web", "monitor_texts": true}"#)
        #expect(configuration.webDirectory == "/srv/web" && configuration.monitorTexts)
        #expect(try load("{}").webDirectory.isEmpty && !(try load("{}").monitorTexts))
        #expect(throws: ConfigurationError.self) { try load(#"{"monitor_texts": "yes"}"#) }
        #expect(throws: ConfigurationError.self) { try load(#"{"web_directory": "a\u0000b"}"#) }
    }
}
