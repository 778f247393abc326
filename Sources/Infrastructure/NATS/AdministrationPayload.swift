import Domain
import Service
import Wire

/// What instances tell each other for administrators and for the limits of users, as JSON.
enum AdministrationPayload {
    static func encode(_ notice: AdministrationNotice) -> [UInt8] {
        var object = JSONObjectWriter()
        switch notice {
        case .revocation(let entry):
            object.add("type", "revocation")
            object.add("revocation", entry.revocation.text)
            object.add("until", entry.until.rfc3339Text)
        case .disconnection(let user, let reason):
            object.add("type", "disconnection")
            object.add("username", user.text)
            object.add("reason", reason)
        case .alive(let instance):
            object.add("type", "alive")
            object.add("instance", instance)
        case .question(let question):
            object.add("type", "users_asked")
            object.add("id", question.id)
            object.add("username", ifPresent: question.user?.text)
            object.add("after", ifPresent: question.after)
            object.add("limit", question.limit)
        case .answer(let answer):
            object.add("type", "users")
            object.add("id", answer.id)
            object.add("instance", answer.instance)
            object.add("users", answer.page.users) { $0.add($1) }
            object.add("more", answer.page.more)
        case .sends(let sends, let instance):
            object.add("type", "sends")
            object.add("instance", instance)
            object.add("users", sends) { object, item in
                object.add("username", item.user.text)
                object.add("count", item.count)
            }
        case .reportQuestion(let id):
            object.add("type", "instance_asked")
            object.add("id", id)
        case .report(let answer):
            object.add("type", "instance")
            object.add("id", answer.id)
            object.add("instance", answer.instance)
            object.addReport(answer.report)
        case .announcement(let announcement):
            object.add("type", "announcement")
            object.add("content", announcement.content)
            object.add("at", announcement.timestamp.rfc3339Text)
        }
        return object.finish()
    }

    /// - Returns: nil for what is none that we know: later versions may send others as well.
    static func decode(_ payload: [UInt8]) -> AdministrationNotice? {
        guard let object = try? JSONObject(payload, keepingNested: true) else { return nil }
        return try? decode(object)
    }

    private static func decode(_ object: JSONObject) throws -> AdministrationNotice? {
        switch try object.requiredText("type") {
        case "revocation":
            guard let revocation = Revocation(text: try object.requiredText("revocation")),
                let until = Timestamp(rfc3339Text: try object.requiredText("until"))
            else { return nil }
            return .revocation(RevocationEntry(revocation, until: until))
        case "disconnection":
            let reason = try object.text("reason") ?? ""
            guard reason.utf8.count <= maximumReasonBytes else { return nil }
            return .disconnection(try Username(try object.requiredText("username")), reason: reason)
        case "alive":
            return try instance(of: object).map { .alive(instance: $0) }
        case "users_asked":
            let user = try object.text("username").map { text in try Username(text) }
            let question = UsersQuestion(
                id: try object.requiredText("id"), user: user, after: try object.text("after"),
                limit: try object.requiredWhole("limit"))
            return question.id.utf8.count <= maximumIDBytes ? .question(question) : nil
        case "users":
            guard let instance = try instance(of: object) else { return nil }
            let page = ConnectedUsers(
                users: try object.objects("users").map { object in try ConnectedUser(object, on: instance) },
                more: try object.requiredFlag("more"))
            return .answer(UsersAnswer(id: try object.requiredText("id"), instance: instance, page: page))
        case "sends":
            guard let instance = try instance(of: object), let sends = try sends(of: object) else { return nil }
            return .sends(sends, instance: instance)
        case "instance_asked":
            let id = try object.requiredText("id")
            return id.utf8.count <= maximumIDBytes ? .reportQuestion(id: id) : nil
        case "instance":
            guard let instance = try instance(of: object) else { return nil }
            return .report(
                ReportAnswer(
                    id: try object.requiredText("id"), instance: instance, report: try InstanceReport(object)))
        case "announcement":
            let content = try object.requiredText("content")
            guard content.utf8.count <= maximumContentBytes,
                let timestamp = Timestamp(rfc3339Text: try object.requiredText("at"))
            else { return nil }
            return .announcement(ServerAnnouncement(content: content, timestamp: timestamp))
        default:
            return nil
        }
    }

    /// What a close frame holds (RFC 6455 §5.5).
    private static let maximumReasonBytes = 123
    /// Ours have 32 characters; they come back in an answer.
    private static let maximumIDBytes = 64
    /// The most that max_message_bytes allows.
    private static let maximumContentBytes = 32_768
    /// They are remembered for a while.
    private static let maximumInstanceBytes = 256

    /// Ours have at most 200 users.
    private static let maximumSends = 1000
    /// The greatest `rate_limit_messages`.
    private static let maximumCount = 1_000_000

    private static func sends(of object: JSONObject) throws -> [UserSends]? {
        let items = try object.objects("users")
        guard items.count <= maximumSends else { return nil }
        let sends = try items.map { item in
            UserSends(try Username(try item.requiredText("username")), try item.requiredWhole("count"))
        }
        return sends.allSatisfy { (1...maximumCount).contains($0.count) } ? sends : nil
    }

    private static func instance(of object: JSONObject) throws -> String? {
        let name = try object.requiredText("instance")
        return (1...maximumInstanceBytes).contains(name.utf8.count) ? name : nil
    }
}

extension JSONObjectWriter {
    fileprivate mutating func add(_ user: ConnectedUser) {
        add("username", user.username)
        add("sessions", user.sessions) { object, session in
            object.add("address", ifPresent: session.address)
            object.add("dialect", session.dialect)
            object.add("rooms", session.rooms)
            object.add("since", session.since.rfc3339Text)
            if session.isAway { object.add("away", true) }
        }
    }
}

extension ConnectedUser {
    fileprivate init(_ object: JSONObject, on instance: String) throws {
        self.init(
            username: try object.requiredText("username"),
            sessions: try object.objects("sessions").map { object in
                guard let since = Timestamp(rfc3339Text: try object.requiredText("since")) else {
                    throw JSONFieldError("since", .notText)
                }
                return ConnectedSession(
                    instance: instance, address: try object.text("address"),
                    dialect: try object.requiredText("dialect"), rooms: try object.texts("rooms"), since: since,
                    isAway: try object.flag("away") ?? false)
            })
    }
}

extension JSONObjectWriter {
    fileprivate mutating func addReport(_ report: InstanceReport) {
        add("version", report.version)
        add("uptime_ms", report.uptimeMilliseconds)
        add("connections", report.connections)
        add("rooms", report.rooms)
        add("messages_per_second", report.messagesPerSecond)
        add("deliveries_per_second", report.deliveriesPerSecond)
        if report.isDraining { add("draining", true) }
        add("dependencies", report.dependencies) { object, dependency in
            object.add("name", dependency.name)
            object.add("working", dependency.isWorking)
            object.add("problem", ifPresent: dependency.problem)
        }
    }
}

extension InstanceReport {
    fileprivate init(_ object: JSONObject) throws {
        self.init(
            version: try object.requiredText("version"), uptimeMilliseconds: try object.requiredWhole("uptime_ms"),
            connections: try object.requiredWhole("connections"), rooms: try object.requiredWhole("rooms"),
            messagesPerSecond: try object.requiredRate("messages_per_second"),
            deliveriesPerSecond: try object.requiredRate("deliveries_per_second"),
            isDraining: try object.flag("draining") ?? false,
            dependencies: try object.objects("dependencies").map { object in
                Dependency(
                    name: try object.requiredText("name"), isWorking: try object.requiredFlag("working"),
                    problem: try object.text("problem"))
            })
    }
}

extension JSONObject {
    fileprivate func requiredRate(_ key: String) throws -> Double {
        guard case .number(let number) = self[key], let rate = Double(number.description), rate.isFinite, rate >= 0
        else { throw JSONFieldError(key, .notNumber) }
        return rate
    }

    fileprivate func objects(_ key: String) throws -> [JSONObject] {
        guard case .array(let values) = self[key] else { throw JSONFieldError(key, .notList) }
        return try values.map { value in
            guard case .object(let object) = value else { throw JSONFieldError(key, .notList) }
            return object
        }
    }

    fileprivate func texts(_ key: String) throws -> [String] {
        guard case .array(let values) = self[key] else { throw JSONFieldError(key, .notList) }
        return try values.map { value in
            guard case .text(let text) = value else { throw JSONFieldError(key, .notList) }
            return text
        }
    }
}
