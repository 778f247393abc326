#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The present time, and the user's time zone.
struct LocalClock: Sendable {
    /// Seconds since 1970.
    var now: @Sendable () -> Int64
    /// Seconds east of Greenwich at that time.
    var offset: @Sendable (Int64) -> Int64

    /// The system's clock and time zone.
    static let system = LocalClock(
        now: { Int64(time(nil)) },
        offset: { seconds in
            var time = time_t(seconds)
            var local = tm()
            return localtime_r(&time, &local) == nil ? 0 : Int64(local.tm_gmtoff)
        })

    /// A constant time in 2026, for tests and pictures.
    static func fixed(_ seconds: Int64) -> LocalClock {
        LocalClock(now: { seconds }, offset: { _ in 0 })
    }

    /// `HH:mm`; blanks if the time is not known.
    func hourAndMinute(_ seconds: Int64) -> String {
        if seconds <= 0 { return "     " }
        let minutes = Self.modulo(seconds + offset(seconds), 86_400) / 60
        return Self.two(minutes / 60) + ":" + Self.two(minutes % 60)
    }

    /// The number of the day, equal for two times of the same day.
    func day(_ seconds: Int64) -> Int64 {
        let local = seconds + offset(seconds)
        return (local - Self.modulo(local, 86_400)) / 86_400
    }

    /// `Saturday, 2026-11-21`.
    func nameOfDay(_ seconds: Int64) -> String {
        let day = day(seconds)
        let names = ["Thursday", "Friday", "Saturday", "Sunday", "Monday", "Tuesday", "Wednesday"]
        let (year, month, dayOfMonth) = Self.civil(day)
        return "\(names[Int(Self.modulo(day, 7))]), \(year)-\(Self.two(month))-\(Self.two(dayOfMonth))"
    }

    /// Reads RFC 3339 in UTC, and the classic dialect's `yyyy-MM-dd HH:mm:ss`.
    /// - Returns: seconds since 1970; nil for anything else.
    static func seconds(_ timestamp: String) -> Int64? {
        let bytes = Array(timestamp.utf8.prefix(40))
        guard bytes.count >= 19, bytes[4] == UInt8(ascii: "-"), bytes[7] == UInt8(ascii: "-"),
            bytes[13] == UInt8(ascii: ":"), bytes[16] == UInt8(ascii: ":")
        else { return nil }
        func number(_ start: Int, _ length: Int) -> Int64? {
            var value: Int64 = 0
            for byte in bytes[start..<start + length] {
                guard UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte else { return nil }
                value = value * 10 + Int64(byte - UInt8(ascii: "0"))
            }
            return value
        }
        guard let year = number(0, 4), let month = number(5, 2), let day = number(8, 2), let hour = number(11, 2),
            let minute = number(14, 2), let second = number(17, 2), 1...12 ~= month, 1...31 ~= day
        else { return nil }
        // Days since 1970 in the proleptic Gregorian calendar, with years that begin in March.
        let march = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let days = 365 * march + march / 4 - march / 100 + march / 400 + dayOfYear - 719_468
        return ((days * 24 + hour) * 60 + minute) * 60 + second
    }

    /// The date of a day number, the inverse of the above.
    private static func civil(_ day: Int64) -> (Int64, Int64, Int64) {
        let shifted = day + 719_468
        let era = (shifted - modulo(shifted, 146_097)) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 3 : march - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * march + 2) / 5 + 1)
    }

    private static func modulo(_ value: Int64, _ divisor: Int64) -> Int64 {
        let rest = value % divisor
        return rest < 0 ? rest + divisor : rest
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
