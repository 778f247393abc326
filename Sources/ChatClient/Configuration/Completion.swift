import Transport

/// The values that a shell offers when the user presses Tab; none if the configuration file is missing or wrong.
enum Completion {
    static func profiles() -> [String] {
        file?.profiles.keys.sorted() ?? []
    }

    static func addresses() -> [String] {
        let known = file.map { file in [file.common] + file.profiles.values } ?? []
        return Set(known.flatMap { $0.addresses ?? [] }.map(\.description) + [Settings.defaultAddress.description])
            .sorted()
    }

    private static var file: ConfigurationFile? {
        guard let path = ConfigurationFile.path(environment: Environment.variable) else { return nil }
        guard let json = try? SmallFile(path: path).bytes else { return nil }
        return try? ConfigurationFile(json: json, path: path, home: Environment.variable("HOME"))
    }
}
