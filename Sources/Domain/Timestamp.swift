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

    public static func < (left: Timestamp, right: Timestamp) -> Bool {
        left.millisecondsSince1970 < right.millisecondsSince1970
    }
}

extension Timestamp {
    private static let classicStyle = Date.ISO8601FormatStyle(
        dateTimeSeparator: .space, includingFractionalSeconds: false, timeZone: .gmt
    ).year().month().day().time(includingFractionalSeconds: false)

    private static let rfc3339Style = Date.ISO8601FormatStyle(includingFractionalSeconds: true, timeZone: .gmt)

    private static let rfc3339SecondStyle = Date.ISO8601FormatStyle(includingFractionalSeconds: false, timeZone: .gmt)

    private var wholeSecond: Timestamp {
        Timestamp(millisecondsSince1970: millisecondsSince1970 - millisecondsSince1970.modulo(1000))
    }

    private var date: Date { Date(timeIntervalSince1970: Double(millisecondsSince1970) / 1000) }

    private init(_ date: Date) {
        self.init(millisecondsSince1970: Int64((date.timeIntervalSince1970 * 1000).rounded()))
    }

    /// `yyyy-MM-dd HH:mm:ss`, the classic dialect's form: the seconds only.
    public var classicText: String {
        wholeSecond.date.formatted(Self.classicStyle)
    }

    /// RFC 3339 with milliseconds, as `2026-01-02T03:04:05.678Z`.
    public var rfc3339Text: String {
        // Foundation's own milliseconds are cut off from a `Double`, and one too few for every second moment.
        let second = wholeSecond.date.formatted(Self.rfc3339SecondStyle).dropLast()
        let milliseconds = String(millisecondsSince1970.modulo(1000) + 1000).dropFirst()
        return "\(second).\(milliseconds)Z"
    }

    /// Reads what ``classicText`` writes; nil for anything else.
    public init?(classicText text: String) {
        guard let date = try? Date(text, strategy: Self.classicStyle) else { return nil }
        self.init(date)
    }

    /// Reads what ``rfc3339Text`` writes; nil for anything else.
    public init?(rfc3339Text text: String) {
        guard let date = try? Date(text, strategy: Self.rfc3339Style) else { return nil }
        self.init(date)
    }
}

extension Int64 {
    /// The remainder that is never negative, so that times before 1970 round down as well.
    fileprivate func modulo(_ divisor: Int64) -> Int64 {
        let remainder = self % divisor
        return remainder < 0 ? remainder + divisor : remainder
    }
}
