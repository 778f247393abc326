/// A process to watch, `NAME=PID` on the command line.
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
    typealias Read = @Sendable (_ pid: Int32) -> ProcessReading?
    typealias ReadSize = @Sendable (_ pid: Int32) -> Int?

    private let processes: [WatchedProcess]
    private let read: Read
    private let readSize: ReadSize
    private var begin: [ProcessReading?] = []
    private var greatest: [Int]

    /// - Parameters:
    ///   - read: returns what a process has used; fast.
    ///   - readSize: its proportional size; slow.
    init(
        _ processes: [WatchedProcess], read: @escaping Read = { ProcessReading.read($0) },
        readSize: @escaping ReadSize = { ProcessReading.proportionalSize($0) }
    ) {
        self.processes = processes
        self.read = read
        self.readSize = readSize
        greatest = processes.map { _ in 0 }
    }

    mutating func start() { begin = processes.map { read($0.pid) } }

    /// Call this from time to time, to find the greatest size.
    mutating func sample() {
        for (index, process) in processes.enumerated() {
            if let reading = read(process.pid) {
                greatest[index] = max(greatest[index], reading.resident)
            }
        }
    }

    /// The values of all processes, including those that cannot be read.
    func uses() -> [ProcessUse] {
        // All readings come first: the kernel takes so long to compute a size that the next process would be charged
        // for it.
        let ends = processes.map { read($0.pid) }
        return processes.enumerated().map { index, process in
            guard index < begin.count, let begin = begin[index], let end = ends[index] else {
                return ProcessUse(name: process.name, pid: process.pid, isReadable: false)
            }
            return ProcessUse(
                name: process.name, pid: process.pid, isReadable: true, user: end.user - begin.user,
                kernel: end.kernel - begin.kernel, residentBefore: begin.resident, resident: end.resident,
                residentGreatest: max(greatest[index], end.resident),
                proportional: readSize(process.pid))
        }
    }
}

/// What a process used over a span. Sizes are in bytes.
struct ProcessUse: Codable, Equatable, Sendable {
    var name: String
    var pid: Int32
    /// False if it ended, or never existed.
    var isReadable: Bool
    /// Seconds.
    var user = 0.0
    var kernel = 0.0
    var residentBefore = 0
    var resident = 0
    var residentGreatest = 0
    /// Pages shared by several processes are counted in proportion; nil if that may not be read.
    var proportional: Int?

    var processor: Double { user + kernel }

    /// The bytes by which the process grew, for each of this many.
    func growth(per count: Int) -> Int { (resident - residentBefore) / max(count, 1) }
}
