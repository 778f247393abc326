/// The client's version, as `--version` and the `User-Agent` header give it.
enum Version {
    static let current = "0.1.0"
}
