import Foundation
import Testing

@testable import InfrastructureObservability

struct LogOutputTests {
    /// A pipe that nobody reads until told.
    private final class Pipe {
        let output: Int32
        private let input: Int32

        init() throws {
            var ends: [Int32] = [-1, -1]
            try #require(pipe(&ends) == 0)
            (input, output) = (ends[0], ends[1])
        }

        /// Reads on until what came ends with `end`.
        func read(to end: String) -> String {
            var all: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 65_536)
            while !all.suffix(end.utf8.count).elementsEqual(end.utf8) {
                let count = Foundation.read(input, &buffer, buffer.count)
                guard count > 0 else { break }
                all += buffer[..<count]
            }
            return String(decoding: all, as: UTF8.self)
        }

        deinit {
            close(input)
            close(output)
        }
    }

    private let words = LogOutput.Words(dropped: { "dropped \($0)\n" }, trouble: { _ in })

    @Test func `who logs does not wait for a reader that stands still, and hears later how many lines were lost`()
        throws
    {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.output, words: words)
        defer { output.finish() }
        let line = Array((String(repeating: "x", count: 999) + "\n").utf8)
        let count = 4 * LogOutput.maximumBytes / line.count
        for _ in 0..<count { output.append(line) }
        let dropped = output.dropped
        #expect(dropped > 0 && dropped < count)
        // Bounded: what the pipe has taken aside, one queue waits, and one is in the thread's hands.
        #expect(count - dropped <= (2 * LogOutput.maximumBytes + 1 << 20) / line.count)

        // On a busy machine lines are dropped before the thread has begun, too. Then it tells of them twice.
        var (kept, told) = (0, 0)
        while kept + told < count {
            let text = pipe.read(to: "\n")
            try #require(!text.isEmpty)
            for line in text.split(separator: "\n") {
                if let number = line.split(separator: " ").last.flatMap({ Int($0) }) {
                    told += number
                } else {
                    kept += 1
                }
            }
        }
        #expect(told == dropped)
        output.append(Array("and on\n".utf8))
        #expect(pipe.read(to: "\n") == "and on\n")
        #expect(output.dropped == dropped)
    }

    @Test func `the end waits for what is queued, but not for ever`() throws {
        let pipe = try Pipe()
        let output = LogOutput(descriptor: pipe.output, words: words)
        output.append(Array("soon\n".utf8))
        output.flush(until: .distantFuture)
        #expect(pipe.read(to: "\n") == "soon\n")

        output.append([UInt8](repeating: 0x78, count: LogOutput.maximumBytes - 1) + [0x0A])
        output.flush(until: .now() + .milliseconds(50))  // returns, though nobody reads
        #expect(output.dropped == 0)
        #expect(pipe.read(to: "\n").utf8.count == LogOutput.maximumBytes)
        output.finish()
    }
}
