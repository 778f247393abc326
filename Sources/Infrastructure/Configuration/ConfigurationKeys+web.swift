import Wire

/// The keys that concern browsers, and what administrators are shown.
extension ConfigurationKey {
    static var web: [ConfigurationKey] {
        [
            .path("web_directory", \.webDirectory),
            .origins("frame_ancestors", \.frameAncestors),
            .flag("monitor_texts", \.monitorTexts),
        ]
    }

    /// Whether it is the origin of a page that a browser can have got from somewhere.
    private static func isPage(_ text: String) -> Bool {
        guard case .page(let scheme, _)? = Origin(text) else { return false }
        return ["http", "https"].contains(scheme)
    }

    /// Origins, such as `https://intranet.example`. In a list, or in one text with commas.
    private static func origins(
        _ name: String, _ path: WritableKeyPath<ChatConfiguration, [String]>
    ) -> ConfigurationKey {
        ConfigurationKey(name: name) { configuration, value throws(ConfigurationError) in
            guard let texts = value.texts, texts.allSatisfy(isPage) else {
                throw .refused(
                    name, value, allowed: "a list of origins, such as https://intranet.example or http://localhost:3000"
                )
            }
            configuration[keyPath: path] = texts
        }
    }
}
