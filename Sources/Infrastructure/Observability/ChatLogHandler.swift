import Domain
public import Logging
import Wire

/// A swift-log backend that writes one line per event, for people or as JSON, but not too many of one message at once.
public struct ChatLogHandler: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    private let label: String
    private let format: LogFormat
    private let sink: LogSink

    public init(label: String, level: Logger.Level, format: LogFormat, sink: LogSink) {
        self.label = label
        self.logLevel = level
        self.format = format
        self.sink = sink
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var suppressed = 0
        // Whoever has the server log in detail wants to see every line, and watches it.
        if logLevel >= .info {
            guard case .write(let count) = sink.pace.line("\(event.message)") else { return }
            suppressed = count
        }
        var all = metadata.merging(event.metadata ?? [:]) { _, new in new }
        if suppressed > 0 { all["suppressed"] = "\(suppressed)" }
        let fields = all.sorted { $0.key < $1.key }
        sink.write(
            Self.line(
                level: event.level, "\(event.message)", label: label, fields: fields.map { ($0.key, "\($0.value)") },
                format: format))
    }

    /// One line with its newline and the current time.
    static func line(
        level: Logger.Level, _ message: String, label: String, fields: [(key: String, value: String)],
        format: LogFormat
    ) -> String {
        let time = Timestamp.now.rfc3339Text
        switch format {
        case .text:
            var line = "\(time) \(level.rawValue) \(message)"
            for (key, value) in fields { line += " \(key)=\(quoted(value))" }
            return onOneLine(line) + "\n"
        case .json:
            var object = JSONObjectWriter(capacity: 256)
            object.add("time", time)
            object.add("level", level.rawValue)
            object.add("logger", label)
            object.add("message", message)
            for (key, value) in fields { object.add(dynamicKey: key, value) }
            return String(decoding: object.finish(), as: UTF8.self) + "\n"
        }
    }

    private static func quoted(_ value: String) -> String {
        value.contains(where: { $0.isWhitespace || $0 == "\"" }) ? "\"\(value.replacing("\"", with: "\\\""))\"" : value
    }

    /// Text from outside must not look like a separate log line.
    private static func onOneLine(_ line: String) -> String {
        line.unicodeScalars.contains(where: { $0.properties.generalCategory == .control })
            ? String(
                String.UnicodeScalarView(
                    line.unicodeScalars.map { $0.properties.generalCategory == .control ? "\u{FFFD}" : $0 }))
            : line
    }
}
