import Foundation

/// A certificate and its key as Kubernetes mounts them: two links into a directory that is itself a link, which one step
/// sets anew.
struct MountedSecret {
    private let directory: URL

    var certificate: String { directory.appendingPathComponent("tls.crt").path }
    var key: String { directory.appendingPathComponent("tls.key").path }
    var settings: Settings { ["tls_certificate_file": .text(certificate), "tls_private_key_file": .text(key)] }

    init(_ pair: (certificate: String, key: String)) throws {
        directory = try ScratchDirectory.make("secret")
        try mount(pair)
        for name in ["tls.crt", "tls.key"] {
            try FileManager.default.createSymbolicLink(
                atPath: directory.appendingPathComponent(name).path, withDestinationPath: "..data/\(name)")
        }
    }

    /// Shows other files, both at once.
    func mount(_ pair: (certificate: String, key: String)) throws {
        let files = FileManager.default
        let version = "..\(UUID().uuidString)"
        let folder = directory.appendingPathComponent(version)
        try files.createDirectory(at: folder, withIntermediateDirectories: false)
        try files.copyItem(atPath: pair.certificate, toPath: folder.appendingPathComponent("tls.crt").path)
        try files.copyItem(atPath: pair.key, toPath: folder.appendingPathComponent("tls.key").path)
        let link = directory.appendingPathComponent("..new").path
        try files.createSymbolicLink(atPath: link, withDestinationPath: version)
        guard rename(link, directory.appendingPathComponent("..data").path) == 0 else {
            throw SpawnFailed(description: "rename: \(String(cString: strerror(errno)))")
        }
    }
}
