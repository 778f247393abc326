import Testing
import Wire

struct PercentCodingTests {
    private func outcome(_ text: String, _ form: PercentCoding.Form) -> Result<String, PercentCodingError> {
        Result { () throws(PercentCodingError) in try PercentCoding.decoded(text[...], as: form) }
    }

    @Test(
        arguments: [
            ("", "", ""), ("alice", "alice", "alice"), ("日本", "日本", "日本"), ("a+b", "a+b", "a b"),
            ("+%2B+", "+++", " + "), ("%E6%97%A5%e6%9c%ac", "日本", "日本"),
            ("a%2Eb%26%3D%3F%25", "a.b&=?%", "a.b&=?%"), ("%00", "\0", "\0"), ("%EF%BB%BFa", "\u{FEFF}a", "\u{FEFF}a"),
        ])
    func `a plus is a space in a form and a plus in a URL, and the rest is the same`(
        text: String, url: String, form: String
    ) throws {
        #expect(Array(try outcome(text, .url).get().utf8) == Array(url.utf8))
        #expect(Array(try outcome(text, .form).get().utf8) == Array(form.utf8))
    }

    @Test(arguments: ["%", "a%", "%4", "%G1", "%4G", "%+1", "%-1", "% 1", "%%41", "%２０"])
    func `a percent sign stands before two hexadecimal digits`(text: String) {
        #expect(outcome(text, .url) == .failure(.digits))
        #expect(outcome(text, .form) == .failure(.digits))
    }

    @Test(arguments: ["%FF", "%C3", "%C0%AF", "%ED%A0%80", "a%80", "%F4%90%80%80"])
    func `what is no UTF-8 is refused, not repaired`(text: String) {
        #expect(outcome(text, .url) == .failure(.notUTF8))
        #expect(outcome(text, .form) == .failure(.notUTF8))
    }

    @Test func `what is encoded is what the caller says, in capital letters`() {
        #expect(PercentCoding.encoded("a.b/日-~", where: { $0 == UInt8(ascii: ".") }) == "a%2Eb/日-~")
        #expect(PercentCoding.encoded("a.b/é-~", where: { !PercentCoding.isUnreserved($0) }) == "a.b%2F%C3%A9-~")
        #expect(PercentCoding.encoded("a.b~", where: { !PercentCoding.isLetterOrDigit($0) }) == "a%2Eb%7E")
    }

    @Test func `every text comes back, from a URL and from a form`() throws {
        let text = String(String.UnicodeScalarView((0..<0x250).compactMap(Unicode.Scalar.init))) + "日😀\u{10FFFF}"
        let encoded = PercentCoding.encoded(text, where: { !PercentCoding.isUnreserved($0) })
        #expect(encoded.utf8.allSatisfy { PercentCoding.isUnreserved($0) || $0 == UInt8(ascii: "%") })
        for form in [PercentCoding.Form.url, .form] {
            #expect(Array(try outcome(encoded, form).get().utf8) == Array(text.utf8))
        }
    }
}
