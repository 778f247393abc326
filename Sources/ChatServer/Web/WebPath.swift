import Wire

/// The path of a request as one in a directory: names that stand below it, and none that leads out or is hidden. A pure
/// value.
struct WebPath: Equatable {
    /// At least one.
    let names: [String]

    /// - Parameter path: of the request, percent-encoded. One that ends with a slash means the folder's `index.html`.
    /// - Returns: nil for a path that no file can have.
    init?(_ path: String) {
        guard path.utf8.first == UInt8(ascii: "/") else { return nil }
        let parts = path.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var names: [String] = []
        for (index, part) in parts.enumerated() {
            if part.isEmpty, index == parts.count - 1 {
                names.append("index.html")
                continue
            }
            guard let name = try? PercentCoding.decoded(Substring(part), as: .url), Self.isVisible(name) else {
                return nil
            }
            names.append(name)
        }
        guard !names.isEmpty else { return nil }
        self.names = names
    }

    /// Whether a file of that name is served: one that is hidden is not, nor `.` and `..`.
    static func isVisible(_ name: some StringProtocol) -> Bool {
        guard let first = name.utf8.first, first != UInt8(ascii: ".") else { return false }
        return name.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\") }
    }

    var text: String { names.joined(separator: "/") }
}
