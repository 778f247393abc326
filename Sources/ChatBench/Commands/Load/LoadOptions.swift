import ArgumentParser
import Foundation
import Transport

#if os(Linux)
    /// The servers, and how to connect to them.
    struct TargetOptions: ParsableArguments {
        @Option(
            help: ArgumentHelp(
                "A server; repeat it, or separate several with commas. Connections go to each in turn. "
                    + "(default: localhost:8080)", valueName: "host:port"))
        var addr: [String] = []
        @Option(help: "So many connections are opened at a time.")
        var concurrency = 64
        @OptionGroup var tokens: TokenOptions
        @OptionGroup var trust: TrustOptions
        @Flag(help: "Have the server compress messages; one that does not is a fault.")
        var compression = false

        func validate() throws {
            if !(1...10_000).contains(concurrency) { throw ValidationError("--concurrency must be from 1 to 10000.") }
            _ = try addresses()
        }

        private func addresses() throws -> [ServerAddress] {
            let texts = addr.flatMap { $0.split(separator: ",").map(String.init) }
            if texts.isEmpty { return [ServerAddress(host: "localhost", port: ServerAddress.defaultPort)] }
            return try texts.map { text in
                do throws(ServerAddress.Problem) {
                    return try ServerAddress(text)
                } catch {
                    throw ValidationError(error.description)
                }
            }
        }

        func targets() throws -> [SocketTarget] {
            let addresses = try addresses()
            let tunnel = addresses.contains(where: \.isSecure) ? try trust.tunnel() : nil
            do {
                return try addresses.map { try SocketTarget($0, tunnel: $0.isSecure ? tunnel : nil) }
            } catch let failure as SystemFailure {
                StandardError.write(failure.description)
                throw ExitCode.unreachable
            }
        }
    }

    /// How long messages are sent.
    struct SpanOptions: ParsableArguments {
        @Option(help: "How long is measured, in seconds.")
        var seconds = 10.0
        @Option(help: "How long messages are sent before, which is not measured; in seconds.")
        var warmup = 2.0
        @Option(help: "How long what is under way at the end may take to come, in seconds.")
        var settle = 30.0

        func validate() throws {
            for (name, value) in [("seconds", seconds), ("warmup", warmup), ("settle", settle)]
            where !(0...86_400).contains(value) {
                throw ValidationError("--\(name) must be from 0 to 86400.")
            }
        }
    }

    /// The processes to watch, and where the report goes.
    struct ReportOptions: ParsableArguments {
        @Option(
            help: ArgumentHelp(
                "A process whose processor time and memory are measured; repeat it for several.", valueName: "name=pid")
        )
        var pid: [String] = []
        @Option(
            help: ArgumentHelp("Write the report as JSON to this file, or to standard output.", valueName: "file|-"))
        var json: String?
        @Option(help: "What the report calls the workload.")
        var title: String?

        func validate() throws {
            for text in pid where WatchedProcess(text) == nil {
                throw ValidationError("--pid \(text) is no process: write name=pid, for example server=4711.")
            }
        }

        var watched: [WatchedProcess] { pid.compactMap { WatchedProcess($0) } }

        /// Prints the report, writes it to the file if one is named, and throws the exit status if there were faults.
        func output(_ report: LoadReport) throws {
            var report = report
            report.title = title
            if json != "-" { print(LoadTable(report: report)) }
            if let json {
                let data = try report.json
                if json == "-" {
                    try FileHandle.standardOutput.write(contentsOf: data)
                } else if !FileManager.default.createFile(atPath: json, contents: data) {
                    throw ValidationError("\(json) cannot be written.")
                }
            }
            if !report.faults.isNone { throw ExitCode.breach }
        }
    }

    extension LoadRun {
        /// Runs the workload.
        /// - Throws: `ExitCode.unreachable` if nobody could connect.
        func outcome() throws -> Outcome {
            FileDescriptors.raiseLimit()
            // Some descriptors are not sockets.
            if plan.connections + 32 > FileDescriptors.limit {
                StandardError.write(
                    "\(plan.connections) connections need as many files; \(FileDescriptors.limit) may be open (ulimit -n)"
                )
            }
            var run = self
            run.say = { StandardError.write($0) }
            guard let outcome = try run.run() else { throw ExitCode.unreachable }
            return outcome
        }
    }

    /// The rooms, their members, and the connections.
    struct CrowdOptions: ParsableArguments {
        @Option(help: "How many rooms there are.")
        var rooms = 1
        @Option(help: "How many members each room has.")
        var members = 1000
        @Option(help: "Bytes of a message's content. (default: so that a v2 delivery has about 190 bytes on the wire)")
        var size: Int?

        /// Members of all rooms.
        var everybody: Int { rooms * members }

        func validate() throws { try Self.check(rooms: rooms, members: members, size: size) }

        static func check(rooms: Int, members: Int, size: Int?) throws {
            for (name, value) in [("rooms", rooms), ("members", members)] where !(1...1_000_000).contains(value) {
                throw ValidationError("--\(name) must be from 1 to 1000000.")
            }
            if rooms * members > 2_000_000 { throw ValidationError("That is more than 2000000 members in all.") }
            if let size, !(LoadText.headerBytes...60_000).contains(size) {
                throw ValidationError("--size must be from \(LoadText.headerBytes) to 60000.")
            }
        }

        /// - Parameter connections: nil for one per member.
        func plan(connections: Int? = nil) -> LoadPlan {
            LoadPlan(rooms: rooms, members: members, connections: connections, contentBytes: size)
        }
    }
#endif
