/// One value for each kind of topic.
public struct PerKind<Value> {
    private var rooms: Value
    private var inboxes: Value

    /// - Throws: what `make` throws.
    public init<Failure: Error>(_ make: (Topic.Kind) throws(Failure) -> Value) throws(Failure) {
        rooms = try make(.rooms)
        inboxes = try make(.inboxes)
    }

    /// The same value for all kinds.
    public static func both(_ value: Value) -> PerKind { PerKind { _ in value } }

    public subscript(kind: Topic.Kind) -> Value {
        get {
            switch kind {
            case .rooms: rooms
            case .inboxes: inboxes
            }
        }
        set {
            switch kind {
            case .rooms: rooms = newValue
            case .inboxes: inboxes = newValue
            }
        }
    }
}

extension PerKind: Sendable where Value: Sendable {}
extension PerKind: Equatable where Value: Equatable {}
extension PerKind: Codable where Value: Codable {}
