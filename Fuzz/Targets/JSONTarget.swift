import Foundation

@testable import Wire

extension FuzzTarget {
    /// The one reader of JSON, against Foundation's: where both must agree they do.
    static let json = FuzzTarget("json", maximumBytes: 4096) { input in
        let kept = Result { () throws(JSONSyntaxError) in try JSONObject(input, keepingNested: true) }
        let checked = Result { () throws(JSONSyntaxError) in try JSONObject(input) }
        try requireSame(kept.error, checked.error, "what is kept decides whether it is JSON")
        try JSONComparison.compare(kept, with: input)
        guard case .success(let object) = kept else { return }
        for case (_, .number(let number)) in object.fields { try checkNumber(number) }
        try checkTexts(of: object)
    }

    /// A type that is larger, or that rounds, finds the same value.
    private static func checkNumber(_ number: JSONNumber) throws {
        let whole = number.whole(as: Int64.self)
        if let small = number.whole(as: Int16.self) { try requireSame(Int64(small), whole, number.description) }
        if let whole, whole >= 0 { try requireSame(UInt64(whole), number.whole(), number.description) }
        guard let double = Double(number.description), double.magnitude < 0x1p53 else { return }
        if let whole { try requireSame(Double(whole), double, number.description) }
    }

    /// What the writer writes the reader reads.
    private static func checkTexts(of object: JSONObject) throws {
        var texts: [(String, String)] = []
        for case (let key, .text(let text)) in object.fields { texts.append((key, text)) }
        var writer = JSONObjectWriter()
        for (key, text) in texts { writer.add(dynamicKey: key, text) }
        let again = try JSONObject(writer.finish())
        try requireSame(again.fields.count, texts.count, "fields that were written and read")
        for (field, (key, text)) in zip(again.fields, texts) {
            guard case .text(let read) = field.value else { throw Finding("a text came back as something else") }
            try require(field.key.hasSameBytes(as: key) && read.hasSameBytes(as: text), "\(text) came back as \(read)")
        }
    }
}

/// Where our reader and Foundation's may differ, and where not.
private enum JSONComparison {
    static func compare(_ ours: Result<JSONObject, JSONSyntaxError>, with input: [UInt8]) throws {
        // Foundation takes a byte order mark, and guesses at UTF-16 and UTF-32 where it finds a zero.
        guard !input.contains(0), !input.starts(with: [0xEF, 0xBB, 0xBF]), !input.starts(with: [0xFE, 0xFF]),
            !input.starts(with: [0xFF, 0xFE])
        else { return }
        let theirs = try? JSONSerialization.jsonObject(with: Data(input)) as? [String: Any]
        switch (ours, theirs) {
        case (.success(let object), let theirs?): try compare(object, theirs)
        case (.success(let object), nil):
            // Foundation has no number beyond the range of its types.
            try require(hasHugeNumber(.object(object)), "Foundation refuses what we take")
        case (.failure(let error), .some):
            switch error.reason {
            // It takes a comma before a closing brace.
            case .tooDeep, .halfSurrogatePair, .trailingComma: break
            default: throw Finding("Foundation takes what we refuse: \(error)")
            }
        case (.failure, nil): break
        }
    }

    /// Foundation keeps one value of keys that Unicode calls equivalent.
    private static func compare(_ ours: JSONObject, _ theirs: [String: Any]) throws {
        guard Set(ours.fields.map(\.key)).count == ours.fields.count else { return }
        try requireSame(ours.fields.count, theirs.count, "fields")
        for (key, value) in ours.fields { try compare(value, theirs[key], key) }
    }

    private static func compare(_ ours: JSONObject.Value, _ theirs: Any?, _ key: String) throws {
        switch (ours, theirs) {
        case (.text(let text), let other as String):
            // It drops a byte order mark at the beginning of a text.
            let bare = text.unicodeScalars.filter { $0 != "\u{FEFF}" }
            try require(
                bare.elementsEqual(other.unicodeScalars.filter { $0 != "\u{FEFF}" }), "\(key): \(text) is not \(other)")
        case (.object(let object), let other as [String: Any]): try compare(object, other)
        case (.array(let values), let others as [Any]):
            try requireSame(values.count, others.count, "\(key) as a list")
            for (value, other) in zip(values, others) { try compare(value, other, key) }
        case (.null, is NSNull): break
        case (.flag(let flag), let other as Bool): try requireSame(flag, other, key)
        case (.number(let number), let other as NSNumber):
            guard let whole = number.whole(as: Int64.self), whole.magnitude < 1 << 53 else { return }
            try requireSame(whole, other.int64Value, key)
        default: throw Finding("\(key): \(ours) is not \(String(describing: theirs))")
        }
    }

    private static func hasHugeNumber(_ value: JSONObject.Value) -> Bool {
        switch value {
        case .number(let number): !(Double(number.description)?.isFinite ?? false) || number.description.utf8.count > 17
        case .array(let values): values.contains(where: hasHugeNumber)
        case .object(let object): object.fields.map(\.value).contains(where: hasHugeNumber)
        default: false
        }
    }
}

extension Result {
    fileprivate var error: Failure? { if case .failure(let error) = self { error } else { nil } }
}
