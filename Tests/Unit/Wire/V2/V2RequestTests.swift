import Testing

@testable import TestSupport
@testable import Wire

struct V2RequestTests {
    private func decode(_ json: String) throws(V2DecodingError) -> V2Request { try V2Request(json: json.utf8) }

    @Test(
        arguments: [
            (.chatMessage(content: "hi", room: nil, id: nil), #"{"type":"chat_message","content":"hi"}"#),
            (
                .chatMessage(content: "", room: "dev", id: "m-1"),
                #"{"type":"chat_message","content":"","room":"dev","id":"m-1"}"#
            ),
            (.joinRoom(V2Join(room: "dev")), #"{"type":"join_room","room":"dev"}"#),
            (
                .joinRoom(V2Join(room: "dev", resume: V2Position(after: 17, epoch: "e"), stay: true)),
                #"{"type":"join_room","room":"dev","after":17,"epoch":"e","stay":true}"#
            ),
            (
                .joinRoom(V2Join(room: "dev", resume: V2Position(after: 0, epoch: nil))),
                #"{"type":"join_room","room":"dev","after":0}"#
            ),
            (.joinRoom(V2Join(room: "dev", history: 0)), #"{"type":"join_room","room":"dev","history":0}"#),
            (.joinRoom(V2Join(room: "dev", history: 100)), #"{"type":"join_room","room":"dev","history":100}"#),
            (.leaveRoom(nil), #"{"type":"leave_room"}"#),
            (.leaveRoom("dev"), #"{"type":"leave_room","room":"dev"}"#),
            (.listUsers(room: nil), #"{"type":"list_users"}"#),
            (.listUsers(room: "dev"), #"{"type":"list_users","room":"dev"}"#),
            (.listRooms(), #"{"type":"list_rooms"}"#),
            (
                .listUsers(room: "dev", V2ListRange(after: "日 5", limit: 1000)),
                #"{"type":"list_users","room":"dev","after":"日 5","limit":1000}"#
            ),
            (.listRooms(V2ListRange(after: "", limit: 1)), #"{"type":"list_rooms","after":"","limit":1}"#),
            (
                .privateMessage(to: "bob", content: "psst", id: nil),
                #"{"type":"private_message","to":"bob","content":"psst"}"#
            ),
            (
                .privateMessage(to: "bob", content: "psst", id: "p-1"),
                #"{"type":"private_message","to":"bob","content":"psst","id":"p-1"}"#
            ),
            (.inbox(resume: nil, limit: nil), #"{"type":"inbox"}"#),
            (
                .inbox(resume: V2Position(after: 3, epoch: "e"), limit: 7),
                #"{"type":"inbox","after":3,"epoch":"e","limit":7}"#
            ),
            (.history(room: "dev", .latest, limit: nil), #"{"type":"history","room":"dev"}"#),
            (.history(room: "dev", .before(9), limit: 1), #"{"type":"history","room":"dev","before":9,"limit":1}"#),
            (
                .history(room: "dev", .after(.max), limit: 100),
                #"{"type":"history","room":"dev","after":18446744073709551615,"limit":100}"#
            ),
            (.typing(isTyping: true, room: nil), #"{"type":"typing","is_typing":true}"#),
            (.typing(isTyping: false, room: "dev"), #"{"type":"typing","is_typing":false,"room":"dev"}"#),
            (.authenticate(token: "a.b.c"), #"{"type":"authenticate","token":"a.b.c"}"#),
        ] as [(V2Command, String)])
    func `a request is these bytes, and comes back from them`(command: V2Command, json: String) throws {
        #expect(String(decoding: V2Request(command).json, as: UTF8.self) == json)
        #expect(try decode(json) == V2Request(command))
        // With a reference, too, which stands behind the type.
        let name = #"{"type":"\#(command.type)""#
        let referred = name + #","ref":"r-1""# + json.dropFirst(name.count)
        #expect(String(decoding: V2Request(command, ref: "r-1").json, as: UTF8.self) == referred)
        #expect(try decode(referred) == V2Request(command, ref: "r-1"))
    }

    @Test(
        arguments: [
            (
                #" { "room" : "x", "content":"hi" ,"type":"chat_message"} "#,
                .chatMessage(content: "hi", room: "x", id: nil)
            ),
            (
                #"{"type":"chat_message","content":"hi","sender":7,"seq":"x","timestamp":[1],"x":{"type":"y"}}"#,
                .chatMessage(content: "hi", room: nil, id: nil)
            ),
            (
                #"{"type":"chat_message","content":"hi","room":null,"id":null}"#,
                .chatMessage(content: "hi", room: nil, id: nil)
            ),
            (#"{"type":"chat_message","content":"hi","members":-1}"#, .chatMessage(content: "hi", room: nil, id: nil)),
            (#"{"type":"join_room","room":"dev","stay":false}"#, .joinRoom(V2Join(room: "dev"))),
            (#"{"type":"join_room","room":"dev","epoch":"e"}"#, .joinRoom(V2Join(room: "dev"))),
            (
                #"{"type":"join_room","room":"dev","after":1.0}"#,
                .joinRoom(V2Join(room: "dev", resume: .init(after: 1, epoch: nil)))
            ),
            (
                #"{"type":"join_room","room":"dev","after":1e2}"#,
                .joinRoom(V2Join(room: "dev", resume: .init(after: 100, epoch: nil)))
            ),
            (
                #"{"type":"join_room","room":"dev","after":-0}"#,
                .joinRoom(V2Join(room: "dev", resume: .init(after: 0, epoch: nil)))
            ),
            (#"{"type":"list_rooms","room":"dev","limit":50}"#, .listRooms(V2ListRange(limit: 50))),
            (#"{"type":"list_rooms","after":null,"limit":null}"#, .listRooms()),
            (#"{"type":"chat_message","content":"hi","after":"x"}"#, .chatMessage(content: "hi", room: nil, id: nil)),
            (#"{"\u0074ype":"leave_room","room":"\u65e5\ud83d\ude00"}"#, .leaveRoom("日😀")),
            (#"{"type":"leave_room","room":"a","room":"b","type":"list_rooms","content":1e400}"#, .leaveRoom("a")),
            (#"{"type":"list_rooms","content":7,"is_typing":"x"}"#, .listRooms()),
            (#"{"type":"history","room":"dev","limit":100,"before":0}"#, .history(room: "dev", .before(0), limit: 100)),
        ] as [(String, V2Command)])
    func `other ways to write a request mean the same`(json: String, command: V2Command) throws {
        #expect(try decode(json) == V2Request(command))
    }

    @Test(
        arguments: [
            "", " ", "null", "true", "1", "\"text\"", "[]", #"[{"type":"leave_room"}]"#, "{", "}", "{]",
            #"{"type":"leave_room""#, #"{"type":"leave_room"}}"#, #"{"type":"leave_room"} {"type":"leave_room"}"#,
            "{'type':'leave_room'}", "{type:leave_room}", "not json", "\0",
            #"{"type":"chat_message","content":"\x"}"#, "{\"type\":\"chat_message\",\"content\":\"a\nb\"}",
            #"{"type":"join_room","room":"r","after":0x10}"#, #"{"type":"join_room","room":"r","after":NaN}"#,
            #"{"type":"join_room","room":"r","after":+1}"#, #"{"type":"join_room","room":"r","after":01}"#,
            #"{"type":"list_rooms","ref":"r",}"#, #"{"type":"list_rooms","ref":"r","z":-}"#,
            #"{"type":"list_rooms","ref":"r","z":1.}"#, #"{"type":"list_rooms","ref":"r","z":01}"#,
            #"{"type":"list_rooms","ref":"r","z":"\x41"}"#, "\u{FEFF}{\"type\":\"list_rooms\"}",
            #"{"type":"list_rooms","ref":"\ud800"}"#, #"{"type":"list_rooms","ref":"r","z":[1,]}"#,
            #"{"type":"join_room","room":"r","before":1,"content":"\x"}"#,
        ])
    func `what is no JSON object is not understood, and answers to nobody`(json: String) {
        #expect(throws: V2DecodingError(reason: .notAnObject, ref: nil)) { try decode(json) }
    }

    @Test(
        arguments: [
            (#""type":1"#, "type must be a text"),
            (#""type":["leave_room"]"#, "type must be a text"),
            (#""type":"chat_message","content":1"#, "content must be a text"),
            (#""type":"chat_message","content":{"a":"b"}"#, "content must be a text"),
            (#""type":"chat_message","content":true"#, "content must be a text"),
            (#""type":"chat_message","content":"hi","room":["dev"]"#, "room must be a text"),
            (#""type":"chat_message","content":"hi","id":7"#, "id must be a text"),
            (#""type":"join_room","room":"dev","stay":"true""#, "stay must be true or false"),
            (#""type":"join_room","room":"dev","stay":1"#, "stay must be true or false"),
            (#""type":"join_room","room":"dev","epoch":5"#, "epoch must be a text"),
            (#""type":"join_room","room":"dev","after":"5""#, "after must be a whole number that is not negative"),
            (#""type":"join_room","room":"dev","after":[5]"#, "after must be a whole number that is not negative"),
            (#""type":"join_room","room":"dev","history":"5""#, "history must be a whole number that is not negative"),
            (#""type":"private_message","content":"hi","to":{}"#, "to must be a text"),
            (#""type":"typing","is_typing":"yes""#, "is_typing must be true or false"),
            (#""type":"typing","is_typing":0"#, "is_typing must be true or false"),
            (#""type":"authenticate","token":null"#, "token is missing"),
            (#""type":"chat_message""#, "content is missing"),
            (#""type":"chat_message","content":null"#, "content is missing"),
            (#""type":"join_room""#, "room is missing"),
            (#""type":"join_room","room":null"#, "room is missing"),
            (#""type":"private_message","content":"hi""#, "to is missing"),
            (#""type":"private_message","to":"bob""#, "content is missing"),
            (#""type":"history""#, "room is missing"),
            (#""type":"typing","room":"dev""#, "is_typing is missing"),
            (#""type":"authenticate""#, "token is missing"),
            (#""type":"join_room","room":"dev","history":101"#, "history must be from 0 to 100"),
            (#""type":"join_room","room":"dev","history":-1"#, "history must be from 0 to 100"),
            (#""type":"history","room":"dev","limit":0"#, "limit must be from 1 to 100"),
            (#""type":"history","room":"dev","limit":101"#, "limit must be from 1 to 100"),
            (#""type":"inbox","limit":-9223372036854775808"#, "limit must be from 1 to 100"),
            (#""type":"list_users","limit":0"#, "limit must be from 1 to 1000"),
            (#""type":"list_rooms","limit":1001"#, "limit must be from 1 to 1000"),
            (#""type":"list_users","after":"x","limit":1e30"#, "limit must be a whole number in range"),
            (#""type":"list_users","after":5"#, "after must be a text"),
            (#""type":"list_rooms","after":{}"#, "after must be a text"),
            (#""type":"history","room":"dev","after":1e400"#, "after must be a whole number in range"),
            (#""type":"history","room":"dev","after":"x""#, "after must be a whole number that is not negative"),
            (#""type":"inbox","after":"x""#, "after must be a whole number that is not negative"),
            (#""type":"history","room":"dev","before":1,"after":2"#, "history takes before or after, not both"),
        ])
    func `a field that is missing or not what it must be is named, under the request's reference`(
        fields: String, words: String
    ) {
        #expect(throws: V2DecodingError(reason: .badField(words), ref: "r-1")) {
            try decode(#"{"ref":"r-1",\#(fields)}"#)
        }
    }

    @Test(
        arguments: ["after", "before", "history", "limit"],
        ["-1", "1.5", "18446744073709551616", "1e30", "-1e30", "1e400", "123456789012345678901234567890"])
    func `a number that its field cannot have is refused by name, and never traps`(field: String, number: String) throws
    {
        let type = field == "history" ? "join_room" : "history"
        let error = #expect(throws: V2DecodingError.self) {
            try decode(#"{"type":"\#(type)","room":"dev","\#(field)":\#(number),"ref":"r"}"#)
        }
        guard case .badField(let words) = error?.reason else {
            Issue.record("not told what is wrong with it: \(error as Any)")
            return
        }
        #expect(words.hasPrefix(field + " must be "))
        #expect(error?.ref == "r")
    }

    @Test(
        arguments: [
            ("{}", ""), (#"{"type":null}"#, ""), (#"{"type":""}"#, ""), (#"{"type":"dance"}"#, "dance"),
            (#"{"type":"Chat_Message"}"#, "Chat_Message"), (#"{"type":" leave_room"}"#, " leave_room"),
            (#"{"TYPE":"leave_room"}"#, ""), (#"{"type":"ack"}"#, "ack"), (#"{"type":"welcome"}"#, "welcome"),
        ])
    func `a type that nobody knows is named`(json: String, type: String) {
        #expect(throws: V2DecodingError(reason: .unknownType(type), ref: nil)) { try decode(json) }
    }

    @Test func `a reference may have 64 characters and no more`() throws {
        for text in ["", "x", String(repeating: "日", count: 64), String(repeating: "😀", count: 64)] {
            let request = V2Request(.listRooms(), ref: text)
            #expect(try V2Request(json: request.json) == request)
        }
        for text in [String(repeating: "x", count: 65), String(repeating: "e\u{301}", count: 33)] {
            let error = #expect(throws: V2DecodingError.self) {
                try V2Request(json: V2Request(.listRooms(), ref: text).json)
            }
            // A reference that is too long is not carried back.
            #expect(error == V2DecodingError(reason: .badField("ref must not be longer than 64 characters"), ref: nil))
        }
    }

    @Test(
        arguments: [
            (#"{"type":"chat_message","content":7,"ref":"r-1"}"#, "r-1"),
            (#"{"type":"dance","ref":"r-1"}"#, "r-1"),
            (#"{"type":"chat_message","content":7,"ref":8}"#, nil),
            (#"{"type":"list_rooms","ref":8}"#, nil),
            (#"{"type":"chat_message","content":7,"ref":"\#(String(repeating: "x", count: 65))"}"#, nil),
            (#"{"type":"chat_message","content":7}"#, nil),
            (#"["r-1"]"#, nil),
        ] as [(String, String?)])
    func `whatever is wrong, the answer carries the reference where it can be read`(json: String, ref: String?) {
        let error = #expect(throws: V2DecodingError.self) { try decode(json) }
        #expect(error?.ref == ref)
    }

    @Test func `of a field that stands twice one value counts`() throws {
        let request = try decode(#"{"type":"leave_room","room":"a","room":"b","ref":"x","ref":"y"}"#)
        #expect([.leaveRoom("a"), .leaveRoom("b")].contains(request.command))
        #expect(["x", "y"].contains(request.ref))
    }

    @Test(arguments: [("[", "]"), (#"{"a":"#, "}")])
    func `deep nesting is refused or skipped, and overflows no stack`(open: String, close: String) {
        let nested = String(repeating: open, count: 10_000) + "1" + String(repeating: close, count: 10_000)
        for field in ["type", "ref", "content", "after"] {
            #expect(throws: V2DecodingError.self) { try decode(#"{"\#(field)":\#(nested)}"#) }
        }
        #expect((try? decode(#"{"type":"list_rooms","x":\#(nested)}"#).command) ?? .listRooms() == .listRooms())
    }

    @Test func `bytes that are no UTF-8 are not understood`() {
        let bytes = Array(#"{"type":"chat_message","content":""#.utf8) + [0xC3, 0x28] + Array("\"}".utf8)
        #expect(throws: V2DecodingError(reason: .notAnObject, ref: nil)) { try V2Request(json: bytes) }
    }

    @Test func `whatever is written reads back equal, and garbage is refused without harm`() throws {
        var random = SeededGenerator(seed: 0xC0FFEE)
        for _ in 0..<500 {
            let text = random.text(maximum: 30)
            let number = UInt64.random(in: 0 ... .max, using: &random)
            for command in [
                .chatMessage(content: text, room: text, id: text), .leaveRoom(text),
                .joinRoom(V2Join(room: text, resume: V2Position(after: number, epoch: text), stay: true)),
                .privateMessage(to: text, content: text, id: text), .history(room: text, .before(number), limit: 5),
                .inbox(resume: V2Position(after: number, epoch: text), limit: 9), .authenticate(token: text),
            ] as [V2Command] {
                let request = V2Request(command, ref: String(text.unicodeScalars.prefix(64)))
                #expect(try V2Request(json: request.json) == request)
            }
        }
        var understood = 0
        for _ in 0..<4000 {
            if (try? V2Request(json: random.almostJSON(maximum: 24))) != nil { understood += 1 }
        }
        #expect(understood < 4000)
    }

    @Test func `a frame with a few bytes changed is refused or read, without harm`() {
        var random = SeededGenerator(seed: 7)
        let join = V2Join(room: "日本語😀", resume: V2Position(after: 12_345, epoch: "e\"\\"), stay: true)
        let frame = V2Request(.joinRoom(join), ref: "r\n").json
        for _ in 0..<4000 {
            var bytes = frame
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = .random(in: 0...255, using: &random)
            }
            guard let request = try? V2Request(json: bytes) else { continue }
            #expect(String(validating: request.json, as: UTF8.self) != nil)
            #expect((try? V2Request(json: request.json)) == request)
        }
    }
}
