import Testing
import Transport

@testable import ChatClient

@Suite struct SettingsTests {
    private func settings(
        _ arguments: [String] = [], _ environment: [String: String] = [:], file: String? = nil
    ) throws -> Settings {
        guard case .options(let options) = Options.read(arguments) else {
            throw UsageProblem("not understood: \(arguments)")
        }
        var environment = environment
        environment["HOME"] = "/home/al"
        return try Settings(options.connecting, environment: { environment[$0] }) { path throws(UsageProblem) in
            path == "/home/al/.config/chat-client/config.json" ? file.map { Array($0.utf8) } : nil
        }
    }

    private func problem(_ file: String, _ arguments: [String] = []) throws -> String {
        try #require(throws: UsageProblem.self) { try settings(arguments, file: file) }.description
    }

    private let file = """
        {"profile": "work", "room": "lobby", "username": "fromfile",
         "profiles": {"work": {"addr": ["w:1", "w:2"], "room": "dev", "token_file": "token", "ca": "~/ca.pem"},
                      "home": {"addr": "h:1"}}}
        """

    @Test func `Without anything there are defaults`() throws {
        let settings = try settings()
        #expect(settings.address == ServerAddress(host: "localhost", port: 8080))
        #expect(settings.otherAddresses.isEmpty)
        #expect(settings.username == nil && settings.room == nil && settings.token == nil)
    }

    @Test func `The profile goes before what the file says for all, and names files from where it is`() throws {
        let settings = try settings(file: file)
        #expect(settings.address == ServerAddress(host: "w", port: 1))
        #expect(settings.otherAddresses == [ServerAddress(host: "w", port: 2)])
        #expect(settings.room == "dev")
        #expect(settings.username == "fromfile")
        #expect(settings.token == .file("/home/al/.config/chat-client/token"))
        #expect(settings.authorities == "/home/al/ca.pem")
    }

    @Test func `A profile can be named by option or environment, the option first`() throws {
        #expect(try settings([], ["CHAT_PROFILE": "home"], file: file).address.host == "h")
        #expect(try settings(["--profile", "work"], ["CHAT_PROFILE": "home"], file: file).address.host == "w")
        #expect(try settings(["--profile", "home"], file: file).room == "lobby")
    }

    @Test func `Each value comes from the option, else the environment, else the file`() throws {
        let environment = ["CHAT_ADDR": "e:1,e:2", "CHAT_USERNAME": "fromenv", "CHAT_ROOM": "envroom"]
        let mixed = try settings(["-username", "fromflag"], environment, file: file)
        #expect(mixed.address.host == "e")
        #expect(mixed.otherAddresses.count == 1)
        #expect(mixed.username == "fromflag")
        #expect(mixed.room == "envroom")
        #expect(mixed.authorities == "/home/al/ca.pem")
        let flags = try settings(["-addr", "f:1", "--room", "r"], environment, file: file)
        #expect(flags.address.host == "f" && flags.otherAddresses.isEmpty && flags.room == "r")
    }

    @Test func `A token's file goes before a token in the environment, that before the file's`() throws {
        #expect(try settings([], ["CHAT_TOKEN": "t"], file: file).token == .value("t"))
        #expect(try settings([], ["CHAT_TOKEN": "t", "CHAT_TOKEN_FILE": "/t"], file: file).token == .value("t"))
        #expect(try settings([], ["CHAT_TOKEN_FILE": "/t"], file: file).token == .file("/t"))
        #expect(try settings(["--token-file", "x"], ["CHAT_TOKEN": "t"]).token == .file("x"))
    }

    @Test func `Addresses can be given one by one or with commas, each is tried once`() throws {
        let settings = try settings(["-addr", "a:1,b:1", "--addr", "c:1, a:1"])
        #expect(
            [settings.address] + settings.otherAddresses == ["a", "b", "c"].map { ServerAddress(host: $0, port: 1) })
    }

    @Test(arguments: [
        (#"{"usrname": "x"}"#, "did you mean username?"), (#"{"profiles": {"a": {"adr": "x"}}}"#, "profiles.a.adr"),
        (#"{"room": 5}"#, "room is to be a string"), (#"{"room": "a b"}"#, "no spaces"), (#"{"addr": []}"#, "addr"),
        (#"{"addr": "h:0"}"#, "no port"), (#"{"profiles": {"a": []}}"#, "profiles.a is to be an object"),
        (#"{"profiles": []}"#, "profiles is to be an object"), (#"{"token": "secret"}"#, "token_file"),
        (#"{"profile": "gone", "profiles": {"here": {}}}"#, "it has: here"), ("[]", "one JSON object"),
        ("{", "line 1, column 2: it ends too early"), ("{\n \"room\": \"a\",\n}", "line 2, column 13: a comma"),
        (#"{"room": "a", "room": "b"}"#, "room stands there twice"),
        (#"{"profiles": {"a": {"room": "a", "room": "b"}}}"#, "profiles.a.room stands there twice"),
        (#"{"profiles": {"a": {}, "a": {}}}"#, "profiles.a stands there twice"),
        (#"{"ca": "a\u0000b"}"#, "ca is to be the name of a file, without a NUL"),
        (#"{"token_file": "/a\u0000b"}"#, "token_file is to be the name of a file, without a NUL"),
        (#"{"addr": ["h", 5]}"#, "a list of addresses"),
        (#"{"room": true}"#, "string"), (#"{"zzz": 1}"#, "the keys are addr, username"),
    ])
    func `A mistake in the file is one line that names the file and the place`(json: String, words: String) throws {
        let problem = try problem(json)
        #expect(problem.contains(words))
        #expect(problem.contains("/home/al/.config/chat-client/config.json"))
        #expect(!problem.contains("\n") && !problem.contains("secret"))
    }

    @Test func `A byte order mark at the beginning of the file is none of its text`() throws {
        #expect(try settings([], file: "\u{FEFF}" + file) == settings([], file: file))
    }

    @Test func `A profile that is not there is named, with those that are`() throws {
        #expect(try problem(file, ["--profile", "wrok"]).contains("no profile 'wrok'; it has: home, work"))
        #expect(throws: UsageProblem.self) { try settings(["--profile", "work"]) }
    }

    @Test(arguments: [("CHAT_ADDR", "h:x"), ("CHAT_USERNAME", "a b"), ("CHAT_ROOM", "a b")])
    func `A mistake in the environment names the variable`(name: String, value: String) throws {
        let problem = try #require(throws: UsageProblem.self) { try settings([], [name: value]) }
        #expect(problem.description.hasPrefix("\(name): "))
    }

    @Test func `An authority without TLS is a misunderstanding, unless it is a profile's`() throws {
        #expect(throws: UsageProblem.self) { try settings(["--ca", "x", "-addr", "h:1"]) }
        #expect(try settings(["--ca", "x", "-addr", "wss://h"]).authorities == "x")
        #expect(try settings(["-addr", "h:1"], file: file).authorities != nil)
    }

    @Test func `A token on its way through the open is known`() throws {
        #expect(try settings(["-addr", "h:1"], ["CHAT_TOKEN": "t"]).exposesTokenTo?.host == "h")
        #expect(try settings(["-addr", "wss://h,localhost:1,127.0.0.1:2"], ["CHAT_TOKEN": "t"]).exposesTokenTo == nil)
        #expect(try settings(["-addr", "h:1"]).exposesTokenTo == nil)
    }

    @Test func `The file's place is XDG's, if that is an absolute one`() {
        func path(_ environment: [String: String]) -> String? {
            ConfigurationFile.path { environment[$0] }
        }
        #expect(path(["XDG_CONFIG_HOME": "/x", "HOME": "/h"]) == "/x/chat-client/config.json")
        #expect(path(["XDG_CONFIG_HOME": "x", "HOME": "/h"]) == "/h/.config/chat-client/config.json")
        #expect(path([:]) == nil)
    }
}
