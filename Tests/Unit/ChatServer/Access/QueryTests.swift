import HTTPTypes
import Testing

@testable import ChatServer

struct QueryTests {
    private func value(of name: String, in text: String) -> String {
        do throws(Refusal) {
            return try Query(text[...]).value(of: name) ?? "none"
        } catch {
            #expect(error.status == .badRequest)
            return error.text
        }
    }

    @Test(
        arguments: [
            ("", "none"), ("a=1", "1"), ("a=1&b=2", "1"), ("b=2&a=1", "1"), ("a", ""), ("a=", ""), ("A=1", "none"),
            ("&a=1&&b=2&", "1"), ("a=1&a=2", "1"), ("a=1&a=%zz", "1"), ("a=b=c", "b=c"), ("%61=1", "1"), ("=1", "none"),
            ("a=+%2B", " +"),
            ("a=b?c", "b?c"), ("a=日", "日"),
            // Signs are signs, whatever would combine with them into one character.
            ("\u{301}&a=1&\u{301}&b=2", "1"), ("b\u{301}=2&a=1", "1"),
        ])
    func `a parameter is found, the first of its name`(text: String, value: String) {
        #expect(self.value(of: "a", in: text) == value)
    }

    @Test(arguments: ["a=1&b=%", "%4=1&a=1", "a=%zz", "b=%+1"])
    func `a percent sign without digits is told whatever one looks for`(text: String) {
        #expect(
            value(of: "a", in: text) == "the query has a % that is not followed by two hexadecimal digits")
    }

    @Test(arguments: ["a=1&b=%FF", "%C3=1&a=1"])
    func `so is what is no UTF-8`(text: String) {
        #expect(value(of: "a", in: text) == "the query is not valid UTF-8")
    }
}
