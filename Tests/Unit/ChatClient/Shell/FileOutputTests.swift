import Foundation
import Synchronization
import Testing

@testable import ChatClient

@Suite struct FileOutputTests {
    @Test func `A reader that is stuck is left alone once a signal asks to end`() {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        let looks = Atomic(0)
        // The second look finds that the end was asked for.
        var output = FileOutput(ends[1]) { looks.add(1, ordering: .relaxed).newValue > 1 }
        output.append(String(repeating: "x", count: 2 << 20))
        output.flush()
        #expect(output.isClosed)
    }

    @Test func `What has room is written whole though the end was asked for`() {
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        defer { for end in ends { close(end) } }
        var output = FileOutput(ends[1]) { true }
        output.append(String(repeating: "x", count: 10_000))
        output.flush()
        #expect(!output.isClosed)
        var buffer = [UInt8](repeating: 0, count: 20_000)
        #expect(read(ends[0], &buffer, buffer.count) == 10_000)
    }
}
