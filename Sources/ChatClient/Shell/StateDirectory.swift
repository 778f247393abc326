#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The files that the client keeps from one run to the next, in `$XDG_STATE_HOME/chat-client`, which other users cannot
/// read.
///
/// They are a convenience: if the directory is not available, nothing is kept, and no error is shown.
struct StateDirectory: Sendable {
    /// The greatest number of bytes that are read of a file.
    private static let most = 1 << 20

    let path: String

    /// The directory by the XDG base directory specification; nil if the user has not even a home directory.
    static var ofUser: StateDirectory? {
        if let state = Environment.variable("XDG_STATE_HOME"), state.hasPrefix("/") {
            return StateDirectory(path: state + "/chat-client")
        }
        return Environment.variable("HOME").map { StateDirectory(path: $0 + "/.local/state/chat-client") }
    }

    /// - Returns: empty if there is no such file.
    func read(_ name: String) -> String {
        let descriptor = open("\(path)/\(name)", O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return "" }
        defer { _ = close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 * 1024)
        while bytes.count < Self.most {
            let count = Self.readSome(descriptor, &buffer)
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    func append(_ text: String, to name: String) { write(text, to: "\(path)/\(name)", O_APPEND) }

    /// Replaces a file atomically.
    func replace(_ name: String, with text: String) {
        let new = "\(path)/\(name).new"
        if write(text, to: new, O_TRUNC) { _ = rename(new, "\(path)/\(name)") }
    }

    @discardableResult
    private func write(_ text: String, to file: String, _ mode: Int32) -> Bool {
        makeDirectories()
        let descriptor = open(file, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | mode, 0o600)
        guard descriptor >= 0 else { return false }
        defer { _ = close(descriptor) }
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let count = Self.writeSome(descriptor, rest)
            if count <= 0 { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func makeDirectories() {
        var made = ""
        for part in path.split(separator: "/") {
            made += "/\(part)"
            _ = mkdir(made, 0o700)
        }
    }

    private static func readSome(_ descriptor: Int32, _ buffer: inout [UInt8]) -> Int {
        #if canImport(Glibc)
            Glibc.read(descriptor, &buffer, buffer.count)
        #elseif canImport(Musl)
            Musl.read(descriptor, &buffer, buffer.count)
        #else
            Darwin.read(descriptor, &buffer, buffer.count)
        #endif
    }

    private static func writeSome(_ descriptor: Int32, _ bytes: ArraySlice<UInt8>) -> Int {
        bytes.withUnsafeBytes { bytes in
            #if canImport(Glibc)
                Glibc.write(descriptor, bytes.baseAddress, bytes.count)
            #elseif canImport(Musl)
                Musl.write(descriptor, bytes.baseAddress, bytes.count)
            #else
                Darwin.write(descriptor, bytes.baseAddress, bytes.count)
            #endif
        }
    }
}
