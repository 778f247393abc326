import Foundation
import Transport

/// `config.json`: what to use everywhere, and profiles that say more.
///
/// ```json
/// {
///   "profile": "work",
///   "username": "alice",
///   "profiles": {
///     "work": { "addr": ["wss://chat.example.org", "wss://chat2.example.org"], "token_file": "~/.chat-token" },
///     "home": { "addr": "localhost:8080", "room": "kitchen" }
///   }
/// }
/// ```
struct ConfigurationFile: Equatable, Sendable {
    /// The keys of a profile, which may also stand outside of all profiles.
    static let keys = ["addr", "username", "room", "ca", "token_file"]

    private(set) var common = SettingsLayer()
    private(set) var profiles: [String: SettingsLayer] = [:]
    /// The profile that is used where none is named.
    private(set) var profile: String?
    private let keys: KeyReader

    /// A place of its own for each user.
    /// - Returns: `nil` where the environment does not tell.
    static func path(environment variable: (String) -> String?) -> String? {
        // The XDG specification ignores what is not absolute.
        let chosen = variable("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (chosen ?? variable("HOME").map { "\($0)/.config" }).map { "\($0)/chat-client/config.json" }
    }

    /// - Parameters:
    ///   - path: for the errors, and for what the file names relative to itself.
    ///   - home: what `~` stands for.
    init(json: [UInt8], path: String, home: String?) throws(UsageProblem) {
        keys = KeyReader(path: path, home: home)
        for (key, value) in try Self.object(json, path: path).sorted(by: { $0.key < $1.key }) {
            switch key {
            case "profile": profile = try keys.string(value, key)
            case "profiles": try readProfiles(value)
            default: try keys.read(key, value, into: &common, known: Self.keys + ["profile", "profiles"], under: "")
            }
        }
        if profile != nil { _ = try layer(profile: nil) }
    }

    private static func object(_ json: [UInt8], path: String) throws(UsageProblem) -> [String: Any] {
        let value: Any
        do {
            value = try JSONSerialization.jsonObject(with: Data(json))
        } catch {
            let detail = (error as NSError).userInfo["NSDebugDescription"] as? String
            throw UsageProblem("\(path) is no JSON\(detail.map { ": \($0)" } ?? "")")
        }
        guard let object = value as? [String: Any] else { throw UsageProblem("\(path) is to hold one JSON object") }
        return object
    }

    private mutating func readProfiles(_ value: Any) throws(UsageProblem) {
        guard let profiles = value as? [String: Any] else { throw keys.wrong("profiles", "an object") }
        for (name, value) in profiles.sorted(by: { $0.key < $1.key }) {
            let title = "profiles.\(SafeText.name(name))"
            guard let profile = value as? [String: Any] else { throw keys.wrong(title, "an object") }
            var layer = SettingsLayer()
            for (key, value) in profile.sorted(by: { $0.key < $1.key }) {
                try keys.read(key, value, into: &layer, known: Self.keys, under: title + ".")
            }
            self.profiles[name] = layer
        }
    }

    /// What the file says for a profile.
    /// - Parameter name: `nil` for the file's own choice.
    func layer(profile name: String?) throws(UsageProblem) -> SettingsLayer {
        guard let name = name ?? profile else { return common }
        if let layer = profiles[name] { return layer.over(common) }
        let known = profiles.keys.sorted().map(SafeText.name)
        let choice = known.isEmpty ? "it has none" : "it has: \(known.joined(separator: ", "))"
        throw UsageProblem("\(keys.path) has no profile '\(SafeText.name(name))'; \(choice)")
    }
}

/// Reads values, and names the file and the key where one is wrong.
private struct KeyReader: Equatable, Sendable {
    var path: String
    var home: String?

    func read(
        _ key: String, _ value: Any, into layer: inout SettingsLayer, known: [String], under prefix: String
    ) throws(UsageProblem) {
        let name = prefix + key
        switch key {
        case "addr": layer.addresses = try addresses(value, name)
        case "username":
            layer.username = try SettingsLayer.checked(try string(value, name), by: .username, named: title(name))
        case "room": layer.room = try SettingsLayer.checked(try string(value, name), by: .room, named: title(name))
        case "ca": layer.authorities = file(try string(value, name))
        case "token_file": layer.token = .file(file(try string(value, name)))
        case "token":
            throw UsageProblem("\(title(prefix + "token")): a token is no setting; give its file's name as token_file")
        default:
            let nearest = Suggestion.nearest(to: key, among: known).map { "did you mean \($0)?" }
            let choice = nearest ?? "the keys are \(known.joined(separator: ", "))"
            throw UsageProblem("\(title(prefix + SafeText.name(key))): there is no such key; \(choice)")
        }
    }

    func string(_ value: Any, _ name: String) throws(UsageProblem) -> String {
        guard let text = value as? String, !text.isEmpty else { throw wrong(name, "a string, and not empty") }
        return text
    }

    private func addresses(_ value: Any, _ name: String) throws(UsageProblem) -> [ServerAddress] {
        if let text = value as? String { return try SettingsLayer.addresses(text, named: title(name)) }
        guard let texts = value as? [String], !texts.isEmpty else {
            throw wrong(name, "an address, or a list of addresses")
        }
        var all: [ServerAddress] = []
        for text in texts {
            all += try SettingsLayer.addresses(text, named: title(name))
        }
        return all.withoutRepeats
    }

    func wrong(_ name: String, _ type: String) -> UsageProblem { UsageProblem("\(title(name)) is to be \(type)") }
    private func title(_ name: String) -> String { "\(path): \(name)" }

    /// Relative to the folder that the configuration is in.
    private func file(_ file: String) -> String {
        if file.hasPrefix("/") { return file }
        if file.hasPrefix("~/"), let home { return home + file.dropFirst() }
        let folder = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
        return "\(folder)/\(file)"
    }
}
