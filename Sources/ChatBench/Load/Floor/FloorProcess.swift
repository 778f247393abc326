#if os(Linux)
    import Foundation
    import Glibc
    import Transport

    /// Why a floor could not be measured.
    struct FloorFailure: Error, Equatable, CustomStringConvertible {
        var description: String

        init(_ description: String) { self.description = description }
    }

    /// The floor's other side as the reader sees it: a child process that gets an order.
    struct FloorProcess {
        private let process = Process()
        private let input = Pipe()
        private let output = Pipe()
        let port: Int

        /// Starts this program again, with the hidden command for the floor.
        init(connections: Int, processor: Int?) throws {
            // The child may end at any time; then writing to it must fail, and must not end this program.
            _ = signal(SIGPIPE, SIG_IGN)
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments =
                ["load", "floor-peer", "--connections", String(connections)]
                + (processor.map { ["--processor", String($0)] } ?? [])
            process.standardInput = input
            process.standardOutput = output
            try process.run()
            guard let port = Self.line(output).flatMap({ Int($0) }) else {
                throw FloorFailure("its other side did not start")
            }
            self.port = port
        }

        var target: SocketTarget {
            get throws(SystemFailure) { try SocketTarget(ServerAddress(host: "127.0.0.1", port: port)) }
        }

        func give(_ order: FloorOrder) throws {
            try input.fileHandleForWriting.write(contentsOf: try JSONEncoder().encode(order) + Data("\n".utf8))
        }

        /// Whether it has reported its cost, or will report nothing any more.
        var hasAnswered: Bool {
            var waiting = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
            return poll(&waiting, 1, 0) > 0
        }

        /// Waits until it is done.
        func cost() throws -> FloorCost {
            guard let line = Self.line(output) else { throw FloorFailure("its other side ended early") }
            return try JSONDecoder().decode(FloorCost.self, from: Data(line.utf8))
        }

        /// Ends it, whatever it is waiting for. It may have inherited a blocked SIGTERM.
        func stop() {
            try? input.fileHandleForWriting.close()
            if process.isRunning { kill(process.processIdentifier, SIGKILL) }
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
