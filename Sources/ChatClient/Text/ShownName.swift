/// User names as the screen shows them: invisible characters cannot make one name look like another.
enum ShownName {
    /// The name itself if nothing about it deceives. Otherwise the name without its invisible characters, with a mark
    /// and four digits of its hash.
    static func text(_ name: String) -> String {
        if name.utf8.allSatisfy({ 0x21...0x7E ~= $0 }), !name.isEmpty { return name }
        let safe = SafeText.name(name)
        let isSeen = safe.contains { !$0.isWhitespace && DisplayWidth.of($0) > 0 }
        if isSeen, safe.unicodeScalars.elementsEqual(name.unicodeScalars), !mixesScripts(name) { return name }
        let digits = String(Theme.hash(name) & 0xFFFF, radix: 16)
        let kept = safe.filter { !$0.isWhitespace }
        return kept + "⚠" + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// Whether Latin letters occur together with Greek or Cyrillic ones, which can look the same.
    private static func mixesScripts(_ name: String) -> Bool {
        var hasLatin = false
        var hasLookalike = false
        for scalar in name.unicodeScalars where scalar.properties.isAlphabetic {
            switch scalar.value {
            case 0x41...0x24F: hasLatin = true
            case 0x370...0x52F, 0x1F00...0x1FFF: hasLookalike = true
            default: break
            }
        }
        return hasLatin && hasLookalike
    }
}
