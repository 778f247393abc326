import ArgumentParser
import Foundation

#if os(Linux)
    struct FloorCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "floor",
            abstract: "What the kernel alone costs: a bare loop of send() calls, with no server.",
            discussion: """
                A process of its own sends the frames that a server would, one send() per member, and this one reads them as \
                it reads a server's. What that process used per frame is what no server on sockets can go below.
                """)

        @OptionGroup var crowd: CrowdOptions
        @Option(help: "Messages per second; 0: as fast as it goes.")
        var rate = 50.0
        @Option(help: "So many frames are joined into one send().")
        var framesPerWrite = 1
        @Option(help: ArgumentHelp("Send on this processor only.", valueName: "number"))
        var processor: Int?
        @OptionGroup var span: SpanOptions
        @OptionGroup var report: ReportOptions

        func validate() throws {
            if !(0...10_000_000).contains(rate) { throw ValidationError("--rate must be from 0 to 10000000.") }
            if !(1...1024).contains(framesPerWrite) {
                throw ValidationError("--frames-per-write must be from 1 to 1024.")
            }
            if framesPerWrite > 1, crowd.rooms > 1 {
                throw ValidationError(
                    "--frames-per-write above 1 needs --rooms 1: only one room's frames can be joined.")
            }
        }

        func run() throws {
            FileDescriptors.raiseLimit()
            let plan = crowd.plan()
            guard let frame = FloorFrame.made(for: plan) else { throw ValidationError("No frame can be made of that.") }
            let run = FloorRun(
                plan: plan, rate: rate, warmup: span.warmup, seconds: span.seconds, framesPerWrite: framesPerWrite,
                frame: frame, processor: processor)
            guard let measured = try run.run() else { throw ExitCode.interrupted }
            try report.output(measured)
        }
    }

    /// The other side of `floor`; `floor` starts it.
    struct FloorPeerCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "floor-peer", abstract: "The sending side of `floor`.", shouldDisplay: false)

        @Option var connections: Int
        @Option var processor: Int?

        func run() throws {
            FileDescriptors.raiseLimit()
            try FloorPeer.run(connections: connections, processor: processor)
        }
    }
#endif
