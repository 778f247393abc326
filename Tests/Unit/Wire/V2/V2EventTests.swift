import Foundation
import Testing

@testable import TestSupport
@testable import Wire

struct V2EventTests {
    private static let time = "2026-01-02T03:04:05.678Z"

    private static let message = V2Message(
        id: "m-1", room: "dev", sender: "alice", content: "a\"b\\c\n日", timestamp: time, sequence: 42)

    private static let copy = V2PrivateMessage(
        id: "p-1", sender: "alice", to: "bob", content: "psst", timestamp: time, sequence: 7)

    private func decode(_ json: String) throws(V2DecodingError) -> V2Frame { try V2Frame(json: json.utf8) }

    @Test(
        arguments: [
            (
                .welcome(
                    V2Welcome(
                        username: "alice", session: "s", instance: "i", version: "2.0.0", rooms: ["dev", "global"],
                        limits: .init(
                            messageBytes: 4096, messagesPerWindow: 10, windowSeconds: 5, frameBytes: 65_536,
                            roomsPerSession: 7))),
                #"{"type":"welcome","username":"alice","session":"s","instance":"i","version":"2.0.0","rooms":["dev","global"],"limits":{"message_bytes":4096,"messages_per_window":10,"window_seconds":5,"frame_bytes":65536,"rooms_per_session":7}}"#
            ),
            (
                .chatMessage(message),
                #"{"type":"chat_message","id":"m-1","room":"dev","sender":"alice","content":"a\"b\\c\n日","timestamp":"2026-01-02T03:04:05.678Z","seq":42}"#
            ),
            (
                .privateMessage(copy),
                #"{"type":"private_message","id":"p-1","sender":"alice","to":"bob","content":"psst","timestamp":"2026-01-02T03:04:05.678Z","seq":7}"#
            ),
            (
                .ack(V2Ack(id: "m-1", room: "dev", sequence: 42, timestamp: time)),
                #"{"type":"ack","id":"m-1","room":"dev","seq":42,"timestamp":"2026-01-02T03:04:05.678Z"}"#
            ),
            (
                .ack(V2Ack(id: "p-1", sequence: 7, isDuplicate: true)),
                #"{"type":"ack","id":"p-1","seq":7,"duplicate":true}"#
            ),
            (.ack(V2Ack()), #"{"type":"ack"}"#),
            (
                .joined(room: "dev", members: 3, lastSequence: .max, epoch: "e"),
                #"{"type":"joined","room":"dev","members":3,"last_seq":18446744073709551615,"epoch":"e"}"#
            ),
            (.left(room: "dev"), #"{"type":"left","room":"dev"}"#),
            (
                .history(V2History(room: "dev", messages: [], more: false, truncated: false, epoch: "e")),
                #"{"type":"history","room":"dev","messages":[],"more":false,"epoch":"e"}"#
            ),
            (
                .history(V2History(room: "dev", messages: [message], more: true, truncated: true, epoch: "e")),
                #"{"type":"history","room":"dev","messages":[{"id":"m-1","room":"dev","sender":"alice","content":"a\"b\\c\n日","timestamp":"2026-01-02T03:04:05.678Z","seq":42}],"more":true,"truncated":true,"epoch":"e"}"#
            ),
            (
                .inbox(V2Inbox(messages: [copy, copy], more: false, truncated: true, epoch: "e")),
                #"{"type":"inbox","messages":[{"id":"p-1","sender":"alice","to":"bob","content":"psst","timestamp":"2026-01-02T03:04:05.678Z","seq":7},{"id":"p-1","sender":"alice","to":"bob","content":"psst","timestamp":"2026-01-02T03:04:05.678Z","seq":7}],"more":false,"truncated":true,"epoch":"e"}"#
            ),
            (.gap(room: "dev", after: 3, before: 9), #"{"type":"gap","room":"dev","after":3,"before":9}"#),
            (.userList(room: nil, users: ["a", "b"]), #"{"type":"user_list","users":["a","b"]}"#),
            (.userList(room: "dev", users: []), #"{"type":"user_list","room":"dev","users":[]}"#),
            (.roomList([]), #"{"type":"room_list","rooms":[]}"#),
            (
                .userList(room: "dev", users: ["a"], more: true, total: 3),
                #"{"type":"user_list","room":"dev","users":["a"],"more":true,"total":3}"#
            ),
            (
                .userList(room: nil, users: ["c"], total: 3), #"{"type":"user_list","users":["c"],"total":3}"#
            ),
            (
                .roomList([V2Room(name: "dev", members: 1)], more: true, total: 2),
                #"{"type":"room_list","rooms":[{"name":"dev","members":1}],"more":true,"total":2}"#
            ),
            (
                .roomList([V2Room(name: "dev", members: 1), V2Room(name: "a \"b\"", members: 2)]),
                #"{"type":"room_list","rooms":[{"name":"dev","members":1},{"name":"a \"b\"","members":2}]}"#
            ),
            (
                .userJoined(room: "dev", username: "bob", members: 2, timestamp: time),
                #"{"type":"user_joined","room":"dev","username":"bob","members":2,"timestamp":"2026-01-02T03:04:05.678Z"}"#
            ),
            (
                .userLeft(room: "dev", username: "bob", members: nil, timestamp: time),
                #"{"type":"user_left","room":"dev","username":"bob","timestamp":"2026-01-02T03:04:05.678Z"}"#
            ),
            (
                .roomMembers(room: "dev", members: 900, joined: 7, left: 2, timestamp: time),
                #"{"type":"room_members","room":"dev","members":900,"joined":7,"left":2,"timestamp":"2026-01-02T03:04:05.678Z"}"#
            ),
            (
                .typing(room: "dev", username: "bob", isTyping: true),
                #"{"type":"typing","room":"dev","username":"bob","is_typing":true}"#
            ),
            (
                .announcement(content: "soon", timestamp: time),
                #"{"type":"announcement","content":"soon","timestamp":"2026-01-02T03:04:05.678Z"}"#
            ),
            (
                .error(code: "rate_limited", content: "slow down", retryAfterMilliseconds: 1500),
                #"{"type":"error","code":"rate_limited","content":"slow down","retry_after_ms":1500}"#
            ),
            (
                .error(code: "unavailable", content: "try again", retryAfterMilliseconds: nil),
                #"{"type":"error","code":"unavailable","content":"try again"}"#
            ),
            (
                .reconnect(reason: "the server is shutting down", delayMilliseconds: 250),
                #"{"type":"reconnect","reason":"the server is shutting down","delay_ms":250}"#
            ),
        ] as [(V2Event, String)])
    func `an event is these bytes, and comes back from them`(event: V2Event, json: String) throws {
        #expect(String(decoding: V2Frame(event).json, as: UTF8.self) == json)
        #expect(try decode(json) == V2Frame(event))
        let name = #"{"type":"\#(event.type)""#
        let referred = name + #","ref":"r-1""# + json.dropFirst(name.count)
        #expect(String(decoding: V2Frame(event, ref: "r-1").json, as: UTF8.self) == referred)
        #expect(try decode(referred) == V2Frame(event, ref: "r-1"))
    }

    @Test(
        arguments: [
            #"{"type":"left","room":"dev","x":{"type":"y"},"z":[1,2]}"#, #"{"new":null,"room":"dev","type":"left"}"#,
            #"{"type":"left","room":"dev","seq":3,"members":9}"#,
        ])
    func `fields that nobody knows are ignored`(json: String) throws {
        #expect(try decode(json) == V2Frame(.left(room: "dev")))
    }

    @Test func `a server that does not tell its frame limit has none that is known`() throws {
        let json = #"{"type":"welcome","username":"a","session":"s","limits":{"message_bytes":1}}"#
        let limits = V2Welcome.Limits(messageBytes: 1, messagesPerWindow: 0, windowSeconds: 0)
        let welcome = V2Welcome(username: "a", session: "s", instance: "", version: "", rooms: [], limits: limits)
        #expect(try decode(json).event == .welcome(welcome))
        #expect(!String(decoding: V2Frame(.welcome(welcome)).json, as: UTF8.self).contains("frame_bytes"))
    }

    @Test func `history messages may leave out the room that the frame names`() throws {
        let json =
            #"{"type":"history","room":"dev","epoch":"e","messages":[{"id":"m","sender":"a","content":"c","timestamp":"t","seq":1}]}"#
        let message = V2Message(id: "m", room: "dev", sender: "a", content: "c", timestamp: "t", sequence: 1)
        #expect(
            try decode(json).event
                == .history(V2History(room: "dev", messages: [message], more: false, truncated: false, epoch: "e")))
    }

    @Test func `an entry of a history that is no message has its type, and one of an unknown type is passed over`()
        throws
    {
        let message = V2Message(id: "m", room: "dev", sender: "a", content: "c", timestamp: "t", sequence: 1)
        let change = V2Event.gap(room: "dev", after: 2, before: 5)
        let history = V2History(
            room: "dev", entries: [V2HistoryEntry(.chatMessage(message)), V2HistoryEntry(change)], more: false,
            truncated: false, epoch: "e")
        let fields = #""room":"dev","sender":"a","content":"c","timestamp":"t","seq":1}"#
        let json =
            #"{"type":"history","room":"dev","messages":[{"id":"m",\#(fields),{"type":"gap","room":"dev","after":2,"before":5}],"more":false,"epoch":"e"}"#
        #expect(String(decoding: V2Frame(.history(history)).json, as: UTF8.self) == json)
        #expect(try decode(json).event == .history(history))
        #expect(history.messages == [message] && history.entries.last == .event(change))
        let later = json.replacing(#"{"type":"gap""#, with: #"{"type":"dance""#)
        #expect(
            try decode(later).event
                == .history(V2History(room: "dev", messages: [message], more: false, truncated: false, epoch: "e")))
        let named = json.replacing(#"{"id":"m""#, with: #"{"type":"chat_message","id":"m""#)
        #expect(try decode(named).event == .history(history))
    }

    @Test(
        arguments: [
            (#""type":"left""#, "room is missing"),
            (#""type":"joined","room":"dev","members":1,"epoch":"e""#, "last_seq is missing"),
            (#""type":"joined","room":"dev","last_seq":1,"epoch":"e""#, "members is missing"),
            (#""type":"joined","room":"dev","last_seq":1,"members":1"#, "epoch is missing"),
            (#""type":"chat_message","id":"m","room":"dev","sender":"a","content":"c""#, "seq is missing"),
            (#""type":"chat_message","room":"dev","sender":"a","content":"c","seq":1"#, "id is missing"),
            (#""type":"history","room":"dev","epoch":"e""#, "messages is missing"),
            (#""type":"inbox","messages":[]"#, "epoch is missing"),
            (#""type":"gap","room":"dev","after":1"#, "before is missing"),
            (#""type":"room_list","rooms":[{"name":"a"}]"#, "members is missing"),
            (#""type":"history","room":"dev","epoch":"e","messages":[{}]"#, "id is missing"),
            (#""type":"welcome","username":"alice""#, "session is missing"),
        ])
    func `a field that is missing is named`(fields: String, words: String) {
        #expect(throws: V2DecodingError(reason: .badField(words), ref: "r")) { try decode(#"{"ref":"r",\#(fields)}"#) }
    }

    @Test(
        arguments: [
            "", "[]", "null", "{", #"{"type":"left","room":7}"#, #"{"type":"gap","room":"r","after":-1,"before":2}"#,
            #"{"type":"gap","room":"r","after":1e30,"before":2}"#, #"{"type":"room_list","rooms":[["a"]]}"#,
            #"{"type":"history","room":"r","epoch":"e","messages":[1]}"#, #"{"type":"user_list","users":[1]}"#,
            #"{"type":"welcome","username":"a","session":"s","limits":[]}"#, #"{"type":"left","room":"r",}"#,
        ])
    func `a frame that is none is refused`(json: String) {
        #expect(throws: V2DecodingError(reason: .notAnObject, ref: nil)) { try decode(json) }
    }

    @Test func `an event that nobody knows is named`() {
        #expect(throws: V2DecodingError(reason: .unknownType("dance"), ref: nil)) { try decode(#"{"type":"dance"}"#) }
    }

    @Test func `whatever text an event holds, other parsers read the same`() throws {
        var random = SeededGenerator(seed: 0xBEEF)
        for _ in 0..<1000 {
            // Foundation's parser, which is asked as well, drops a U+FEFF behind an escape; the bytes are right.
            let text = String(random.text(maximum: 30).unicodeScalars.filter { $0 != "\u{FEFF}" })
            let message = V2Message(
                id: text, room: text, sender: text, content: text, timestamp: Self.time,
                sequence: .random(in: 0 ... .max, using: &random))
            for event in [
                .chatMessage(message), .userList(room: text, users: [text, text]),
                .roomList([V2Room(name: text, members: 1)]),
                .error(code: text, content: text, retryAfterMilliseconds: 1),
                .history(
                    V2History(room: text, messages: [message, message], more: true, truncated: true, epoch: text)),
            ] as [V2Event] {
                let frame = V2Frame(event, ref: text)
                #expect(try V2Frame(json: frame.json) == frame)
                let object = try JSONSerialization.jsonObject(with: Data(frame.json)) as? [String: Any]
                #expect((object?["ref"] as? String).map { Array($0.utf8) } == Array(text.utf8))
            }
        }
    }
}
