import Domain

extension PerKind {
    static func both(_ value: Value) -> PerKind { PerKind { _ in value } }
}

extension PerKind: Equatable where Value: Equatable {
    static func == (left: PerKind, right: PerKind) -> Bool {
        Topic.Kind.allCases.allSatisfy { left[$0] == right[$0] }
    }
}

extension PerKind: Codable where Value: Codable {
    private enum CodingKeys: String, CodingKey {
        case rooms, inboxes

        init(_ kind: Topic.Kind) {
            switch kind {
            case .rooms: self = .rooms
            case .inboxes: self = .inboxes
            }
        }
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        try self.init { kind in try container.decode(Value.self, forKey: CodingKeys(kind)) }
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        for kind in Topic.Kind.allCases { try container.encode(self[kind], forKey: CodingKeys(kind)) }
    }
}
