import Foundation
import Testing

@testable import InfrastructureConfiguration
@testable import InfrastructureNATS
@testable import TestSupport

/// docs/configuration.md lists the keys that the server reads.
struct ConfigurationTableTests {
    private struct Row {
        let key: String
        let variable: String
        let preset: String
        let allowed: String
    }

    private let rows: [Row]

    init() throws {
        rows = try Section("## Settings", of: "docs/configuration.md").rows.map { cells in
            Row(key: cells[0].codes[0], variable: cells[1].codes[0], preset: cells[2], allowed: cells[3])
        }
    }

    private func key(_ row: Row) throws -> ConfigurationKey {
        try #require(ConfigurationKey.all.first { $0.name == row.key })
    }

    private func accepts(_ row: Row, _ text: String) throws -> Bool {
        var configuration = ChatConfiguration()
        let key = try key(row)
        do {
            try key.apply(&configuration, .environment(text))
            return true
        } catch {
            return false
        }
    }

    @Test func `it has each key once, and no other`() {
        #expect(rows.map(\.key).sorted() == ConfigurationKey.all.map(\.name).sorted())
    }

    @Test func `it has the variables that override them`() throws {
        for row in rows { #expect(try key(row).environmentVariable == row.variable) }
    }

    @Test func `a default that is written there changes nothing`() throws {
        for row in rows where !row.preset.hasPrefix("the ") {
            var configuration = ChatConfiguration()
            let text = row.preset == "empty" ? "" : row.preset.codes.first ?? row.preset
            try key(row).apply(&configuration, .environment(text))
            #expect(configuration == ChatConfiguration(), "\(row.key)")
        }
    }

    @Test func `the ends of each range are allowed, and nothing beyond`() throws {
        var ranges = 0
        for row in rows {
            guard let match = row.allowed.wholeMatch(of: /(\d+)–(\d+)/), let first = Int(match.1),
                let last = Int(match.2)
            else { continue }
            ranges += 1
            #expect(try accepts(row, "\(first)") && accepts(row, "\(last)"), "\(row.key)")
            #expect(try !accepts(row, "\(first - 1)") && !accepts(row, "\(last + 1)"), "\(row.key)")
        }
        #expect(ranges > 15)
    }

    @Test func `each choice is one`() throws {
        for row in rows where ["log_sync", "log_level", "log_format"].contains(row.key) {
            #expect(row.allowed.codes.count > 1)
            for choice in row.allowed.codes { #expect(try accepts(row, choice), "\(row.key) \(choice)") }
        }
    }

    @Test func `the example has every key but the name, with the addresses of the containers`() throws {
        let path = Checkout.root.appendingPathComponent("config.json.example")
        let object = try JSONSerialization.jsonObject(with: try Data(contentsOf: path)) as? [String: Any]
        let keys = Set(try #require(object).keys)
        #expect(keys == Set(ConfigurationKey.all.map(\.name)).subtracting(["instance_name"]))
        #expect(
            try ChatConfiguration.load(path: path.path, environment: [:]).natsServers.map(\.address) == ["nats:4222"])
    }
}
