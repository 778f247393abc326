#if os(Linux)
    import CLinux
    import Glibc
    import Testing
    import Transport

    @testable import ChatBench

    @Suite("Connecting from several addresses")
    struct SocketTargetTests {
        /// A socket that listens, and its port.
        private func listen() throws -> (descriptor: Int32, port: Int) {
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = inet_addr("127.0.0.1")
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isListening = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(descriptor, $0, length) == 0 && Glibc.listen(descriptor, 16) == 0
                        && getsockname(descriptor, $0, &length) == 0
                }
            }
            try #require(isListening)
            return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
        }

        private func source(_ descriptor: Int32) throws -> String {
            var address = sockaddr_in()
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let isKnown = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) == 0 }
            }
            try #require(isKnown)
            let bytes = withUnsafeBytes(of: address.sin_addr.s_addr) { Array($0) }
            return bytes.map(String.init).joined(separator: ".")
        }

        @Test(arguments: [
            (0, "127.0.0.1"), (24_999, "127.0.0.1"), (25_000, "127.0.0.2"), (50_000, "127.0.0.3"),
        ])
        func `a pair of addresses has only so many ports`(ordinal: Int, address: String) throws {
            let listener = try listen()
            defer { close(listener.descriptor) }
            for host in ["127.0.0.1", "localhost"] {
                let target = try SocketTarget(ServerAddress(host: host, port: listener.port))
                let connection = try target.connect(ordinal: ordinal)
                defer { close(connection) }
                #expect(try source(connection) == address)
            }
        }

        @Test func `a host that nobody knows is no target`() {
            #expect(throws: SystemFailure.self) {
                try SocketTarget(ServerAddress(host: "nobody.invalid", port: 80))
            }
        }
    }
#endif
