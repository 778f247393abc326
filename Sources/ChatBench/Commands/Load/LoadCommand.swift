import ArgumentParser
import Foundation
import Transport

/// `chat-bench load`: how much load a server can carry, and what that costs.
struct LoadCommand: ParsableCommand {
    #if os(Linux)
        private static let workloads: [any ParsableCommand.Type] = [
            FanoutCommand.self, IdleCommand.self, JoinCommand.self, AppendCommand.self, FloorCommand.self,
            SummaryCommand.self, FloorPeerCommand.self,
        ]
    #else
        private static let workloads: [any ParsableCommand.Type] = []
    #endif

    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Puts load on a service, and measures what that costs.",
        discussion: """
            Messages are sent at fixed times, whatever became of those before them, and latencies count from the time a \
            message was due. Whatever is lost, refused, repeated or out of order is found. Needs Linux.

            Exit status:
              0  nothing was lost, left unanswered, repeated or out of order, and no connection was dropped
              1  something was
              2  wrong usage
              69 no server could be reached
            """,
        subcommands: workloads)

    func run() throws {
        #if os(Linux)
            throw CleanExit.helpRequest(self)
        #else
            throw ValidationError("`chat-bench load` needs Linux: it is built on epoll.")
        #endif
    }
}
