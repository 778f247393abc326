import Testing

@testable import InfrastructureObservability
@testable import TestSupport

/// docs/operations.md lists the metrics that there are, in the words that a scraper is shown.
struct MetricTableTests {
    @Test func `the table and the help agree`() throws {
        let rows = try Section("## Watching", of: "docs/operations.md").rows
            .filter { $0[0].wholeMatch(of: /`[a-z_]+`/) != nil && !$0[0].hasPrefix("`chat_") }
        let table = Dictionary(rows.map { ("chat_" + $0[0].codes[0], $0[1] + ".") }) { first, _ in first }
        #expect(table.count == rows.count)
        #expect(table == MetricHelp.texts)
    }

    @Test func `each metric that is made has its help, and each help its metric`() throws {
        let sources = try Checkout.files(under: "Sources", ending: ".swift")
            .filter { !$0.hasSuffix("MetricHelp.swift") }.map(Checkout.text).joined(separator: "\n")
        let made = Set(
            sources.matches(of: /(?:counter|gauge|Timer|Counter|Gauge|Meter)\(\s*(?:label: )?"(chat_[a-z_]+)"/)
                .map { String($0.1) })
        #expect(made == Set(MetricHelp.texts.keys))
    }

    @Test func `no page names a metric that there is not`() throws {
        for page in Checkout.pages {
            for match in try Checkout.text(page).matches(of: /\bchat_[a-z_]+/) {
                let name = String(match.0)
                let family = ["_bucket", "_sum", "_count"].first(where: name.hasSuffix).map {
                    String(name.dropLast($0.count))
                }
                let isKnown = MetricHelp.texts[name] != nil || family.flatMap { MetricHelp.texts[$0] } != nil
                // A type of frames, and the beginning of all names.
                #expect(isKnown || ["chat_message", "chat_messages", "chat_"].contains(name), "\(page): \(name)")
            }
        }
    }
}
