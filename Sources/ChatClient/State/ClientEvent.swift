import Transport
import Wire

/// Everything that can happen to the client.
enum ClientEvent: Equatable, Sendable {
    case started
    case connection(Attempt, ConnectionEvent)
    /// A line the user entered, or one read from a pipe.
    case line(String)
    /// A view with windows wants something.
    case asked(Ask)
    /// A line was too long to be read at all.
    case lineTooLong
    /// Standard input ended, or Ctrl-D on an empty line.
    case endOfInput
    /// Ctrl-C, or a signal that asks to end.
    case interrupted(ExitCode)
    /// Nobody reads the output any more.
    case outputClosed
    /// Time passed; deadlines are looked at. Follows every batch of other events.
    case tick
}

/// What the client is to do about it. The shell carries these out in order.
enum ClientEffect: Equatable, Sendable {
    case connect(Attempt, UpgradeRequest)
    /// With a number, the transport is to report when the operating system has it.
    case send(Attempt, number: Int?, ClientFrame)
    case close(Attempt, CloseCode)
    case abandon(Attempt)
    case show(Output)
    /// Only to a view with windows.
    case report(Happening)
    /// The line cannot be taken now: it goes back to where it was typed.
    case giveBack(String)
    case exit(ExitCode)
}

/// How the process ends.
enum ExitCode: Int32, Equatable, Sendable {
    case success = 0
    /// The server refused a line for good, or nobody understood it.
    case incomplete = 1
    case usage = 2
    /// `EX_UNAVAILABLE` of sysexits.h.
    case unreachable = 69
    /// `EX_IOERR` of sysexits.h: what was to be shown could not be written.
    case outputFailed = 74
    /// `EX_TEMPFAIL` of sysexits.h: there are lines of which the server has not said that it has them.
    case unacknowledged = 75
    /// `EX_NOPERM` of sysexits.h.
    case refused = 77
    /// 128 + the signal's number, as shells expect.
    case hangup = 129
    case interrupt = 130
    /// Nobody reads the output any more.
    case outputClosed = 141
    case terminate = 143
}

/// Something for the user to see. What it looks like is the view's business; nothing in it has been made safe yet.
enum Output: Equatable, Sendable {
    case message(timestamp: String, room: String, sender: String, content: String)
    case privateMessage(timestamp: String, sender: String, content: String)
    /// The server's words.
    case system(String)
    /// One's own message: handed to the socket (classic), or stored by the server (`chat.v2`).
    case sent(room: String, content: String)
    /// As ``sent(room:content:)``, for a private message.
    case sentPrivately(to: String, content: String)
    /// One's own message, kept until there is a connection or the server answers.
    case waiting(String)
    /// One's own line, which will not be sent any more; why, in words.
    case failed(line: String, reason: String)
    /// The client's own words.
    case status(String)
    /// The answer to `/help`.
    case help
    /// The answer to `/help join`.
    case helpOn(String)
}
