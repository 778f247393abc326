/// A process to be watched, `NAME=PID` on the command line.
struct WatchedProcess: Equatable, Sendable {
    var name: String
    var pid: Int32

    init?(_ argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let pid = parts.last.flatMap({ Int32($0) }), pid > 0 else { return nil }
        self.pid = pid
        name = parts.count == 2 && !parts[0].isEmpty ? String(parts[0]) : "pid \(pid)"
    }
}

/// What watched processes use over a span.
struct ProcessWatch: Sendable {
    private let processes: [WatchedProcess]
    private var begin: [ProcessReading?] = []
    private var greatest: [Int]

    init(_ processes: [WatchedProcess]) {
        self.processes = processes
        greatest = processes.map { _ in 0 }
    }

    mutating func start() { begin = processes.map { ProcessReading.read($0.pid) } }

    /// To be called now and then, for the greatest size.
    mutating func sample() {
        for (index, process) in processes.enumerated() {
            if let reading = ProcessReading.read(process.pid) {
                greatest[index] = max(greatest[index], reading.resident)
            }
        }
    }

    /// Of all processes, also those that cannot be read.
    func uses() -> [ProcessUse] {
        processes.enumerated().map { index, process in
            guard index < begin.count, let begin = begin[index], let end = ProcessReading.read(process.pid) else {
                return ProcessUse(name: process.name, pid: process.pid, isReadable: false)
            }
            return ProcessUse(
                name: process.name, pid: process.pid, isReadable: true, user: end.user - begin.user,
                kernel: end.kernel - begin.kernel, residentBefore: begin.resident, resident: end.resident,
                residentGreatest: max(greatest[index], end.resident),
                proportional: ProcessReading.proportionalSize(process.pid))
        }
    }
}

/// What a process used over a span. Sizes are in bytes.
struct ProcessUse: Codable, Equatable, Sendable {
    var name: String
    var pid: Int32
    /// False where it ended, or never was.
    var isReadable: Bool
    /// Seconds.
    var user = 0.0
    var kernel = 0.0
    var residentBefore = 0
    var resident = 0
    var residentGreatest = 0
    /// Pages shared by several counted by their share; nil where that may not be read.
    var proportional: Int?

    var processor: Double { user + kernel }

    /// Bytes that the process grew by, for each of so many.
    func growth(per count: Int) -> Int { (resident - residentBefore) / max(count, 1) }
}
