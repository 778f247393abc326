import Foundation
import Testing

@testable import ChatClient

@Suite struct StandardDescriptorsTests {
    @Test func `A closed descriptor becomes one that ends at once and swallows what is written, an open one stays`() {
        // Numbers that nothing else in this process comes near; the tests run beside one another.
        let numbers: ClosedRange<Int32> = 900...901
        var ends: [Int32] = [-1, -1]
        #expect(pipe(&ends) == 0)
        let (readEnd, writeEnd) = (ends[0], ends[1])
        #expect(dup2(writeEnd, 901) == 901)
        defer { for descriptor in [900, 901, readEnd, writeEnd] { close(descriptor) } }

        StandardDescriptors.fill(numbers)

        var byte: UInt8 = 7
        #expect(read(900, &byte, 1) == 0)
        #expect(write(900, &byte, 1) == 1)
        #expect(write(901, &byte, 1) == 1)
        byte = 0
        #expect(read(readEnd, &byte, 1) == 1)
        #expect(byte == 7)
    }
}
