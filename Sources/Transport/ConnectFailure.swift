import NIOCore
import NIOPosix

/// Explains in a few plain words why a connection could not be made.
enum ConnectFailure {
    static func words(for error: any Error) -> String {
        switch error {
        case let error as NIOConnectionError:
            if let attempt = error.connectionErrors.first { return words(for: attempt.error) }
            return error.dnsAError == nil && error.dnsAAAAError == nil ? "no address" : "the host name is not known"
        case let error as IOError: return words(forErrno: error.errnoCode)
        case ChannelError.connectTimeout: return "no answer within 10 s"
        case is SocketAddressError: return "the host name is not known"
        default: return String(describing: error)
        }
    }

    private static func words(forErrno code: CInt) -> String {
        switch code {
        case ECONNREFUSED: "connection refused"
        case ECONNRESET, EPIPE: "the connection was reset"
        case ETIMEDOUT: "no answer"
        case EHOSTUNREACH, ENETUNREACH: "no route to the host"
        default: String(cString: strerror(code)).lowercased()
        }
    }
}
