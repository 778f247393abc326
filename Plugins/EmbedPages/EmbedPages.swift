import Foundation
import PackagePlugin

/// Puts the files of `Sources/ChatServer/Web/Pages` into the program: the server serves them wherever it is copied to,
/// and a new file needs no mention in any list (docs/decisions/0036-pages-from-memory.md).
@main
struct EmbedPages: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) async throws -> [Command] {
        let folder = target.directoryURL.appending(path: "Web/Pages")
        let output = context.pluginWorkDirectoryURL.appending(path: "EmbeddedPages.swift")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        let pages = (files?.compactMap { $0 as? URL } ?? []).filter { file in
            (try? file.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true
        }
        return [
            .buildCommand(
                displayName: "Embedding \(pages.count) pages", executable: try context.tool(named: "PageEmbedder").url,
                arguments: [folder.path(percentEncoded: false), output.path(percentEncoded: false)], inputFiles: pages,
                outputFiles: [output])
        ]
    }
}
