import Domain
import Foundation
import Testing

struct TimestampTests {
    @Test(
        arguments: [
            (0, "1970-01-01 00:00:00", "1970-01-01T00:00:00.000Z"),
            (1, "1970-01-01 00:00:00", "1970-01-01T00:00:00.001Z"),
            (999, "1970-01-01 00:00:00", "1970-01-01T00:00:00.999Z"),
            (1000, "1970-01-01 00:00:01", "1970-01-01T00:00:01.000Z"),
            (-1, "1969-12-31 23:59:59", "1969-12-31T23:59:59.999Z"),
            (-1000, "1969-12-31 23:59:59", "1969-12-31T23:59:59.000Z"),
            (-1001, "1969-12-31 23:59:58", "1969-12-31T23:59:58.999Z"),
            (951_782_399_500, "2000-02-28 23:59:59", "2000-02-28T23:59:59.500Z"),
            (951_782_400_000, "2000-02-29 00:00:00", "2000-02-29T00:00:00.000Z"),
            (1_767_323_045_678, "2026-01-02 03:04:05", "2026-01-02T03:04:05.678Z"),
            (253_402_300_799_999, "9999-12-31 23:59:59", "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String, String)])
    func `a moment has its classic and its RFC 3339 text`(milliseconds: Int64, classic: String, rfc3339: String) {
        let time = Timestamp(millisecondsSince1970: milliseconds)
        #expect(time.classicText == classic)
        #expect(time.rfc3339Text == rfc3339)
    }

    @Test(
        arguments: [0, -62_135_596_800_000, -1000, 951_782_399_000, 1_767_323_045_000, 253_402_300_799_000] as [Int64])
    func `every millisecond of a second comes back from its text`(second: Int64) {
        let wrong = (second..<second + 1000).filter {
            Timestamp(rfc3339Text: Timestamp(millisecondsSince1970: $0).rfc3339Text)?.millisecondsSince1970 != $0
        }
        #expect(wrong == [])
    }

    @Test func `the classic text comes back as the whole second`() {
        for milliseconds in [-1001, -1000, -999, -1, 0, 1, 999, 1000, 1_767_323_045_678] as [Int64] {
            let time = Timestamp(millisecondsSince1970: milliseconds)
            let second = Timestamp(classicText: time.classicText)
            #expect(second.map { time.millisecondsSince1970 - $0.millisecondsSince1970 }.map { 0..<1000 ~= $0 } == true)
            #expect(second?.classicText == time.classicText)
        }
    }

    @Test(
        arguments: [
            "", "now", "2026-01-02", "03:04:05", "2026-01-02T03:04:05.678Z", "2026-13-02 03:04:05", "1767323045",
        ])
    func `what is no classic text is no time`(text: String) {
        #expect(Timestamp(classicText: text) == nil)
    }

    @Test(arguments: ["", "now", "2026-01-02", "2026-01-02 03:04:05", "2026-13-02T03:04:05.678Z", "1767323045"])
    func `what is no RFC 3339 text is no time`(text: String) {
        #expect(Timestamp(rfc3339Text: text) == nil)
    }

    @Test(
        arguments: [
            (.min, -62_135_596_800_000), (.min + 1, -62_135_596_800_000), (-62_135_596_800_001, -62_135_596_800_000),
            (253_402_300_800_000, 253_402_300_799_999), (.max - 1, 253_402_300_799_999), (.max, 253_402_300_799_999),
        ] as [(Int64, Int64)])
    func `a moment that no text can say becomes the nearest one that can`(milliseconds: Int64, nearest: Int64) {
        let time = Timestamp(millisecondsSince1970: milliseconds)
        #expect(time.millisecondsSince1970 == nearest)
        #expect(time.classicText.count == 19)
        #expect(time.rfc3339Text.count == 24)
        #expect(Timestamp(rfc3339Text: time.rfc3339Text) == time)
    }

    @Test func `earlier moments come first`() {
        #expect(Timestamp(millisecondsSince1970: -1) < Timestamp(millisecondsSince1970: 0))
        #expect(Timestamp(millisecondsSince1970: 0) < Timestamp(millisecondsSince1970: 1))
    }

    @Test func `the calendar is Foundation's, from where that is the Gregorian one`() {
        var random = SystemRandomNumberGenerator()
        let style = Date.ISO8601FormatStyle(timeZone: .gmt)
        for _ in 0..<5000 {
            let second = Int64.random(in: -12_219_292_800...253_402_300_799, using: &random)  // 1582-10-15
            let text = Date(timeIntervalSince1970: Double(second)).formatted(style).dropLast()
            let time = Timestamp(millisecondsSince1970: second * 1000 + 7)
            #expect(time.rfc3339Text == "\(text).007Z")
            #expect(time.classicText == text.split(separator: "T").joined(separator: " "))
            #expect(Timestamp(rfc3339Text: time.rfc3339Text) == time)
        }
    }
}
