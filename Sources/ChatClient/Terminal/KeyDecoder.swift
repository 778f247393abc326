/// Decodes the bytes of a terminal in raw mode into keys, independent of how reads cut them.
///
/// Knows UTF-8, the escape sequences of xterm and similar terminals (ECMA-48 CSI, and SS3 in application mode), and
/// bracketed paste. Holds at most one unfinished sequence.
struct KeyDecoder: Sendable {
    private enum State: Equatable {
        case ground
        case utf8(bytes: [UInt8], missing: Int)
        case escape
        case csi([UInt8])
        case ss3
    }

    /// A longer control sequence is invalid; the bytes after it are read as text again.
    private static let longestSequence = 32

    private var state = State.ground
    private var isPasting = false
    private var lastWasReturn = false

    /// How long to wait for more bytes, in milliseconds, before ``flush()`` is called: a lone escape byte is the escape
    /// key, and a paste whose end got lost must not swallow Ctrl-C for ever. `nil` if nothing is unfinished.
    var patience: Int32? {
        // A paste is checked first: over a slow link the escape byte is most likely the beginning of the paste's end.
        if isPasting { return 2000 }
        return state == .escape || state == .ss3 ? 50 : nil
    }

    mutating func decode(_ bytes: some Sequence<UInt8>) -> [Key] {
        var keys: [Key] = []
        for byte in bytes { step(byte, into: &keys) }
        return keys
    }

    /// Called when no byte came within ``patience``.
    mutating func flush() -> [Key] {
        let wasPasting = isPasting
        isPasting = false
        guard state == .escape || state == .ss3 else { return [] }
        state = .ground
        return wasPasting ? [] : [.ignored]
    }

    private mutating func step(_ byte: UInt8, into keys: inout [Key]) {
        switch state {
        case .ground: ground(byte, into: &keys)
        case .utf8(var bytes, let missing):
            guard byte & 0xC0 == 0x80 else {
                state = .ground
                keys.append(.insert("\u{FFFD}"))
                return ground(byte, into: &keys)
            }
            bytes.append(byte)
            if missing > 1 {
                state = .utf8(bytes: bytes, missing: missing - 1)
            } else {
                state = .ground
                for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars { insert(scalar, into: &keys) }
            }
        case .escape: escape(byte, into: &keys)
        case .ss3:
            state = .ground
            // No sequence has a control byte in it: that is a key of its own, Ctrl-C above all.
            if byte < 0x20 || byte == 0x7F { return ground(byte, into: &keys) }
            // The keypad's, though the same letters tell of the focus in a control sequence.
            let isKeypad = byte == UInt8(ascii: "I") || byte == UInt8(ascii: "O")
            if !isPasting { keys.append(isKeypad ? .ignored : Self.final(byte, modifier: 1)) }
        case .csi(var parameters):
            if byte == UInt8(ascii: "["), parameters.isEmpty {
                // The Linux console's function keys have one more letter.
                state = .csi([byte])
            } else if (0x40...0x7E).contains(byte) {
                state = .ground
                controlSequence(parameters, final: byte, into: &keys)
            } else if (0x20...0x3F).contains(byte), parameters.count < Self.longestSequence {
                parameters.append(byte)
                state = .csi(parameters)
            } else {
                state = .ground
                ground(byte, into: &keys)
            }
        }
    }

    private mutating func ground(_ byte: UInt8, into keys: inout [Key]) {
        if byte != 0x0A { lastWasReturn = false }
        switch byte {
        case 0x1B: state = .escape
        case 0x00..<0x20, 0x7F: control(byte, into: &keys)
        case 0x20..<0x7F: insert(Unicode.Scalar(byte), into: &keys)
        case 0xC2..<0xE0: state = .utf8(bytes: [byte], missing: 1)
        case 0xE0..<0xF0: state = .utf8(bytes: [byte], missing: 2)
        case 0xF0..<0xF5: state = .utf8(bytes: [byte], missing: 3)
        default: keys.append(.insert("\u{FFFD}"))
        }
    }

    private func insert(_ scalar: Unicode.Scalar, into keys: inout [Key]) {
        // C1 controls can arrive as UTF-8; they are no text.
        if !(0x80..<0xA0).contains(scalar.value) { keys.append(.insert(scalar)) }
    }

    private mutating func control(_ byte: UInt8, into keys: inout [Key]) {
        if isPasting {
            switch byte {
            case 0x0D:
                lastWasReturn = true
                keys.append(.pastedBreak)
            case 0x0A:
                if !lastWasReturn { keys.append(.pastedBreak) }
                lastWasReturn = false
            case 0x09: keys.append(.insert(" "))
            default: break
            }
            return
        }
        let key: Key =
            switch byte {
            case 0x01: .home
            case 0x02: .left
            case 0x03: .interrupt
            case 0x04: .endOfInput
            case 0x05: .end
            case 0x06: .right
            case 0x07: .cancel
            case 0x08, 0x7F: .backspace
            case 0x09: .complete
            case 0x0A, 0x0D: .enter
            case 0x0B: .killToEnd
            case 0x0C: .clearScreen
            case 0x0E: .down
            case 0x10: .up
            case 0x12: .searchBack
            case 0x13: .searchForward
            case 0x14: .transpose
            case 0x15: .killToStart
            case 0x17: .killWordBack
            case 0x19: .yank
            case 0x1A: .suspend
            case 0x1F: .undo
            default: .ignored
            }
        keys.append(key)
    }

    private mutating func escape(_ byte: UInt8, into keys: inout [Key]) {
        state = .ground
        switch byte {
        case UInt8(ascii: "["): state = .csi([])
        case UInt8(ascii: "O"): state = .ss3
        case 0x1B: state = .escape
        case _ where isPasting: ground(byte, into: &keys)
        case 0x20..<0x7F: keys.append(Self.alt(byte))
        case 0x08, 0x7F: keys.append(.killWordBack)
        case 0x0A, 0x0D: keys.append(.lineBreak)
        default: keys.append(.ignored)
        }
    }

    /// With Alt, which a terminal sends as an escape byte before the character.
    private static func alt(_ byte: UInt8) -> Key {
        switch Character(Unicode.Scalar(byte)) {
        case "b", "B": .wordLeft
        case "f", "F": .wordRight
        case "d", "D": .killWordForward
        case "y", "Y": .yankOlder
        case "t", "T": .transposeWords
        case "u", "U": .uppercase
        case "l", "L": .lowercase
        case "c", "C": .capitalize
        case "a", "A": .nextActiveWindow
        case "<": .scrollToTop
        case ">": .scrollToEnd
        case "0": .window(10)
        case "1"..."9": .window(Int(byte - UInt8(ascii: "0")))
        default: .ignored
        }
    }

    private mutating func controlSequence(_ parameters: [UInt8], final: UInt8, into keys: inout [Key]) {
        if parameters == [UInt8(ascii: "[")] {
            if !isPasting { keys.append(.ignored) }
            return
        }
        let numbers = parameters.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false)
            .map { Int(String(decoding: $0, as: UTF8.self)) }
        let first = numbers.first.flatMap { $0 } ?? 1
        let modifier = numbers.count > 1 ? numbers[1] ?? 1 : 1
        if final == UInt8(ascii: "~"), first == 200 || first == 201 {
            isPasting = first == 200
            lastWasReturn = false
        } else if isPasting {
            // Only the end of the paste is obeyed inside of it.
        } else if final == UInt8(ascii: "~") {
            switch first {
            case 1, 7: keys.append(.home)
            case 4, 8: keys.append(.end)
            case 3: keys.append(modifier > 1 ? .killWordForward : .delete)
            case 5: keys.append(.pageUp)
            case 6: keys.append(.pageDown)
            default: keys.append(.ignored)
            }
        } else {
            keys.append(Self.final(final, modifier: modifier))
        }
    }

    /// - Parameter modifier: xterm's: 1 none, 2 Shift, 3 Alt, 5 Ctrl, and so on.
    private static func final(_ byte: UInt8, modifier: Int) -> Key {
        switch byte {
        case UInt8(ascii: "A"): modifier > 1 ? .scrollUp : .up
        case UInt8(ascii: "B"): modifier > 1 ? .scrollDown : .down
        case UInt8(ascii: "C"): modifier == 3 ? .nextWindow : modifier > 2 ? .wordRight : .right
        case UInt8(ascii: "D"): modifier == 3 ? .previousWindow : modifier > 2 ? .wordLeft : .left
        case UInt8(ascii: "H"): modifier > 2 ? .scrollToTop : .home
        case UInt8(ascii: "F"): modifier > 2 ? .scrollToEnd : .end
        case UInt8(ascii: "I"): .focused(true)
        case UInt8(ascii: "O"): .focused(false)
        case UInt8(ascii: "M"): .enter  // the keypad's, in application mode
        case UInt8(ascii: "Z"): .completeBack
        default: .ignored
        }
    }
}
