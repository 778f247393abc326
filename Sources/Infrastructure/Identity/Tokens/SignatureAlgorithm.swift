/// The algorithms of RFC 7518 and RFC 8037 that a token may be signed with. All others are refused, `none` among them.
enum SignatureAlgorithm: String, CaseIterable, Sendable {
    case hs256 = "HS256"
    case rs256 = "RS256"
    case ps256 = "PS256"
    case es256 = "ES256"
    case eddsa = "EdDSA"

    /// - Parameter name: as a header has it, compared byte by byte.
    init?(named name: String) {
        guard let algorithm = Self.allCases.first(where: { $0.rawValue.utf8.elementsEqual(name.utf8) }) else {
            return nil
        }
        self = algorithm
    }
}
