import CFuzzer
import Foundation
import FuzzTargets

/// `Fuzz TARGET [options and folders of libFuzzer]`: feeds one target with what libFuzzer makes up.
///
/// `Fuzz` alone prints the names of all targets with their longest input, `Fuzz --seeds FILE FOLDER` writes the seeds of a
/// file into a folder, and `Fuzz --line FILE` prints an input as such a file has it.
@main
enum Fuzz {
    /// The target of this process. Set once, before libFuzzer calls ``check(_:)`` on the same thread.
    private nonisolated(unsafe) static var target: FuzzTarget?

    static func main() throws {
        let arguments = CommandLine.arguments
        switch arguments.dropFirst().first {
        case nil: print(FuzzTarget.all.map { "\($0.name) \($0.maximumBytes)" }.joined(separator: "\n"))
        case "--seeds" where arguments.count == 4: try writeSeeds(of: arguments[2], into: arguments[3])
        case "--line" where arguments.count == 3:
            print(Seeds.line(Array(try Data(contentsOf: URL(fileURLWithPath: arguments[2])))))
        case let name?:
            target = FuzzTarget.all.first { $0.name == name }
            guard target != nil else { fatalError("there is no target named \(name)") }
            run([arguments[0]] + arguments.dropFirst(2))
        }
    }

    private static func writeSeeds(of file: String, into folder: String) throws {
        for (number, seed) in Seeds.read(try String(contentsOfFile: file, encoding: .utf8)).enumerated() {
            try Data(seed).write(to: URL(fileURLWithPath: folder).appendingPathComponent("seed-\(number)"))
        }
    }

    private static func run(_ arguments: [String]) -> Never {
        // libFuzzer keeps the arguments as long as the process runs.
        var words: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = .allocate(capacity: arguments.count + 1)
        for (index, argument) in arguments.enumerated() { words?[index] = strdup(argument) }
        words?[arguments.count] = nil
        var count = CInt(arguments.count)
        exit(
            LLVMFuzzerRunDriver(&count, &words) { data, size in
                Fuzz.check(UnsafeBufferPointer(start: data, count: size))
            })
    }

    /// A broken property traps, since that is how libFuzzer learns of a finding.
    private static func check(_ bytes: UnsafeBufferPointer<UInt8>) -> CInt {
        do {
            try target?.check(Array(bytes))
            return 0
        } catch {
            fatalError("\(error)")
        }
    }
}
