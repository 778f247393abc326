import Domain

extension Entry {
    /// Nil for an entry of another kind.
    var message: Message? { if case .contribution(.message(let message)) = body { message } else { nil } }
}

extension Draft {
    /// The tests that ask for it draft nothing but messages.
    var message: Message {
        switch contribution {
        case .message(let message): message
        }
    }
}
