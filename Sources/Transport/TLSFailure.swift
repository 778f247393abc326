import NIOCore
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Explains a failure of TLS in words that help a user, without those of the library.
enum TLSFailure {
    /// - Parameter certificate: the certificate of the server, if it was received.
    /// - Returns: `nil` if the error is not one of TLS.
    static func words(
        for error: any Error, certificate: NIOSSLCertificate?, now: time_t = time(nil)
    ) -> String? {
        if let error = error as? NIOSSLExtraError {
            switch error {
            case .failedToValidateHostname: return "its certificate is for another host name or address"
            case .serverHostnameImpossibleToMatch, .invalidSNIHostname:
                return "no certificate can be for its host name: only letters, digits, hyphens and dots"
            default: return "TLS failed (\(error))"
            }
        }
        switch error {
        case NIOSSLError.uncleanShutdown: return "the connection was cut"
        case is NIOSSLError, is BoringSSLError: break
        default: return nil
        }
        let text = "\(error)".uppercased()
        if text.contains("CERTIFICATE_VERIFY_FAILED") { return distrust(of: certificate, now: now) }
        let known = [
            ("WRONG_VERSION_NUMBER", "it does not speak TLS on this port"),
            ("HTTP_REQUEST", "it does not speak TLS on this port"),
            ("PROTOCOL_VERSION", "it does not speak TLS 1.2 or newer"),
            ("CERTIFICATE_REQUIRED", "it wants a certificate of the client, which is not supported"),
            ("EOF DURING HANDSHAKE", "it hung up instead of answering in TLS"),
        ]
        return known.first { text.contains($0.0) }?.1 ?? "TLS failed (\(error))"
    }

    /// The library only reports that a certificate was not accepted.
    private static func distrust(of certificate: NIOSSLCertificate?, now: time_t) -> String {
        if let certificate, certificate.notValidAfter <= now {
            return "its certificate expired on \(day(certificate.notValidAfter))"
        }
        if let certificate, certificate.notValidBefore > now {
            return "its certificate is not valid before \(day(certificate.notValidBefore)); is the clock right?"
        }
        return "its certificate is from an authority that is not trusted here; --ca names one to trust"
    }

    private static func day(_ time: time_t) -> String {
        var time = time
        var parts = tm()
        guard gmtime_r(&time, &parts) != nil else { return "another day" }
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    }
}
