import Foundation
import Testing

extension Integration {
    /// Draws docs/client.svg from the real client's screen, and prints it as text.
    ///
    ///     CHAT_PICTURE=docs/client.svg swift test --filter ScreenPicture
    @Suite(
        .enabled(if: ProcessInfo.processInfo.environment["CHAT_PICTURE"] != nil), .serialized, .embedded)
    struct ScreenPicture {
        @Test func `a conversation`() async throws {
            let cluster = try Cluster.current
            let port = cluster[0].port
            let bob = try await cluster[0].enter("bob", room: "garden")
            let carol = try await cluster[0].enter("carol", room: "garden")
            let dana = try await cluster[0].enter("dana", room: "kitchen")
            bob.say("Morning! Did anybody water the tomatoes?")
            carol.say("I did, at six. The 日本 ones look thirsty though 🌱")
            try await eventually("both to be stored") {
                bob.texts.all.contains { $0.said?.contains("thirsty") == true }
            }

            let alice = try ScreenClient.start(
                "alice", port: port, columns: 100, rows: 24, arguments: ["-room", "garden"],
                environment: ["COLORTERM": "truecolor"])
            try await alice.isIn("garden")
            alice.enter("I can have a look at them after lunch.\u{1B}\rIs there any compost left?")
            try await alice.shows("any compost left?")
            bob.say("alice: half a bag, behind the shed")
            carol.say("/me takes off her gloves")
            let erin = try await cluster[0].enter("erin", room: "garden")
            let frank = try await cluster[0].enter("frank", room: "garden")
            try await frank.close()
            try await alice.shows("erin joined")
            alice.enter("/join +kitchen")
            try await alice.isIn("kitchen")
            dana.say("soup is ready")
            try await alice.shows("soup is ready")
            alice.enter("/msg bob thank you!")
            alice.type("\u{1B}1")
            try await alice.isIn("garden")
            dana.say("alice, are you coming?")
            let writer = try ScreenClient.start("grace", port: port, arguments: ["-room", "garden"])
            try await writer.isIn("garden")
            bob.say(
                "Here is what is left: https://example.org/garden/compost?year=2026 – a list that is longer than a row")
            try await alice.shows("longer than a row")
            writer.type("hm")
            try await alice.shows("grace is typing")
            alice.type("Thanks, both of you – I will bring the big wat")
            try await alice.shows("the big wat")
            // The port is another one each time.
            let screen = alice.screen
            print(screen.text.replacing("127.0.0.1:\(port)", with: "localhost:8080"))
            let path = try #require(ProcessInfo.processInfo.environment["CHAT_PICTURE"])
            let picture = Picture(screen).svg.replacing("127.0.0.1:\(port)", with: "localhost:8080")
            try picture.write(toFile: path, atomically: true, encoding: .utf8)
            alice.type("\u{3}")
            #expect(try await alice.quit() == .exited(0))
            for client in [bob, carol, dana, erin] { try await client.close() }
        }
    }
}

/// A terminal's screen as an SVG.
private struct Picture {
    private static let cellWidth = 8.4
    private static let rowHeight = 18.0
    private static let margin = 12.0
    private static let ink = "#d8dee9"
    private static let paper = "#1d2128"
    private static let sixteen = [
        "#3b4252", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#abb2bf",
    ]

    private let screen: VirtualTerminal

    init(_ screen: VirtualTerminal) { self.screen = screen }

    var svg: String {
        let width = Double(screen.columns) * Self.cellWidth + 2 * Self.margin
        let height = Double(screen.rows) * Self.rowHeight + 2 * Self.margin
        var lines = [
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(Self.number(width)) \#(Self.number(height))">"#,
            #"<rect width="100%" height="100%" rx="8" fill="\#(Self.paper)"/>"#,
            #"<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14">"#,
        ]
        for row in 0..<screen.rows { lines += self.row(row) }
        let x = Self.margin + Double(screen.column) * Self.cellWidth
        let y = Self.margin + Double(screen.row) * Self.rowHeight
        lines.append(
            #"<rect x="\#(Self.number(x))" y="\#(Self.number(y))" width="8.4" height="18" fill="\#(Self.ink)" "#
                + #"opacity="0.7"/>"#)
        return (lines + ["</g>", "</svg>", ""]).joined(separator: "\n")
    }

    /// Stretches of one style, each told how wide it is, since the font may have another opinion.
    private func row(_ row: Int) -> [String] {
        var elements: [String] = []
        let cells = screen.cells(row: row)
        var start = 0
        while start < cells.count {
            var end = start + 1
            while end < cells.count, cells[end].style == cells[start].style { end += 1 }
            let text = cells[start..<end].map(\.text).joined()
            let style = Look(cells[start].style)
            let x = Self.margin + Double(start) * Self.cellWidth
            let y = Self.margin + Double(row) * Self.rowHeight
            let width = Double(end - start) * Self.cellWidth
            if style.isReversed {
                elements.append(
                    #"<rect x="\#(Self.number(x))" y="\#(Self.number(y))" width="\#(Self.number(width))" "#
                        + #"height="18" fill="\#(style.colour)"/>"#)
            }
            if text.contains(where: { $0 != " " }) {
                let escaped = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
                elements.append(
                    #"<text x="\#(Self.number(x))" y="\#(Self.number(y + 13.5))" textLength="\#(Self.number(width))" "#
                        + #"xml:space="preserve" fill="\#(style.isReversed ? Self.paper : style.colour)"\#(style.rest)>"#
                        + "\(escaped)</text>")
            }
            start = end
        }
        return elements
    }

    private static func number(_ value: Double) -> String {
        let tenths = Int((value * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(tenths % 10)"
    }

    /// What the parameters of an SGR sequence make of text.
    private struct Look {
        var colour = Picture.ink
        var isReversed = false
        var rest = ""

        init(_ parameters: String) {
            var codes = parameters.split(separator: ";").compactMap { Int($0) }[...]
            while let code = codes.popFirst() {
                switch code {
                case 1: rest += #" font-weight="bold""#
                case 2: rest += #" opacity="0.55""#
                case 3: rest += #" font-style="italic""#
                case 7: isReversed = true
                case 30...37: colour = Picture.sixteen[code - 30]
                case 38 where codes.first == 2 && codes.count >= 4:
                    colour = "rgb(\(codes.dropFirst().prefix(3).map(String.init).joined(separator: ",")))"
                    codes = codes.dropFirst(4)
                default: break
                }
            }
        }
    }
}
