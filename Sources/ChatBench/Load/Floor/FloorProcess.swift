#if os(Linux)
    import Foundation
    import Transport

    /// The floor's other side as its reader sees it: a child process that is told what to do.
    struct FloorProcess {
        private let process = Process()
        private let input = Pipe()
        private let output = Pipe()
        let port: Int

        /// Starts this very program again, with the hidden command for it.
        init(connections: Int, processor: Int?) throws {
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments =
                ["load", "floor-peer", "--connections", String(connections)]
                + (processor.map { ["--processor", String($0)] } ?? [])
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            guard let port = Self.line(output).flatMap({ Int($0) }) else {
                throw SystemFailure("the floor's other side", error: EPIPE)
            }
            self.port = port
        }

        var target: SocketTarget {
            get throws(SystemFailure) { try SocketTarget(ServerAddress(host: "127.0.0.1", port: port)) }
        }

        func give(_ order: FloorOrder) throws {
            try input.fileHandleForWriting.write(contentsOf: try JSONEncoder().encode(order) + Data("\n".utf8))
        }

        /// Waits until it is done.
        func cost() throws -> FloorCost {
            let line = Self.line(output) ?? ""
            try? input.fileHandleForWriting.close()
            process.waitUntilExit()
            return try JSONDecoder().decode(FloorCost.self, from: Data(line.utf8))
        }

        func stop() {
            try? input.fileHandleForWriting.close()
            if process.isRunning { process.terminate() }
            process.waitUntilExit()
        }

        private static func line(_ pipe: Pipe) -> String? {
            var bytes = Data()
            while let byte = try? pipe.fileHandleForReading.read(upToCount: 1), let first = byte.first {
                if first == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
                bytes.append(first)
            }
            return nil
        }
    }
#endif
