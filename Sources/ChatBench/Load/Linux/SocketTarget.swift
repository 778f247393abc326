#if os(Linux)
    import CLinux
    import Glibc
    import Transport

    /// The target of connections: a server's address, looked up once.
    struct SocketTarget: Sendable {
        /// Between two addresses about 28,000 connections are possible, one per source port.
        private static let connectionsPerSource = 25_000

        let server: ServerAddress
        private let storage: sockaddr_storage
        private let length: socklen_t
        private let isLoopback: Bool
        private let tunnel: TLSTunnel?

        /// - Parameter tunnel: makes the connections, with TLS; nil: they are made here, without.
        init(_ server: ServerAddress, tunnel: TLSTunnel? = nil) throws(SystemFailure) {
            self.tunnel = tunnel
            var hints = addrinfo()
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
            var found: UnsafeMutablePointer<addrinfo>?
            let status = getaddrinfo(server.host, String(server.port), &hints, &found)
            defer { if let found { freeaddrinfo(found) } }
            // Many servers listen on IPv4 only, and localhost has both kinds of addresses.
            var choice = found
            while let candidate = choice, candidate.pointee.ai_family != AF_INET { choice = candidate.pointee.ai_next }
            guard status == 0, let entry = choice ?? found, let address = entry.pointee.ai_addr else {
                throw SystemFailure("\(server.host)", error: status == EAI_SYSTEM ? errno : ENOENT)
            }
            var storage = sockaddr_storage()
            length = entry.pointee.ai_addrlen
            withUnsafeMutableBytes(of: &storage) { bytes in
                bytes.copyMemory(from: UnsafeRawBufferPointer(start: address, count: Int(entry.pointee.ai_addrlen)))
            }
            self.storage = storage
            self.server = server
            isLoopback =
                entry.pointee.ai_family == AF_INET && server.host.hasPrefix("127.") || server.host == "localhost"
        }

        /// Begins to connect.
        /// - Parameter ordinal: the number of earlier connections to this target; on loopback they are spread over
        ///   source addresses.
        /// - Returns: a descriptor that becomes writable when the connection is open, or has failed.
        func connect(ordinal: Int) throws(SystemFailure) -> Int32 {
            if let tunnel {
                guard let descriptor = tunnel.connect(to: server) else { throw SystemFailure("socketpair") }
                return descriptor
            }
            let descriptor = chat_socket_make(Int32(storage.ss_family))
            if descriptor < 0 { throw SystemFailure("socket") }
            let source = ordinal / Self.connectionsPerSource
            if isLoopback, source > 0, storage.ss_family == AF_INET {
                _ = chat_socket_bind_source(descriptor, UInt32(0x7F00_0001) + UInt32(source % 250))
            }
            let result = withUnsafePointer(to: storage) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(descriptor, $0, length) }
            }
            if result != 0, errno != EINPROGRESS {
                let error = errno
                close(descriptor)
                throw SystemFailure("connect", error: error)
            }
            return descriptor
        }
    }
#endif
