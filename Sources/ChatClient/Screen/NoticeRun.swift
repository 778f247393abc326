/// Consecutive joins and leaves, shown in one line.
struct NoticeRun: Equatable, Sendable {
    private static let mostNamed = 5

    private(set) var came: [String] = []
    private(set) var went: [String] = []
    private var cameBesides = 0
    private var wentBesides = 0

    /// A user who joins and leaves in one run, or leaves and comes back, is not shown.
    mutating func come(_ name: String) {
        if let index = went.firstIndex(of: name) {
            went.remove(at: index)
        } else if came.count < Self.mostNamed {
            came.append(name)
        } else {
            cameBesides += 1
        }
    }

    mutating func go(_ name: String) {
        if let index = came.firstIndex(of: name) {
            came.remove(at: index)
        } else if went.count < Self.mostNamed {
            went.append(name)
        } else {
            wentBesides += 1
        }
    }

    /// `→ alice, bob  ← carol`; “nobody stayed” if everything cancelled out.
    var text: String {
        var parts: [String] = []
        if let names = Self.list(came, cameBesides) { parts.append("→ \(names) joined") }
        if let names = Self.list(went, wentBesides) { parts.append("← \(names) left") }
        return parts.isEmpty ? "→← somebody was here or away for a moment" : parts.joined(separator: "  ")
    }

    private static func list(_ names: [String], _ besides: Int) -> String? {
        if names.isEmpty, besides == 0 { return nil }
        let shown = names.map(ShownName.text).joined(separator: ", ")
        if besides == 0 { return shown }
        return names.isEmpty ? "\(besides)" : "\(shown) and \(besides) more"
    }
}
