import FuzzTargets
import Testing

@testable import TestSupport

/// The targets of the fuzzer with the inputs that are kept, and some that are made of them: the short form of scripts/fuzz.
struct FuzzTargetTests {
    @Test(arguments: FuzzTarget.all)
    func `every input that is kept, and a thousand made of them, break no property`(target: FuzzTarget) throws {
        let seeds = Seeds.read(try Checkout.text("Fuzz/Corpus/\(target.name).txt"))
        try #require(!seeds.isEmpty)
        var mutations = Mutations(of: seeds, maximumBytes: target.maximumBytes, using: SeededGenerator(seed: 15))
        for input in seeds + (0..<1000).map({ _ in mutations.next() }) {
            do {
                try target.check(input)
            } catch {
                Issue.record("\(error)\nThe input, for Fuzz/Corpus/\(target.name).txt:\n\(Seeds.line(input))")
                return
            }
        }
    }

    @Test func `the names of the targets differ, and each folder of seeds has one`() {
        let names = FuzzTarget.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(Checkout.files(under: "Fuzz/Corpus", ending: ".txt") == names.map { "Fuzz/Corpus/\($0).txt" }.sorted())
    }

    @Test(arguments: [[], [0], Array("a b\\n\r\n\té#".utf8), Array(0...255)] as [[UInt8]])
    func `an input that is written as a line is read as it was`(bytes: [UInt8]) {
        let line = Seeds.line(bytes)
        #expect(Seeds.read("# a remark\n\(line)\n") == (bytes.isEmpty ? [] : [bytes]))
    }

    @Test func `a byte of a line that is written as it is stands for itself`() {
        #expect(Seeds.read("é\\x00\\q\n\\") == [Array("é\0q".utf8), Array("\\".utf8)])
    }
}
