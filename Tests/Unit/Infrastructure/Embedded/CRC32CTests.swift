import Testing

@testable import InfrastructureEmbedded

struct CRC32CTests {
    /// From RFC 3720, appendix B.4, and the usual check value.
    @Test(
        arguments: [
            (Array("123456789".utf8), 0xE306_9283),
            ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43),
            (Array(0..<32), 0x46DD_794E),
            ([], 0),
        ] as [([UInt8], UInt32)])
    func `the checksums are those of the standard`(_ bytes: [UInt8], _ expected: UInt32) {
        #expect(CRC32C.checksum(bytes) == expected)
    }

    @Test func `a text in two parts has the checksum of the whole, wherever it is cut`() {
        let bytes = (0..<100).map { UInt8(truncatingIfNeeded: $0 &* 37) }
        for cut in 0...100 {
            let first = CRC32C.checksum(bytes.prefix(cut))
            #expect(CRC32C.checksum(bytes.dropFirst(cut), seed: first) == CRC32C.checksum(bytes))
        }
    }
}
