import Wire

/// The parameters of a request's target, written as browsers write forms, and read once.
///
/// One that cannot be read is refused only where somebody looks at a parameter: most endpoints take none.
struct Query: Sendable {
    private let parameters: Result<[String: String], PercentCodingError>

    /// - Parameter text: what stands behind the `?`.
    init(_ text: Substring) {
        parameters = Result { () throws(PercentCodingError) in try Self.read(text) }
    }

    private static func read(_ text: Substring) throws(PercentCodingError) -> [String: String] {
        var parameters: [String: String] = [:]
        // By bytes, not by characters: to those an accent behind a `&` belongs.
        for item in text.utf8.split(separator: UInt8(ascii: "&")) {
            let end = item.firstIndex(of: UInt8(ascii: "=")) ?? item.endIndex
            let name = try PercentCoding.decoded(Substring(item[..<end]), as: .form)
            guard parameters[name] == nil else { continue }
            parameters[name] = try PercentCoding.decoded(Substring(item[end...].dropFirst()), as: .form)
        }
        return parameters
    }

    /// The value of a parameter, empty where it has none; nil where there is no such parameter. Of a name that stands twice
    /// the first counts.
    ///
    /// - Throws: ``Refusal`` where anything in the query cannot be read, whatever it is, but for what does not count.
    func value(of name: String) throws(Refusal) -> String? {
        switch parameters {
        case .success(let parameters): return parameters[name]
        case .failure(.digits):
            throw .badRequest("the query has a % that is not followed by two hexadecimal digits")
        case .failure(.notUTF8): throw .badRequest("the query is not valid UTF-8")
        }
    }
}
