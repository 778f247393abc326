import Foundation
import Synchronization

#if canImport(Darwin)
    import Darwin
#else
    import Glibc
#endif

/// Ports nobody listens on, below the ephemeral range: above it, a client's own socket may hold the port when a server binds it.
enum FreePort {
    private static let range = 12_000..<32_000
    private static let taken = Mutex<Set<Int>>([])

    /// A port that could be bound a moment ago and that this process has not given out before.
    static func pick() throws -> Int {
        for _ in 0..<500 {
            let port = Int.random(in: range)
            guard taken.withLock({ $0.insert(port).inserted }) else { continue }
            if canBind(port) { return port }
        }
        throw TimedOut("a free port in \(range)", after: .zero)
    }

    private static func canBind(_ port: Int) -> Bool {
        #if canImport(Darwin)
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
    }
}
