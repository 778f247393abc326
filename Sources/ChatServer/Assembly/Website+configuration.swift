import InfrastructureConfiguration
import Service

extension Website {
    /// - Throws: ``StartupError`` where `web_directory` cannot be read.
    init(_ configuration: ChatConfiguration) throws(StartupError) {
        var directory: WebDirectory?
        if !configuration.webDirectory.isEmpty {
            directory = WebDirectory(configuration.webDirectory)
            guard directory != nil else {
                throw StartupError("web_directory: \(configuration.webDirectory) is no directory that can be read")
            }
        }
        self.init(
            pages: WebPages(), policy: PagePolicy(frameAncestors: configuration.frameAncestors), directory: directory)
    }
}
