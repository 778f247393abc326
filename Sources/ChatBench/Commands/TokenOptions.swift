import ArgumentParser
import Foundation

/// With what the clients identify their users.
struct TokenOptions: ParsableArguments {
    /// Preferred to the option, which everybody on the machine can read.
    static let variable = "CHAT_BENCH_SECRET"

    @Option(
        help: ArgumentHelp(
            "The server's jwt_secret: each user gets a token that is signed with it. Better in the variable "
                + "\(Self.variable), since others on the machine can read options. (default: no tokens)",
            valueName: "secret"))
    var tokenSecret: String?

    private var secret: String? {
        let value = tokenSecret ?? ProcessInfo.processInfo.environment[Self.variable]
        return value?.isEmpty == true ? nil : value
    }

    func validate() throws {
        if let secret, secret.utf8.count < TokenSigner.minimumSecretBytes {
            throw ValidationError("The secret for tokens has at least \(TokenSigner.minimumSecretBytes) bytes.")
        }
    }

    /// Nil if the clients have no tokens.
    var signer: TokenSigner? {
        secret.map { TokenSigner(secret: $0, issuedAt: Int64(Date().timeIntervalSince1970)) }
    }
}
