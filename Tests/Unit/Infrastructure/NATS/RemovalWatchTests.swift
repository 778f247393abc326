import Domain
import Service
import Testing

@testable import InfrastructureNATS

struct RemovalWatchTests {
    private func report(
        first: Int, last: Int, messages: Int, limit: Int = 100, created: String = "2026-01-02T03:04:05Z"
    ) throws -> StreamReport {
        try StreamReport(
            answer: Array(
                """
                {"created":"\(created)","config":{"max_msgs_per_subject":\(limit)},
                 "state":{"first_seq":\(first),"last_seq":\(last),"messages":\(messages)}}
                """.utf8))
    }

    /// What is told when the stream goes from one state to another.
    private func told(
        _ before: (first: Int, last: Int, messages: Int), _ after: (first: Int, last: Int, messages: Int)
    ) throws -> BusEvent.Dropped? {
        var watch = RemovalWatch()
        #expect(watch.look(at: try report(first: before.first, last: before.last, messages: before.messages)) == nil)
        return watch.look(at: try report(first: after.first, last: after.last, messages: after.messages))
    }

    @Test func `what goes before it is asked for the first time is told, if it is known what there was`() throws {
        var watch = RemovalWatch(since: try report(first: 1, last: 20, messages: 20))
        #expect(watch.look(at: try report(first: 21, last: 20, messages: 0)) == .upTo(SequenceNumber(20)))
    }

    @Test func `where nothing has gone nothing is told`() throws {
        #expect(try told((1, 20, 20), (1, 20, 20)) == nil)
        #expect(try told((1, 20, 20), (1, 50, 50)) == nil)
        #expect(try told((1, 0, 0), (1, 3, 3)) == nil)
    }

    @Test func `what was one too many of its subject is nothing new`() throws {
        // Thirty were stored, and of as many subjects that were full one has gone.
        #expect(try told((1, 200, 150), (1, 230, 150)) == nil)
    }

    @Test func `what has become too old has gone at the front, up to a place`() throws {
        #expect(try told((1, 20, 20), (6, 20, 15)) == .upTo(SequenceNumber(5)))
        #expect(try told((10, 20, 5), (18, 25, 6)) == .upTo(SequenceNumber(17)))
        #expect(try told((1, 20, 20), (21, 20, 0)) == .upTo(SequenceNumber(20)))
    }

    @Test func `what somebody has removed behind the front is known to be gone, and not what it was`() throws {
        #expect(try told((1, 20, 20), (1, 20, 19)) == .unknown)
        #expect(try told((1, 20, 20), (1, 25, 10)) == .unknown)
        #expect(try told((1, 20, 20), (3, 20, 10)) == .unknown)
    }

    @Test func `while no subject can have too many, whatever is gone was removed, however much was stored meanwhile`()
        throws
    {
        #expect(try told((1, 0, 0), (1, 26, 25)) == .unknown)
        #expect(try told((1, 50, 50), (1, 110, 100)) == nil)
        #expect(try told((1, 50, 50), (1, 110, 99)) == .unknown)
    }

    @Test func `another limit may have dropped anything`() throws {
        var watch = RemovalWatch()
        _ = watch.look(at: try report(first: 1, last: 20, messages: 20))
        #expect(watch.look(at: try report(first: 1, last: 20, messages: 20, limit: 10)) == .unknown)
        #expect(watch.look(at: try report(first: 1, last: 20, messages: 20, limit: 10)) == nil)
    }

    @Test func `another stream, and one whose leader lags behind, say nothing`() throws {
        var watch = RemovalWatch()
        _ = watch.look(at: try report(first: 5, last: 20, messages: 16))
        #expect(watch.look(at: try report(first: 4, last: 18, messages: 15)) == nil)
        #expect(watch.look(at: try report(first: 1, last: 2, messages: 2, created: "2026-02-02T03:04:05Z")) == nil)
    }
}
