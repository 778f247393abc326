import ArgumentParser
import Foundation

enum VerdictOutput {
    /// Prints the verdict, and throws the exit status if it has violations.
    static func print(_ verdict: Verdict, asJSON: Bool) throws {
        Swift.print(asJSON ? String(decoding: verdict.json, as: UTF8.self) : VerdictTable(verdict: verdict).description)
        if !verdict.isSound { throw ExitCode.breach }
    }
}

enum HistoryFile {
    static func write(_ history: History, to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil) else {
            throw ValidationError("\(path) cannot be written.")
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        try history.write { bytes in try file.write(contentsOf: Data(bytes)) }
        try file.close()
    }
}
