import Testing

@testable import TestSupport

/// docs/architecture.md says who imports whom, and which threads there are.
struct ArchitectureTests {
    /// The targets of the folders in Sources/Infrastructure.
    private static let adapters = Set(
        Checkout.files(under: "Sources/Infrastructure", ending: ".swift").map {
            "Infrastructure" + $0.split(separator: "/")[2]
        })
    private static let modules = adapters.union([
        "Domain", "Service", "Search", "Wire", "WebSocketRules", "Transport", "CNATS", "CHiredis", "CLinux", "CZlib",
    ])

    private func folder(of target: String) -> String {
        "Sources/" + (Self.adapters.contains(target) ? "Infrastructure/" + target.dropFirst(14) : target)
    }

    private func imports(of target: String) throws -> Set<String> {
        let files = Checkout.files(under: folder(of: target), ending: ".swift")
        try #require(!files.isEmpty, "\(target)")
        let names = try files.flatMap { path in
            try Checkout.text(path).matches(
                of: /^ *(?:public |package |internal |@\w+ )*import (\w+)/.anchorsMatchLineEndings()
            )
            .map { String($0.1) }
        }
        return Set(names).intersection(Self.modules)
    }

    @Test func `each target imports what the table says`() throws {
        let rows = try Section("## Targets, and who imports whom", of: "docs/architecture.md").rows
        for row in rows {
            let target = try #require(row[0].codes.first)
            let named = row[2].codes.flatMap { $0 == "Infrastructure" ? Array(Self.adapters) : [$0] }
            #expect(try imports(of: target) == Set(named), "\(target)")
        }
        #expect(Self.adapters.isSubset(of: rows.compactMap { $0[0].codes.first }))
    }

    @Test func `where the table names folders of a target, it names all`() throws {
        for row in try Section("## Targets, and who imports whom", of: "docs/architecture.md").rows {
            let target = try #require(row[0].codes.first)
            let named = Set(row[1].codes.filter { $0.hasSuffix("/") }.map { String($0.dropLast()) })
            let paths = Checkout.files(under: "Sources/\(target)", ending: ".swift").map { $0.split(separator: "/") }
            let folders = Set(paths.filter { $0.count > 3 }.map { String($0[2]) })
            #expect(named.isEmpty || named == folders, "\(target)")
        }
    }

    @Test func `the C libraries stay in their rooms`() throws {
        for path in Checkout.files(under: "Sources", ending: ".swift") {
            let text = try Checkout.text(path)
            #expect(!text.contains("import CNATS\n") || path.hasPrefix("Sources/Infrastructure/NATS/"), "\(path)")
            #expect(!text.contains("import CHiredis\n") || path.hasPrefix("Sources/Infrastructure/Redis/"), "\(path)")
        }
    }

    /// The folders of the unit tests that Package.swift declares.
    private static func foldersOfUnitTests() throws -> Set<String> {
        let package = try Checkout.text("Package.swift")
        let targets = package.matches(of: /\.unitTests\(\s*of: "(\w+)"/).map { String($0.1) }
        let adapters = package.matches(of: /\.unitTests\(\s*ofAdapter: "(\w+)"/).map { "Infrastructure/\($0.1)" }
        return Set(targets + adapters)
    }

    @Test func `each target of the sources has a target of unit tests that mirrors it`() throws {
        let folders = Checkout.files(under: "Sources", ending: ".swift").map { path in
            let parts = path.split(separator: "/").dropFirst()
            return parts.prefix(parts.first == "Infrastructure" ? 2 : 1).joined(separator: "/")
        }
        #expect(try Self.foldersOfUnitTests() == Set(folders))
    }

    @Test func `the image's build has the folder of each target of tests`() throws {
        let image = try Checkout.text("Dockerfile")
        let others = try Checkout.text("Package.swift").matches(of: /path: "((?:Tests\/Unit|Fuzz)\/\w+)"/).map {
            String($0.1)
        }
        .filter { !["Fuzz/CFuzzer", "Fuzz/Driver"].contains($0) }  // declared where the fuzzer is built
        #expect(Set(others).count == 5)
        for folder in try Self.foldersOfUnitTests().map({ "Tests/Unit/" + $0 }) + others {
            #expect(image.contains(" \(folder) "), "\(folder)")
        }
    }

    @Test func `each thread with a name is in the table`() throws {
        let named = try Checkout.sources().matches(of: /\bthread\.name = "([^"]+)"/).map { String($0.1) }
        let listed = try Section("## Threads", of: "docs/architecture.md").rows.flatMap { $0[0].codes }
        #expect(!named.isEmpty)
        for name in named { #expect(listed.contains(name), "\(name)") }
    }
}
