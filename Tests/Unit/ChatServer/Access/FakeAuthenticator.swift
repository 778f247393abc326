import Domain
import Service
import Synchronization

@testable import ChatServer

/// Knows the tokens that a test gives out, and objects to nothing else.
final class FakeAuthenticator: Authenticator {
    private struct State {
        var principals: [String: Principal] = [:]
        var remembered: Set<String> = []
    }

    private let state = Mutex(State())

    /// - Parameter isRemembered: whether it is known without waiting; else from the first time on that it was asked for.
    func give(_ token: String, to principal: Principal, isRemembered: Bool = true) {
        state.withLock { state in
            state.principals[token] = principal
            if isRemembered { state.remembered.insert(token) }
        }
    }

    func remembered(_ token: String) -> Principal? {
        state.withLock { $0.remembered.contains(token) ? $0.principals[token] : nil }
    }

    func authenticate(_ token: String) async throws(AuthenticationError) -> Principal {
        let principal = state.withLock { state in
            state.remembered.insert(token)
            return state.principals[token]
        }
        guard let principal else { throw AuthenticationError("nobody knows the token") }
        return principal
    }
}

extension Principal {
    /// Somebody with a token.
    static func holder(
        _ name: String, rooms: [String]? = nil, reading: [String] = [], role: Role = .user, tokenID: String? = nil,
        expires: Timestamp? = nil
    ) throws -> Principal {
        Principal(
            username: try Username(name), kind: .token, role: role,
            permissions: Permissions(
                rooms: try rooms?.map(RoomPattern.init), readRooms: try reading.map(RoomPattern.init)),
            tokenID: tokenID, expiresAt: expires)
    }
}
