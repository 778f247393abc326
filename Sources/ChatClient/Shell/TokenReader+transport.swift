import NIOCore
import Transport
import Wire

extension TokenReader? {
    /// Looks for a token, and sends it if it was wanted for an open connection. Called on the shell's thread.
    /// - Returns: what to report to the state.
    func present(_ use: TokenUse, on transport: any ClientTransport) -> TokenNews {
        guard let (news, token) = self?.look(use) else { return .same }
        if let token, case .present(let attempt, evenIfSame: _) = use {
            let request = V2Request(.authenticate(token: token), ref: TokenRenewal.reference)
            transport.send(ByteBuffer(bytes: request.json), number: nil, on: attempt)
        }
        return news
    }
}
