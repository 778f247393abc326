import Testing

@testable import ChatBench
@testable import TestSupport

@Suite("Frames in a buffer")
struct LoadFrameTests {
    private func frame(_ payload: Int, opcode: UInt8 = 1) -> [UInt8] {
        var bytes: [UInt8] = [0x80 | opcode]
        if payload < 126 {
            bytes.append(UInt8(payload))
        } else if payload <= 0xFFFF {
            bytes += [126, UInt8(payload >> 8), UInt8(payload & 0xFF)]
        } else {
            bytes += [127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: payload >> (8 * $0)) }
        }
        return bytes + (0..<payload).map { UInt8(truncatingIfNeeded: $0) }
    }

    @Test(arguments: [0, 1, 125, 126, 127, 65_535, 65_536, 200_000])
    func `a frame is found when all of it is there, and not before`(payload: Int) {
        let whole = [9, 9, 9] + frame(payload)
        for count in Set([3, 4, 5, 6, 7, 12, 13, whole.count / 2, whole.count - 1]) where count < whole.count {
            whole.prefix(max(count, 3)).withUnsafeBytes { bytes in
                guard case .partial(let needed) = ServerFrame.find(in: bytes, at: 3) else {
                    Issue.record("\(count) of \(whole.count) bytes were taken for a frame")
                    return
                }
                #expect(needed <= whole.count - 3 && needed > bytes.count - 3)
            }
        }
        (whole + [1, 2, 3]).withUnsafeBytes { bytes in
            guard case .frame(let found) = ServerFrame.find(in: bytes, at: 3) else {
                Issue.record("not found")
                return
            }
            #expect(found.opcode == 1 && found.isFinal)
            #expect(found.payload.count == payload && found.payload.upperBound == whole.count)
        }
    }

    @Test func `what no server may send is not taken for a frame`() {
        for bytes: [UInt8] in [[0xA1, 0], [0x81, 0x80, 0, 0, 0, 0], [0x81, 127, 0xFF, 0, 0, 0, 0, 0, 0, 0]] {
            bytes.withUnsafeBytes { raw in
                guard case .invalid = ServerFrame.find(in: raw, at: 0) else {
                    Issue.record("\(bytes)")
                    return
                }
            }
        }
    }

    @Test func `the parts of a message are told from whole ones`() {
        for (first, isFragment): (UInt8, Bool) in [
            (0x81, false), (0x01, true), (0x00, true), (0x80, true), (0x89, false),
        ] {
            [first, 0].withUnsafeBytes { raw in
                guard case .frame(let frame) = ServerFrame.find(in: raw, at: 0) else {
                    Issue.record("\(first)")
                    return
                }
                #expect(frame.isFragment == isFragment, "\(first)")
            }
        }
    }

    @Test func `frames that come in pieces are the same frames`() {
        var random = SeededGenerator(seed: 5)
        for _ in 0..<50 {
            let sizes = (0..<30).map { _ in Int.random(in: 0...400, using: &random) }
            let stream = sizes.flatMap { frame($0) }
            var found: [Int] = []
            var kept: [UInt8] = []
            var rest = stream[...]
            while !rest.isEmpty {
                let piece = rest.prefix(Int.random(in: 1...300, using: &random))
                rest = rest.dropFirst(piece.count)
                kept += piece
                let end = kept.withUnsafeBytes { bytes in
                    var place = 0
                    while case .frame(let frame) = ServerFrame.find(in: bytes, at: place) {
                        found.append(frame.payload.count)
                        place = frame.payload.upperBound
                    }
                    return place
                }
                kept.removeFirst(end)
            }
            #expect(found == sizes && kept.isEmpty)
        }
    }
}
