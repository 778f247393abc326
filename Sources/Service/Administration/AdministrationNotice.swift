public import Domain

/// What instances tell each other beside the rooms: for administrators, and for the limits of users. Stored nowhere.
public enum AdministrationNotice: Equatable, Sendable {
    /// Tokens were taken back.
    case revocation(RevocationEntry)
    /// All sessions of the user are to end.
    case disconnection(Username, reason: String)
    /// The instance of that name is running. Told every second.
    case alive(instance: String)
    /// Who is connected to the others?
    case question(UsersQuestion)
    case answer(UsersAnswer)
    /// What users have sent on the instance of that name since it told last. Counts against their rate.
    case sends([UserSends], instance: String)
    /// How are the others? `id`: by which the answers are known.
    case reportQuestion(id: String)
    case report(ReportAnswer)
    /// Everybody who is connected is to see it.
    case announcement(ServerAnnouncement)
}

/// Asks every instance for a part of the list of the users that are connected to it.
public struct UsersQuestion: Equatable, Sendable {
    /// By which the answers are known.
    public let id: String
    /// Nil: all users.
    public let user: Username?
    /// What comes after this name; nil: from the beginning.
    public let after: String?
    /// Of users.
    public let limit: Int

    public init(id: String, user: Username?, after: String?, limit: Int) {
        self.id = id
        self.user = user
        self.after = after
        self.limit = limit
    }
}

/// One instance's part of the list.
public struct UsersAnswer: Equatable, Sendable {
    /// Of the question.
    public let id: String
    /// Who answers.
    public let instance: String
    public let page: ConnectedUsers

    public init(id: String, instance: String, page: ConnectedUsers) {
        self.id = id
        self.instance = instance
        self.page = page
    }
}

/// How one instance is.
public struct ReportAnswer: Equatable, Sendable {
    /// Of the question.
    public let id: String
    /// Who answers.
    public let instance: String
    public let report: InstanceReport

    public init(id: String, instance: String, report: InstanceReport) {
        self.id = id
        self.instance = instance
        self.report = report
    }
}
