import Foundation

/// Writes a Swift file that holds the files of a folder: `PageEmbedder FOLDER OUTPUT`.
///
/// Their bytes are in Base64: the compiler takes a long text in no time, and an array of as many numbers in minutes.
@main
struct PageEmbedder {
    static func main() throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 3 else { throw CocoaError(.fileNoSuchFile) }
        let folder = URL(fileURLWithPath: arguments[1], isDirectory: true)
        var lines = [
            "/// The files of Web/Pages: each with its path in that folder, and its bytes in Base64.",
            "enum EmbeddedPages {",
            "    static let files: [(path: String, base64: String)] = [",
        ]
        for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path(percentEncoded: false)).sorted() {
            let file = folder.appending(path: path)
            let isHidden = path.split(separator: "/").contains { $0.hasPrefix(".") }
            guard !isHidden, try file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else {
                continue
            }
            let bytes = try Data(contentsOf: file).base64EncodedString()
            lines.append("        (\(literal(path)), \"\(bytes)\"),")
        }
        lines += ["    ]", "}", ""]
        try lines.joined(separator: "\n").write(
            to: URL(fileURLWithPath: arguments[2]), atomically: true, encoding: .utf8)
    }

    private static func literal(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
    }
}
