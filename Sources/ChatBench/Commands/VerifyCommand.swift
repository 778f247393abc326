import ArgumentParser
import Foundation
import NIOPosix
import Transport
import UnixSignals

struct VerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Have many clients talk, drop and resume, and check that every guarantee is kept.",
        discussion: """
            Servers may be killed and started while it runs: the clients come back as good clients do. Ctrl-C ends the \
            talking early; what has happened is judged all the same.

            Exit status:
              0  every guarantee was kept
              1  one was broken
              2  wrong usage
              69 no client could ever connect
            """)

    @Option(
        help: ArgumentHelp(
            "A server; repeat it, or separate several with commas. (default: localhost:8080)", valueName: "host:port"))
    var addr: [String] = []
    @Option(help: "How many users talk and listen.")
    var clients = 60
    @Option(help: "How many clients each of them has at a time; more than one needs tokens.")
    var sessions = 1
    @OptionGroup var tokens: TokenOptions
    @OptionGroup var trust: TrustOptions
    @Option(help: "How many clients of the classic dialect only listen.")
    var classic = 0
    @Option(help: "How many rooms there are.")
    var rooms = 6
    @Option(help: "In how many of them each client is.")
    var roomsPerClient = 2
    @Option(help: "Messages per second, of all clients together.")
    var rate = 100.0
    @Option(help: "How long they talk, in seconds.")
    var seconds = 30.0
    @Option(help: "How long everything may take to come to rest afterwards, in seconds.")
    var settle = 30.0
    @Option(help: "How long lists may be wrong afterwards, in seconds.")
    var listBound = 20.0
    @Option(help: "Least size of a message's content, in bytes.")
    var payload = 120
    @Option(help: "The share of messages that are private, 0 to 1.")
    var privateShare = 0.05
    @Option(help: "On average, each client drops, leaves, quits, pages or is slow every so many seconds; 0: never.")
    var mischief = 12.0
    @Option(help: "How many messages of a room the server keeps (its retention_messages_per_room).")
    var retained = 10_000
    @Flag(help: "Drop all connections at once halfway, and measure how long it takes until all have resumed.")
    var storm = false
    @Option(help: "Repeats what the clients decide at random.")
    var seed: UInt64 = .random(in: 1...UInt64(UInt32.max))
    @Option(help: ArgumentHelp("Write all that happened to this file, as NDJSON.", valueName: "file"))
    var history: String?
    @Flag(help: "Every other client offers compression.")
    var compression = false
    @Flag(help: "Print the verdict as JSON.")
    var json = false

    func validate() throws {
        _ = try addresses()
        for (name, value) in [("clients", clients), ("rooms", rooms), ("rooms-per-client", roomsPerClient)]
        where !(1...100_000).contains(value) {
            throw ValidationError("--\(name) must be from 1 to 100000.")
        }
        if !(1...16).contains(sessions) { throw ValidationError("--sessions must be from 1 to 16.") }
        if sessions > 1, tokens.signer == nil {
            throw ValidationError(
                "--sessions above 1 needs tokens (--token-secret): without them a name has one owner.")
        }
        if !(0...100_000).contains(classic) { throw ValidationError("--classic must be from 0 to 100000.") }
        if !(0...1_000_000).contains(rate) { throw ValidationError("--rate must be from 0 to 1000000.") }
        if !(0...1).contains(privateShare) { throw ValidationError("--private-share must be from 0 to 1.") }
        if !(0...60_000).contains(payload) { throw ValidationError("--payload must be from 0 to 60000.") }
        if !(1...10_000_000).contains(retained) { throw ValidationError("--retained must be from 1 to 10000000.") }
        for (name, value) in [
            ("seconds", seconds), ("settle", settle), ("mischief", mischief), ("list-bound", listBound),
        ] where !(0...864_000).contains(value) {
            throw ValidationError("--\(name) must be from 0 to 864000.")
        }
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

    private func options() throws -> VerifyOptions {
        var options = VerifyOptions(addresses: try addresses(), seed: seed, run: Self.runName())
        options.clients = clients
        options.sessions = sessions
        options.signer = tokens.signer
        options.trust = try trust.trust()
        options.classic = classic
        options.rooms = rooms
        options.roomsPerClient = roomsPerClient
        options.rate = rate
        options.duration = .seconds(seconds)
        options.settle = .seconds(settle)
        options.listBound = .seconds(listBound)
        options.payloadBytes = payload
        options.privateShare = privateShare
        options.mischief = mischief > 0 ? .seconds(mischief) : nil
        options.storm = storm
        options.compression = compression
        options.limits.retainedPerRoom = retained
        return options
    }

    /// Each run has its own rooms and names, so that older ones in the log are not mistaken for them.
    private static func runName() -> String {
        "v" + String(UInt32.random(in: .min ... .max), radix: 36)
    }

    func run() async throws {
        FileDescriptors.raiseLimit()
        let options = try options()
        StandardError.write("run \(options.run), seed \(seed)")
        var verification = Verification(options: options)
        verification.report = { StandardError.write($0) }
        let group = MultiThreadedEventLoopGroup.singleton
        let history: History
        do {
            history = try await Self.interruptible { [verification] in try await verification.run(on: group) }
        } catch Verification.Failure.neverConnected(let words) {
            StandardError.write("no client could connect: \(words)")
            throw ExitCode.unreachable
        }
        if let path = self.history { try HistoryFile.write(history, to: path) }
        try VerdictOutput.print(Judge(limits: options.limits).judge(history), asJSON: json)
    }

    /// The first Ctrl-C cancels `body`, the second ends the program.
    ///
    /// Unstructured, because the signal must cancel the run without cancelling the command, which still has to judge.
    private static func interruptible(_ body: @escaping @Sendable () async throws -> History) async throws -> History {
        let signals = await UnixSignalsSequence(trapping: .sigint)
        let run = Task { try await body() }
        let watch = Task {
            for await _ in signals {
                if run.isCancelled { Foundation.exit(130) }
                StandardError.write("ending early; what has happened will be judged")
                run.cancel()
            }
        }
        defer { watch.cancel() }
        return try await run.value
    }
}
