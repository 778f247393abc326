import Domain

/// What the topics have to know of an entry's content.
extension Entry {
    /// Whether it stands in the history: notices of original servers do not.
    var isMessage: Bool { message != nil }

    /// Who has said it; nil for what is no message.
    var author: String? { message?.sender }

    /// When it was said; nil for what is no message.
    var timestamp: Timestamp? { message?.timestamp }

    /// Whether readers are shown it.
    var isShown: Bool {
        switch body {
        case .message, .foreignNotice: true
        case .unknown, .unreadable: false
        }
    }
}
