import Wire

/// Writes one event of the server as one line of NDJSON.
///
/// The JSON stays as it was sent, with these exceptions. In strings, control characters, invisible characters and those
/// that some programs treat as line ends are written as `\uXXXX`, which means the same and cannot harm a terminal. Line
/// breaks between the parts are left out, so that one event is always one line. And the session's secret is left empty,
/// because such output is kept in files.
enum EventLine {
    /// - Returns: the line without its line break; `nil` if the bytes are not a JSON object.
    static func make(_ json: some Collection<UInt8>) -> String? {
        guard (try? JSONObject(json)) != nil else { return nil }
        var writer = Writer()
        for scalar in String(decoding: json, as: UTF8.self).unicodeScalars { writer.take(scalar) }
        return String(writer.line)
    }

    /// Copies valid JSON, tracking only whether it is inside a string.
    private struct Writer {
        private(set) var line = String.UnicodeScalarView()
        private var depth = 0
        private var isInString = false
        private var isEscaped = false
        /// Whether, at the top level, a name comes next and not a value.
        private var expectsName = false
        private var name = String.UnicodeScalarView()
        private var isHiding = false

        mutating func take(_ scalar: Unicode.Scalar) {
            if isInString { return takeInString(scalar) }
            switch scalar {
            case "\"":
                isInString = true
                isHiding = depth == 1 && !expectsName && name.elementsEqual("session".unicodeScalars)
                if depth == 1, expectsName { name.removeAll(keepingCapacity: true) }
                if isHiding { return line.append(contentsOf: "\"\"".unicodeScalars) }
            case "{", "[":
                depth += 1
                expectsName = depth == 1
            case "}", "]": depth -= 1
            case ":" where depth == 1: expectsName = false
            case "," where depth == 1: expectsName = true
            case "\n", "\r": return
            default: break
            }
            line.append(scalar)
        }

        private mutating func takeInString(_ scalar: Unicode.Scalar) {
            if isEscaped {
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else if scalar == "\"" {
                isInString = false
            }
            if depth == 1, expectsName, isInString { name.append(scalar) }
            if isHiding { return }
            if Self.isHarmless(scalar) { return line.append(scalar) }
            for unit in String(scalar).utf16 {
                let digits = String(unit, radix: 16)
                line.append(contentsOf: "\\u\(String(repeating: "0", count: 4 - digits.count))\(digits)".unicodeScalars)
            }
        }

        private static func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
            if scalar.isASCII { return scalar.value >= 0x20 && scalar.value != 0x7F }
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: return false
            default: return true
            }
        }
    }
}
