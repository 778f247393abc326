#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A small file, read as a whole. Foundation is not used, because loading it takes longer than the reading.
struct SmallFile {
    /// In bytes. A larger file, for instance a disk device named by mistake, is refused.
    static let largest = 1024 * 1024

    let bytes: [UInt8]
    /// Whether it is a regular file, and not a pipe or a device.
    let isRegular: Bool
    /// The permission bits, as `chmod` shows them.
    let mode: UInt32

    enum Problem: Error, Equatable {
        case missing
        /// The reason, in words that follow the file's name.
        case unreadable(String)
    }

    init(path: String) throws(Problem) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Self.problem(errno) }
        defer { _ = close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.problem(errno) }
        isRegular = status.st_mode & S_IFMT == S_IFREG
        mode = UInt32(status.st_mode & 0o7777)
        bytes = try Self.rest(of: descriptor)
    }

    private static func rest(of descriptor: Int32) throws(Problem) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 * 1024)
        while true {
            let count = readSome(descriptor, &chunk)
            if count == 0 { return bytes }
            if count > 0 {
                bytes += chunk[..<count]
                if bytes.count > largest { throw .unreadable("is larger than 1 MiB") }
            } else if errno != EINTR {
                throw problem(errno)
            }
        }
    }

    private static func problem(_ code: Int32) -> Problem {
        switch code {
        case ENOENT, ENOTDIR: .missing
        case EACCES: .unreadable("may not be read by you")
        case EISDIR: .unreadable("is a directory")
        default: .unreadable("cannot be read: \(String(cString: strerror(code)).lowercased())")
        }
    }
}

/// Calls the system's `read`, whose name ``SmallFile`` uses for a method.
private func readSome(_ descriptor: Int32, _ chunk: inout [UInt8]) -> Int {
    read(descriptor, &chunk, chunk.count)
}

extension SmallFile {
    /// - Parameter what: the option or key that named the file.
    static func read(_ path: String, for what: String) throws(UsageProblem) -> SmallFile {
        do throws(Problem) {
            return try SmallFile(path: path)
        } catch {
            switch error {
            case .missing: throw UsageProblem("\(what): there is no file \(path)")
            case .unreadable(let words): throw UsageProblem("\(what): \(path) \(words)")
            }
        }
    }
}
