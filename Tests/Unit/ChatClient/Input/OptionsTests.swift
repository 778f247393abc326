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
        #expect(options.addr == ServerAddress(host: "h", port: 1))
        #expect(options.username == "al")
        #expect(options.room == "dev")
    }

    @Test func `Without options there are defaults`() {
        guard case .options(let options) = Options.read([]) else {
            Issue.record("not understood")
            return
        }
        #expect(options.addr == ServerAddress(host: "localhost", port: 8080))
        #expect(options.username == nil)
        #expect(options.room == nil)
    }

    @Test(arguments: ["--help", "-help", "--help-hidden"])
    func `Help is given when asked for by name`(argument: String) {
        guard case .information(let words) = Options.read([argument]) else {
            Issue.record("no help")
            return
        }
        #expect(words.contains("Exit status:"))
    }

    @Test(arguments: [
        ["-nosuch"], ["-host", "x"], ["-h"], ["--nosuch"], ["-ahr"], ["-username"], ["-addr", "a:b"], ["stray"],
    ])
    func `A mistyped option is wrong usage, not a call for help`(arguments: [String]) {
        guard case .wrong(let words) = Options.read(arguments) else {
            Issue.record("taken as something else")
            return
        }
        #expect(words.contains("Error: "))
    }
}
