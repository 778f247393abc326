import Testing
import Wire

@testable import ChatServer

struct AddressTableTests {
    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }
    private let second: UInt64 = 1_000_000_000

    @Test(arguments: [("192.0.2.7", "192.0.2.7", "192.0.2.8"), ("2001:db8::1", "2001:db8::2:3", "2001:db8:0:1::1")])
    func `an address has so many connections and no more, until one is given back`(
        one: String, same: String, other: String
    ) throws {
        var table = AddressTable(.init(connections: 3))
        for _ in 0..<3 { #expect(table.take(.connection, of: try address(one))) }
        #expect(!table.take(.connection, of: try address(same)))
        #expect(table.take(.connection, of: try address(other)))
        table.giveBack(.connection, of: try address(same))
        #expect(table.take(.connection, of: try address(one)))
        #expect(!table.take(.connection, of: try address(one)))
    }

    @Test func `this machine is exempt where that is wanted`() throws {
        for (exempts, isFree) in [(true, true), (false, false)] {
            var table = AddressTable(.init(connections: 1, upgradesPerMinute: 1, exemptsLoopback: exempts))
            #expect(table.take(.connection, of: try address("127.0.0.1")))
            #expect(table.take(.connection, of: try address("127.0.0.1")) == isFree)
            #expect(table.upgrade(by: try address("::1"), at: 1) == nil)
            #expect((table.upgrade(by: try address("::1"), at: 1) == nil) == isFree)
        }
    }

    @Test func `without a limit nobody is refused`() throws {
        var table = AddressTable(.init())
        for _ in 0..<1000 { #expect(table.take(.connection, of: try address("192.0.2.7"))) }
        for _ in 0..<1000 { #expect(table.upgrade(by: try address("192.0.2.7"), at: 0) == nil) }
    }

    @Test func `sockets that are no WebSockets have a limit of their own, which lets a browser in`() throws {
        var table = AddressTable(.init(connections: 1))
        for _ in 0..<16 { #expect(table.take(.socket, of: try address("192.0.2.7"))) }
        #expect(!table.take(.socket, of: try address("192.0.2.7")))
        #expect(table.take(.connection, of: try address("192.0.2.7")))
        #expect(AddressTable.Limits(connections: 100).sockets == 100)
    }

    @Test func `nothing is remembered of who is gone`() throws {
        var table = AddressTable(.init(connections: 5))
        for number in 0..<100 {
            #expect(table.take(.socket, of: try address("192.0.2.\(number)")))
            #expect(table.take(.connection, of: try address("192.0.2.\(number)")))
        }
        #expect(table.size.counts == 100)
        for number in 0..<100 {
            table.giveBack(.socket, of: try address("192.0.2.\(number)"))
            table.giveBack(.connection, of: try address("192.0.2.\(number)"))
        }
        #expect(table.size.counts == 0)
    }

    @Test func `an address asks so often in a minute, and then as time passes`() throws {
        var table = AddressTable(.init(upgradesPerMinute: 3))
        let one = try address("192.0.2.7")
        for _ in 0..<3 { #expect(table.upgrade(by: one, at: 100 * second) == nil) }
        let refused = table.upgrade(by: one, at: 100 * second)
        #expect(refused?.cause == .addressRate && refused?.wait == 20 * second)
        #expect(table.upgrade(by: try address("192.0.2.8"), at: 100 * second) == nil)
        #expect(table.upgrade(by: one, at: 119 * second)?.wait == second)
        #expect(table.upgrade(by: one, at: 120 * second) == nil)
        #expect(table.upgrade(by: one, at: 120 * second)?.cause == .addressRate)
        for _ in 0..<3 { #expect(table.upgrade(by: one, at: 300 * second) == nil) }
    }

    @Test func `all together ask so often in a second, known or not`() {
        var table = AddressTable(.init(upgradesPerSecond: 2))
        #expect(table.upgrade(by: nil, at: 5 * second) == nil)
        #expect(table.upgrade(by: IPAddress("127.0.0.1"), at: 5 * second) == nil)
        #expect(table.upgrade(by: nil, at: 5 * second)?.cause == .instanceRate)
        #expect(table.upgrade(by: nil, at: 5 * second + second / 2) == nil)
    }

    @Test func `however many addresses ask, the table does not grow beyond its bound`() throws {
        var table = AddressTable(.init(upgradesPerMinute: 1))
        let known = try address("192.0.2.7")
        #expect(table.upgrade(by: known, at: second) == nil)
        for number in 0..<(AddressTable.maximumRates + 1000) {
            let bytes = [0x20, 1, UInt8(number >> 16), UInt8(number >> 8 & 0xFF), UInt8(number & 0xFF)]
            let other = try #require(IPAddress(bytes: bytes + Array(repeating: 0, count: 11)))
            #expect(table.upgrade(by: other, at: second) == nil)
        }
        #expect(table.size.rates == AddressTable.maximumRates)
        #expect(table.upgrade(by: known, at: second) != nil)
        // A minute later all of them are over.
        #expect(table.upgrade(by: try address("192.0.2.9"), at: 70 * second) == nil)
        #expect(table.size.rates == 1)
    }
}
