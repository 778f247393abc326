import Domain

extension Entry {
    /// Nil for an entry of another kind.
    var message: Message? { if case .contribution(.message(let message)) = body { message } else { nil } }
}

extension Draft {
    /// Nil for a draft of another kind.
    var message: Message? { if case .message(let message) = contribution { message } else { nil } }
}
