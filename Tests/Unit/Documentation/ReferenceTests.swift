import Foundation
import Testing

@testable import TestSupport

/// What the pages point to is there.
struct ReferenceTests {
    /// As GitHub makes them: lower case, no punctuation, a hyphen for a space.
    private func anchors(of page: String) throws -> Set<String> {
        let headings = try Checkout.text(page).split(separator: "\n").filter { $0.hasPrefix("#") }
        return Set(
            headings.map { heading in
                heading.drop { $0 == "#" }.trimmingCharacters(in: .whitespaces).lowercased().replacing(" ", with: "-")
                    .filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" }
            })
    }

    @Test(arguments: Checkout.pages + ["CHANGELOG.md"])
    func `each link leads to a page, and to a heading in it`(page: String) throws {
        let folder = page.contains("/") ? page.split(separator: "/").dropLast().joined(separator: "/") + "/" : ""
        for match in try Checkout.text(page).matches(of: /\]\(([^)\s]+)\)/) {
            let link = String(match.1)
            if link.contains("://") { continue }
            let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            let target =
                parts[0].isEmpty ? page : URL(fileURLWithPath: "/" + folder + parts[0]).standardizedFileURL.path
            let path = target.hasPrefix("/") ? String(target.dropFirst()) : target
            #expect(Checkout.has(path), "\(page): \(link)")
            if parts.count == 2, path.hasSuffix(".md"), Checkout.has(path) {
                #expect(try anchors(of: path).contains(parts[1]), "\(page): \(link)")
            }
        }
    }

    @Test(arguments: Checkout.pages)
    func `each file of the checkout that is named is there`(page: String) throws {
        let roots = ["Sources/", "Tests/", "docs/", "scripts/", "deploy/", ".ci/"]
        for code in try Checkout.text(page).codes {
            for word in code.split(separator: " ") where roots.contains(where: { word.hasPrefix($0) }) {
                #expect(Checkout.has(String(word)), "\(page): \(word)")
            }
        }
    }

    @Test func `each type and target that the architecture names is there`() throws {
        let sources = try Checkout.sources()
        let declared = Set(
            sources.matches(of: /\b(?:class|struct|enum|protocol|actor|typealias|import) ([A-Z]\w+)/).map {
                String($0.1)
            })
        let folders = Set(
            Checkout.files(under: "Sources", ending: "").flatMap { $0.split(separator: "/").map(String.init) })
        for code in try Checkout.text("docs/architecture.md").codes {
            guard let match = code.wholeMatch(of: /([A-Z][a-z]+[A-Z]\w+)(?:\.\w+)?(?:\+\w+\.swift)?/) else { continue }
            let name = String(match.1)
            #expect(declared.contains(name) || folders.contains(name), "\(name)")
        }
    }

    @Test func `each variable that is named is read somewhere`() throws {
        let places =
            Checkout.files(under: "scripts", ending: "") + Checkout.files(under: "Tests", ending: ".swift")
            + ["docker-compose.yml", "docker-compose-dev.yml", "Package.swift"]
        let programs = try Checkout.sources() + places.compactMap { try? Checkout.text($0) }.joined()
        for page in Checkout.pages {
            for match in try Checkout.text(page).matches(of: /\bCHAT_[A-Z_]+/) {
                #expect(programs.contains(match.0), "\(page): \(match.0)")
            }
        }
    }
}
