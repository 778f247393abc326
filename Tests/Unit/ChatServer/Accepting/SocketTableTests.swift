import NIOCore
import Testing

@testable import ChatServer

struct SocketTableTests {
    private typealias Table = SocketTable<Int>

    private func time(_ milliseconds: Int64) -> NIODeadline { .uptimeNanoseconds(1) + .milliseconds(milliseconds) }

    /// So many sockets without a request, a millisecond apart.
    private func table(limit: Int, waiting: Int) -> Table {
        var table = Table(limit: limit)
        for id in 0..<waiting { table.opened(id, at: time(Int64(id))) }
        return table
    }

    @Test func `below the limit there is room, at it there is not`() {
        var table = table(limit: 3, waiting: 2)
        #expect(table.room(at: time(2)) == .free)
        table.opened(2, at: time(2))
        #expect(table.room(at: time(2)) == .full(until: time(0) + Table.waitingGrace))
        table.closed(1)
        #expect(table.room(at: time(2)) == .free)
    }

    @Test func `a socket that is reported twice counts once`() {
        var table = table(limit: 3, waiting: 2)
        #expect(table.opened(1, at: time(5)) == false)
        #expect(table.count == 2)
    }

    @Test func `those that have been without a request for longest go first, as many as are accepted at once`() {
        var table = table(limit: 10, waiting: 10)
        table.became(.answering, 0, at: time(20))
        table.became(.waiting, 1, at: time(20))
        #expect(table.room(at: time(5_000)) == .after(closing: [2, 3, 4, 5]))
        // Until they are closed nobody else has to go.
        #expect(table.room(at: time(5_000)) == .full(until: nil))
        for id in 2...5 { table.closed(id) }
        #expect(table.room(at: time(5_000)) == .free)
    }

    @Test func `1,700 sockets a second that ask for nothing need not wait for 228 places`() {
        var table = Table(limit: 228)
        for id in 0..<1_700 {
            let now = NIODeadline.uptimeNanoseconds(1) + .microseconds(Int64(id) * 1_000_000 / 1_700)
            switch table.room(at: now) {
            case .free: break
            case .after(let leaving): for socket in leaving { table.closed(socket) }
            case .full(let until): Issue.record("\(id) would have to wait until \(String(describing: until))")
            }
            table.opened(id, at: now)
        }
    }

    @Test func `a request that comes when its socket was told to close is not answered`() {
        var table = table(limit: 1, waiting: 1)
        #expect(table.room(at: time(1_000)) == .after(closing: [0]))
        #expect(table.became(.answering, 0, at: time(1_001)) == false)
        table.closed(0)
        #expect(table.count == 0)
    }

    @Test func `an answer that is not taken makes room later than a request that does not come`() {
        var table = table(limit: 2, waiting: 2)
        for id in 0...1 { table.became(.answering, id, at: time(100)) }
        let patience = time(100) + Table.answeringGrace
        #expect(table.room(at: time(5_000)) == .full(until: patience))
        #expect(table.room(at: patience) == .after(closing: [0, 1]))
    }

    @Test func `WebSockets count and never go`() {
        var table = table(limit: 2, waiting: 2)
        for id in 0...1 { table.became(.upgraded, id, at: time(1)) }
        #expect(table.room(at: time(3_600_000)) == .full(until: nil))
        table.closed(0)
        #expect(table.room(at: time(3_600_000)) == .free)
    }

    @Test func `where the system gives no more sockets some have to go below the limit too`() {
        var table = table(limit: 1_000, waiting: 6)
        #expect(table.room(at: time(1_000), isRefused: true) == .after(closing: [0, 1, 2, 3]))
    }

    @Test func `a connection that asks again and again takes no more memory, and keeps its place`() {
        var table = table(limit: 2, waiting: 2)
        for step in 0..<10_000 {
            table.became(.answering, 1, at: time(10 + Int64(step)))
            table.became(.waiting, 1, at: time(10 + Int64(step)))
        }
        #expect(table.room(at: time(20_000)) == .after(closing: [0, 1]))
    }
}
