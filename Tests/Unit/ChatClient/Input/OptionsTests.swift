import Testing
import Transport

@testable import ChatClient

@Suite struct OptionsTests {
    @Test(arguments: ["-", "--"])
    func `Options have one dash or two`(dashes: String) {
        let arguments = ["\(dashes)addr", "h:1", "\(dashes)username", "al", "\(dashes)room", "dev"]
        guard case .options(let options) = Options.read(arguments) else {
            Issue.record("not understood")
            return
        }
        #expect(options.connecting.layer.addresses == [ServerAddress(host: "h", port: 1)])
        #expect(options.connecting.username == "al")
        #expect(options.connecting.room == "dev")
    }

    @Test func `Without options there are defaults`() {
        guard case .options(let options) = Options.read([]) else {
            Issue.record("not understood")
            return
        }
        #expect(options.connecting.layer == SettingsLayer())
        #expect(options.script.errand == .relay && !options.script.isWanted)
    }

    @Test(arguments: ["--help", "-help", "--help-hidden", "help"])
    func `Help is given when asked for by name`(argument: String) {
        guard case .information(let words) = Options.read([argument]) else {
            Issue.record("no help")
            return
        }
        #expect(words.contains("EXIT STATUS"))
    }

    @Test(arguments: [
        ["-nosuch"], ["-host", "x"], ["-h"], ["--nosuch"], ["-ahr"], ["-username"], ["-addr", "a:b"], ["stray"],
        ["-username", "a b"], ["-room", "a b"], ["--token", "secret"],
    ])
    func `A mistyped option is wrong usage, not a call for help`(arguments: [String]) {
        guard case .wrong(let words) = Options.read(arguments) else {
            Issue.record("taken as something else")
            return
        }
        #expect(words.contains("Error: "))
    }

    @Test(
        arguments: [
            (["--once", "hi"], .say("hi"), .plain), (["--tail", "5", "--json"], .show(5), .json),
            (["--listen"], .listen(showing: 0), .plain), (["--listen", "--tail", "5"], .listen(showing: 5), .plain),
            (["--plain"], .relay, .plain), (["--json"], .relay, .json),
            (["--once", "hi", "--timeout", "3"], .say("hi"), .plain),
        ] as [([String], Errand, ScriptFormat)])
    func `An errand needs no terminal`(arguments: [String], errand: Errand, format: ScriptFormat) {
        guard case .options(let options) = Options.read(arguments) else {
            Issue.record("not understood")
            return
        }
        #expect(options.script.errand == errand)
        #expect(options.script.format == format)
        #expect(options.script.isWanted)
    }

    @Test(arguments: [
        ["--plain", "--json"], ["--once", "hi", "--listen"], ["--once", "hi", "--tail", "1"], ["--once", " \n"],
        ["--tail", "0"], ["--tail", "-1"], ["--tail", "10001"], ["--tail", "101", "--listen"], ["--tail", "x"],
        ["--timeout", "0"], ["--listen", "--timeout", "5"],
    ])
    func `What makes no sense together is wrong usage`(arguments: [String]) {
        guard case .wrong = Options.read(arguments) else {
            Issue.record("taken as something else")
            return
        }
    }
}
