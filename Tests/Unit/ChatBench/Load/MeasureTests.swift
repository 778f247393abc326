import Foundation
import Synchronization
import Testing
import Wire

@testable import ChatBench

@Suite("What is measured")
struct MeasureTests {
    private let status = """
        Name:\tserver
        VmPeak:\t  987654 kB
        VmRSS:\t 12345 kB
        Threads:\t7
        """

    @Test(arguments: ["server", "a b", "tricky) (S 1 2", ""])
    func `a process may have any name`(name: String) {
        let stat =
            "4711 (\(name)) S 1 4711 4711 0 -1 4194560 100 0 0 0 1234 567 0 0 20 0 7 0 500 99 88 18446744073709551615"
        let reading = ProcessReading(stat: stat, status: status, ticksPerSecond: 100)
        #expect(reading?.user == 12.34 && reading?.kernel == 5.67 && reading?.resident == 12_345 * 1024)
    }

    @Test(arguments: ["", "4711", "4711 (x) S 1 2 3", "4711 (x) S 1 2 3 4 5 6 7 8 9 10 eleven 12 13"])
    func `what is no such line is no reading`(stat: String) {
        #expect(ProcessReading(stat: stat, status: status, ticksPerSecond: 100) == nil)
    }

    @Test func `a size is read with tabs or spaces before it`() {
        #expect(ProcessReading.kilobytes("VmRSS:", in: "VmRSS:\t123456789 kB") == 123_456_789)
        #expect(ProcessReading.kilobytes("Pss:", in: "Rss:  5 kB\nPss:             42 kB\nPss_Dirty: 7 kB") == 42)
        #expect(ProcessReading.kilobytes("Pss:", in: "Rss: 5 kB") == nil)
    }

    @Test func `a process is named on the command line`() {
        #expect(WatchedProcess("server=12").map { "\($0.name) \($0.pid)" } == "server 12")
        #expect(WatchedProcess("12").map { "\($0.name) \($0.pid)" } == "pid 12 12")
        for text in ["", "server", "server=", "server=0", "server=-3", "server=1=2"] {
            #expect(WatchedProcess(text) == nil, "\(text)")
        }
    }

    #if os(Linux)
        @Test func `this very process can be read`() throws {
            let own = try #require(ProcessReading.read(getpid()))
            #expect(own.user > 0 && own.resident > 1_000_000)
            #expect(ProcessReading.read(0) == nil)
        }
    #endif

    /// Two busy processes, and a size that takes a second to sum up.
    @Test func `nobody is charged for the time in which sizes are read`() {
        final class Machine: Sendable {
            let seconds = Mutex(10.0)
        }
        let machine = Machine()
        var watch = ProcessWatch(
            ["a=1", "b=2"].compactMap { WatchedProcess($0) },
            read: { _ in
                let seconds = machine.seconds.withLock { Int($0) }
                return ProcessReading(
                    stat: "1 (x) R 0 0 0 0 0 0 0 0 0 0 \(seconds) 0", status: "", ticksPerSecond: 1)
            },
            readSize: { pid in
                machine.seconds.withLock { $0 += 1 }
                return Int(pid) * 1000
            })
        watch.start()
        machine.seconds.withLock { $0 += 5 }
        let uses = watch.uses()
        #expect(uses.map(\.user) == [5, 5] && uses.map(\.proportional) == [1000, 2000])
    }

    @Test func `percentiles are right to three digits, and what takes for ever counts as an hour`() throws {
        var record = LatencyRecord()
        #expect(record.summary == nil)
        for milliseconds in 1...1000 { record.record(nanoseconds: Int64(milliseconds) * 1_000_000) }
        let summary = try #require(record.summary)
        for (value, expected) in [
            (summary.p50, 500.0), (summary.p90, 900), (summary.p99, 990), (summary.p999, 999), (summary.max, 1000),
        ] {
            #expect(abs(value - expected) / expected < 0.002)
        }
        record.record(nanoseconds: .max)
        record.record(nanoseconds: -5)
        #expect(record.summary?.count == 1002)
        #expect(abs((record.summary?.max ?? 0) - 3_600_000) < 3600)
    }

    @Test(arguments: [16, 20, 60, 400])
    func `a copy of a frame has the number and seq that were put in`(size: Int) throws {
        let plan = LoadPlan(rooms: 1, members: 10, contentBytes: size)
        let frame = try #require(FloorFrame.made(for: plan))
        let header = frame.bytes.count > 127 ? 4 : 2
        #expect(frame.sequence.count == 8)
        var bytes = frame.bytes
        bytes.replaceSubrange(frame.numberAt..<frame.numberAt + 8, with: "aaaaaabc".utf8)
        bytes.replaceSubrange(frame.sequence, with: "10000018".utf8)
        guard case .frame(let found) = bytes.withUnsafeBytes({ ServerFrame.find(in: $0, at: 0) }),
            case .chatMessage(let message) = try V2Frame(json: bytes.dropFirst(header)).event
        else {
            Issue.record("no frame")
            return
        }
        #expect(found.payload == header..<bytes.count)
        #expect(message.sequence == 10_000_018 && message.content.hasPrefix("~\(plan.run):aaaaaabc"))
    }

    @Test func `a floor is made of messages of the run only`() {
        #expect(FloorFrame(payload: Array(#"{"type":"welcome"}"#.utf8), run: "abcdef") == nil)
        #expect(FloorFrame(payload: [], run: "abcdef") == nil)
    }
}
