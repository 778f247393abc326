import Transport
import Wire

/// `config.json`: settings for all connections, and profiles that override them.
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
    /// The keys of a profile, which may also be outside of all profiles.
    static let keys = ["addr", "username", "room", "ca", "token_file"]

    private(set) var common = SettingsLayer()
    private(set) var profiles: [String: SettingsLayer] = [:]
    /// The profile that is used if none is named.
    private(set) var profile: String?
    private let keys: KeyReader

    /// The file's default path, in the user's own directory.
    /// - Returns: `nil` if the environment does not tell.
    static func path(environment variable: (String) -> String?) -> String? {
        // The XDG specification says to ignore paths that are not absolute.
        let chosen = variable("XDG_CONFIG_HOME").flatMap { $0.hasPrefix("/") ? $0 : nil }
        return (chosen ?? variable("HOME").map { "\($0)/.config" }).map { "\($0)/chat-client/config.json" }
    }

    /// - Parameters:
    ///   - path: the file's path, for errors and for file names relative to it.
    ///   - home: the directory that `~` stands for.
    init(json: [UInt8], path: String, home: String?) throws(UsageProblem) {
        keys = KeyReader(path: path, home: home)
        for (key, value) in try keys.fields(of: try Self.object(json, path: path), under: "") {
            switch key {
            case "profile": profile = try keys.string(value, key)
            case "profiles": try readProfiles(value)
            default: try keys.read(key, value, into: &common, known: Self.keys + ["profile", "profiles"], under: "")
            }
        }
        if profile != nil { _ = try layer(profile: nil) }
    }

    private static func object(_ json: [UInt8], path: String) throws(UsageProblem) -> JSONObject {
        let json = json.withoutByteOrderMark
        do throws(JSONSyntaxError) {
            return try JSONObject(json, keepingNested: true)
        } catch {
            throw UsageProblem("\(path) is to hold one JSON object; \(error.words(in: json))")
        }
    }

    private mutating func readProfiles(_ value: JSONObject.Value) throws(UsageProblem) {
        guard case .object(let profiles) = value else { throw keys.wrong("profiles", "an object") }
        for (name, value) in try keys.fields(of: profiles, under: "profiles.") {
            let title = "profiles.\(SafeText.name(name))"
            guard case .object(let profile) = value else { throw keys.wrong(title, "an object") }
            var layer = SettingsLayer()
            for (key, value) in try keys.fields(of: profile, under: title + ".") {
                try keys.read(key, value, into: &layer, known: Self.keys, under: title + ".")
            }
            self.profiles[name] = layer
        }
    }

    /// The settings of a profile.
    /// - Parameter name: `nil` for the profile that the file itself names.
    func layer(profile name: String?) throws(UsageProblem) -> SettingsLayer {
        guard let name = name ?? profile else { return common }
        if let layer = profiles[name] { return layer.over(common) }
        let known = profiles.keys.sorted().map(SafeText.name)
        let choice = known.isEmpty ? "it has none" : "it has: \(known.joined(separator: ", "))"
        throw UsageProblem("\(keys.path) has no profile '\(SafeText.name(name))'; \(choice)")
    }
}

/// Reads values, and throws errors that name the file and the key.
private struct KeyReader: Equatable, Sendable {
    var path: String
    var home: String?

    /// Refuses a key that occurs twice, because nobody knows which value is meant.
    func fields(of object: JSONObject, under prefix: String) throws(UsageProblem) -> [JSONObject.Field] {
        let fields = object.fields.sorted { $0.key < $1.key }
        for (field, next) in zip(fields, fields.dropFirst()) where field.key == next.key {
            throw UsageProblem("\(title(prefix + SafeText.name(field.key))) stands there twice")
        }
        return fields
    }

    func read(
        _ key: String, _ value: JSONObject.Value, into layer: inout SettingsLayer, known: [String], under prefix: String
    ) throws(UsageProblem) {
        let name = prefix + key
        switch key {
        case "addr": layer.addresses = try addresses(value, name)
        case "username":
            layer.username = try SettingsLayer.checked(try string(value, name), by: .username, named: title(name))
        case "room": layer.room = try SettingsLayer.checked(try string(value, name), by: .room, named: title(name))
        case "ca": layer.authorities = try file(value, name)
        case "token_file": layer.token = .file(try file(value, name))
        case "token":
            throw UsageProblem("\(title(prefix + "token")): a token is no setting; give its file's name as token_file")
        default:
            let nearest = Suggestion.nearest(to: key, among: known).map { "did you mean \($0)?" }
            let choice = nearest ?? "the keys are \(known.joined(separator: ", "))"
            throw UsageProblem("\(title(prefix + SafeText.name(key))): there is no such key; \(choice)")
        }
    }

    func string(_ value: JSONObject.Value, _ name: String) throws(UsageProblem) -> String {
        guard case .text(let text) = value, !text.isEmpty else { throw wrong(name, "a string, and not empty") }
        return text
    }

    private func addresses(_ value: JSONObject.Value, _ name: String) throws(UsageProblem) -> [ServerAddress] {
        let values = if case .array(let values) = value { values } else { [value] }
        var all: [ServerAddress] = []
        for value in values {
            guard case .text(let text) = value else { throw wrong(name, "an address, or a list of addresses") }
            all += try SettingsLayer.addresses(text, named: title(name))
        }
        guard !all.isEmpty else { throw wrong(name, "an address, or a list of addresses") }
        return all.withoutRepeats
    }

    func wrong(_ name: String, _ type: String) -> UsageProblem { UsageProblem("\(title(name)) is to be \(type)") }
    private func title(_ name: String) -> String { "\(path): \(name)" }

    /// Resolves a path relative to the configuration file's folder.
    private func file(_ value: JSONObject.Value, _ name: String) throws(UsageProblem) -> String {
        let file = try string(value, name)
        // The system would use the part before the NUL as the name.
        if file.utf8.contains(0) { throw wrong(name, "the name of a file, without a NUL in it") }
        if file.hasPrefix("/") { return file }
        if file.hasPrefix("~/"), let home { return home + file.dropFirst() }
        let folder = path.lastIndex(of: "/").map { path[..<$0] } ?? "."
        return "\(folder)/\(file)"
    }
}
