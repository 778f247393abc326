/// The version of the server, as `--version`, `/api/status` and the log tell it. See CHANGELOG.md.
enum Version {
    static let current = "0.1.0"
}
