import Transport
import Wire

/// Everything that can happen to the client.
enum ClientEvent: Equatable, Sendable {
    case started
    case connection(Attempt, ConnectionEvent)
    /// A line that the user entered, or one from a pipe.
    case line(String)
    /// A request of a view with windows.
    case asked(Ask)
    /// An input line was too long to be read.
    case lineTooLong
    /// Standard input ended, or the user pressed Ctrl-D on an empty line.
    case endOfInput
    /// Ctrl-C, or a signal that asks to end.
    case interrupted(ExitCode)
    /// The answer to ``ClientEffect/readToken(_:)``.
    case token(TokenNews)
    /// Nobody reads the output any more.
    case outputClosed
    /// Time has passed; deadlines are checked. Comes after every batch of other events.
    case tick
}

/// An action for the shell. The shell carries effects out in order.
enum ClientEffect: Equatable, Sendable {
    case connect(Attempt, UpgradeRequest)
    /// With a number, the transport reports when the operating system has taken the frame.
    case send(Attempt, number: Int?, ClientFrame)
    case close(Attempt, CloseCode)
    case abandon(Attempt)
    /// After the other effects, look for a token, and report ``ClientEvent/token(_:)`` at once. The shell builds the frame
    /// that presents the token, so that no event or effect contains it.
    case readToken(TokenUse)
    case show(Output)
    /// For views with windows only.
    case report(Happening)
    /// The line cannot be accepted now and goes back into the editor.
    case giveBack(String)
    case exit(ExitCode)
}

/// How the process ends.
enum ExitCode: Int32, Equatable, Sendable {
    case success = 0
    /// The server refused a line for good, or a command was unknown.
    case incomplete = 1
    case usage = 2
    /// `EX_UNAVAILABLE` of sysexits.h.
    case unreachable = 69
    /// `EX_IOERR` of sysexits.h: the output could not be written.
    case outputFailed = 74
    /// `EX_TEMPFAIL` of sysexits.h: the server has not confirmed every line.
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

/// Something to show to the user. The view decides how it looks, and must make strangers' words safe.
enum Output: Equatable, Sendable {
    case message(timestamp: String, room: String, sender: String, content: String)
    case privateMessage(timestamp: String, sender: String, content: String)
    /// A system message of the server.
    case system(String)
    /// The user's own message, handed to the socket (classic) or stored by the server (`chat.v2`).
    case sent(room: String, content: String)
    /// As ``sent(room:content:)``, for a private message.
    case sentPrivately(to: String, content: String)
    /// The user's own message, kept until there is a connection or the server answers.
    case waiting(String)
    /// The user's own line, which will not be sent any more, and the reason.
    case failed(line: String, reason: String)
    /// The client's own words.
    case status(String)
    /// The answer to `/help`.
    case help
    /// The answer to `/help join`.
    case helpOn(String)
}
