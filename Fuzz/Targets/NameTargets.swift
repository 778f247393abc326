@testable import Domain

extension FuzzTarget {
    /// Names, patterns, ids and times, from one text.
    static let names = FuzzTarget("names", maximumBytes: 512) { input in
        let text = String(decoding: input, as: UTF8.self)
        if let name = try? Username(text) {
            try requireSame(try Username(name.text), name, "a name of a name")
            try require(1...Username.maximumLength ~= name.text.unicodeScalars.count, "a name of a wrong length")
        }
        if let room = try? RoomName(text) {
            try requireSame(try RoomName(room.text), room, "a room's name of a room's name")
            try require(1...RoomName.maximumLength ~= room.text.unicodeScalars.count, "a name of a wrong length")
            try require(try RoomPattern("*").matches(room), "* leaves a room out")
        }
        if let pattern = try? RoomPattern(text) {
            try requireSame(try RoomPattern(pattern.description), pattern, "a pattern of a pattern")
            if let room = try? RoomName(pattern.beginning) {
                try require(pattern.matches(room), "a pattern leaves out what it names")
            }
        }
        if let id = MessageID(chosen: text) {
            try require(id.text.utf8.elementsEqual(text.utf8), "an id is its bytes")
        }
        for time in [Timestamp(rfc3339Text: text), Timestamp(classicText: text)].compactMap(\.self) {
            try requireSame(Timestamp(rfc3339Text: time.rfc3339Text), time, "a time that was written and read")
        }
    }
}
