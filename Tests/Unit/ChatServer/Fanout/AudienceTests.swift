import Testing

@testable import ChatServer

struct AudienceTests {
    private let first: Encoding
    private let second: Encoding

    init() {
        var encodings = EncodingTable()
        first = encodings.register(readsLog: false) { _ in nil }
        second = encodings.register(readsLog: true) { _ in nil }
    }

    @Test func `readers are counted by encoding and loop`() {
        var audience = Audience(loops: 2, encodings: 2)
        #expect(audience.isEmpty && !audience.has(first) && !audience.has(second))
        audience.change(second, onLoop: 1, by: 1)
        #expect(audience.has(second) && !audience.has(first) && !audience.isEmpty)
        #expect(audience.has(second, onLoop: 1) && !audience.has(second, onLoop: 0))
        audience.change(first, onLoop: 1, by: 2)
        audience.change(second, onLoop: 1, by: -1)
        #expect(audience.has(first, onLoop: 1) && !audience.has(second))
        audience.change(first, onLoop: 1, by: -2)
        #expect(audience.isEmpty)
    }
}
