import Foundation

/// A moment in UTC, with the precision of a millisecond, in the years 1 to 9999, which is what its texts can say.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// 0001-01-01T00:00:00.000Z and 9999-12-31T23:59:59.999Z.
    private static let range: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    public let millisecondsSince1970: Int64

    /// A moment outside the years 1 to 9999 becomes the nearest one within.
    public init(millisecondsSince1970: Int64) {
        self.millisecondsSince1970 = min(max(millisecondsSince1970, Self.range.lowerBound), Self.range.upperBound)
    }

    /// The system's clock, rounded down to the millisecond: a moment that is not over yet is never in the future.
    public static var now: Timestamp {
        Timestamp(millisecondsSince1970: Int64((Date().timeIntervalSince1970 * 1000).rounded(.down)))
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.millisecondsSince1970 < right.millisecondsSince1970
    }
}

extension Timestamp {
    private static let classicStyle = Date.ISO8601FormatStyle(
        dateTimeSeparator: .space, includingFractionalSeconds: false, timeZone: .gmt
    ).year().month().day().time(includingFractionalSeconds: false)

    private static let rfc3339Style = Date.ISO8601FormatStyle(includingFractionalSeconds: true, timeZone: .gmt)

    private init(_ date: Date) {
        self.init(millisecondsSince1970: Int64((date.timeIntervalSince1970 * 1000).rounded()))
    }

    /// `yyyy-MM-dd HH:mm:ss`, the classic dialect's form: the seconds only.
    public var classicText: String { text("0000-00-00 00:00:00") }

    /// RFC 3339 with milliseconds, as `2026-01-02T03:04:05.678Z`.
    public var rfc3339Text: String { text("0000-00-00T00:00:00.000Z") }

    /// Reads what ``classicText`` writes; nil for anything else.
    public init?(classicText text: String) {
        guard let date = try? Date(text, strategy: Self.classicStyle) else { return nil }
        self.init(date)
    }

    /// Reads what ``rfc3339Text`` writes; nil for anything else.
    public init?(rfc3339Text text: String) {
        if let plain = Self(plain: text.utf8) {
            self = plain
        } else {
            guard let date = try? Date(text, strategy: Self.rfc3339Style) else { return nil }
            self.init(date)
        }
    }
}

// Each message has a time to write for its log and for its readers, and to read back: with Foundation's calendar that took
// as long as all else that is done with its text. So the calendar is computed here, by the days from March to March of
// Howard Hinnant's "chrono-Compatible Low-Level Date Algorithms" (howardhinnant.github.io/date_algorithms.html). What is
// not in the form that we write is left to Foundation.
extension Timestamp {
    private static let millisecondsPerDay: Int64 = 86_400_000
    /// From 0000-03-01 to 1970-01-01.
    private static let daysBefore1970: Int64 = 719_468
    private static let daysPerEra: Int64 = 146_097  // of 400 years

    /// Year, month, day, hour, minute, second, millisecond; in a vector, since an array would be allocated for each text.
    private typealias Parts = SIMD8<Int64>
    private static let partCount = 7

    private var parts: Parts {
        let time = millisecondsSince1970.modulo(Self.millisecondsPerDay)
        let days = (millisecondsSince1970 - time) / Self.millisecondsPerDay + Self.daysBefore1970
        let (era, day) = (days / Self.daysPerEra, days % Self.daysPerEra)
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)  // from the first of March
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return Parts(
            era * 400 + year + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * marchMonth + 2) / 5 + 1,
            time / 3_600_000, time / 60_000 % 60, time / 1000 % 60, time % 1000, 0)
    }

    /// - Parameter pattern: zeros where digits go.
    private func text(_ pattern: StaticString) -> String {
        String(unsafeUninitializedCapacity: pattern.utf8CodeUnitCount) { text in
            pattern.withUTF8Buffer { _ = text.initialize(from: $0) }
            let parts = parts
            var position = 0
            for part in 0..<Self.partCount {
                let digits = part == 0 ? 4 : part == 6 ? 3 : 2
                var rest = parts[part]
                for place in (position..<position + digits).reversed() where place < text.count {
                    text[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                    rest /= 10
                }
                position += digits + 1
            }
            return pattern.utf8CodeUnitCount
        }
    }

    /// - Returns: nil for anything but `yyyy-MM-ddTHH:mm:ss.SSSZ`.
    private init?(plain text: String.UTF8View) {
        let pattern = "0000-00-00T00:00:00.000Z".utf8
        guard text.count == pattern.count else { return nil }
        var numbers = Parts()
        var part = 0
        for (byte, wanted) in zip(text, pattern) {
            if wanted == UInt8(ascii: "0") {
                guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
                numbers[part] = numbers[part] * 10 + Int64(byte - UInt8(ascii: "0"))
            } else {
                guard byte == wanted else { return nil }
                part += 1
            }
        }
        let (year, month, day) = (numbers[0], numbers[1], numbers[2])
        let (hour, minute, second, millisecond) = (numbers[3], numbers[4], numbers[5], numbers[6])
        guard year >= 1, 1...12 ~= month, 1...31 ~= day, hour < 24, minute < 60, second < 60 else { return nil }
        let marchYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = (marchYear / 400, marchYear % 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * Self.daysPerEra + dayOfEra - Self.daysBefore1970
        let time = ((hour * 60 + minute) * 60 + second) * 1000 + millisecond
        self.init(millisecondsSince1970: days * Self.millisecondsPerDay + time)
        // The 31st of a month that has 30 days came out as the first of the next.
        guard day <= 28 || rfc3339Text.utf8.elementsEqual(text) else { return nil }
    }
}

extension Int64 {
    /// The remainder that is never negative, so that times before 1970 round down as well.
    fileprivate func modulo(_ divisor: Int64) -> Int64 {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
