import NIOCore
import Testing

/// An HTTP/1.1 response as it came: status, headers in order, and the body without its transfer coding.
struct HTTPAnswer: Sendable, CustomStringConvertible {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: String

    /// The first header of that name, whatever its case.
    subscript(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    var description: String { "HTTP \(status) \(headers.map { "\($0.name): \($0.value)" }) \(body)" }
}

extension HTTPAnswer {
    /// Takes one response from the front of `bytes`, or nothing where it is not complete.
    ///
    /// - Parameters:
    ///   - atEnd: the peer has closed, which is what ends a body of no stated length.
    ///   - toHEAD: it answers a request of that method: there is no body, whatever the head says.
    static func parse(_ bytes: inout ByteBuffer, atEnd: Bool, toHEAD: Bool = false) -> HTTPAnswer? {
        guard let headEnd = bytes.readableBytesView.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes.readableBytesView[..<headEnd.lowerBound], as: UTF8.self)
        let lines = head.split(separator: "\r\n")
        let words = lines.first?.split(separator: " ") ?? []
        guard words.count >= 2, let status = Int(words[1]) else { return nil }
        var answer = HTTPAnswer(
            status: status,
            headers: lines.dropFirst().compactMap { line in
                guard let colon = line.firstIndex(of: ":") else { return nil }
                let value = line[line.index(after: colon)...].drop { $0 == " " }
                return (String(line[..<colon]), String(value))
            },
            body: "")
        var rest = bytes.readableBytesView[headEnd.upperBound...]
        if status == 101 || status == 204 || status == 304 || toHEAD {
            // no body
        } else if let length = answer["content-length"].flatMap({ Int($0) }) {
            guard rest.count >= length else { return nil }
            answer.body = String(decoding: rest.prefix(length), as: UTF8.self)
            rest = rest.dropFirst(length)
        } else if answer["transfer-encoding"]?.lowercased() == "chunked" {
            guard let (body, after) = dechunk(rest) else { return nil }
            answer.body = body
            rest = after
        } else {
            guard atEnd else { return nil }
            answer.body = String(decoding: rest, as: UTF8.self)
            rest = rest.suffix(0)
        }
        bytes.moveReaderIndex(forwardBy: bytes.readableBytes - rest.count)
        return answer
    }

    private static func dechunk(_ view: ByteBufferView) -> (String, ByteBufferView)? {
        var body: [UInt8] = []
        var rest = view
        while let line = rest.firstRange(of: Array("\r\n".utf8)) {
            guard let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16),
                rest[line.upperBound...].count >= size + 2
            else { return nil }
            body += rest[line.upperBound...].prefix(size)
            rest = rest[line.upperBound...].dropFirst(size + 2)
            if size == 0 { return (String(decoding: body, as: UTF8.self), rest) }
        }
        return nil
    }
}

/// One HTTP request on a connection of its own.
enum HTTPProbe {
    static func get(
        port: Int, _ path: String, method: String = "GET", headers: [String] = [], within limit: Duration = .seconds(10)
    ) async throws -> HTTPAnswer {
        let answers = Journal<HTTPAnswer>()
        let channel = try await ByteChannel.connect(port: port) { Parser(answers: answers, toHEAD: method == "HEAD") }
        let lines = ["\(method) \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close"] + headers
        channel.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8))
        let result: Result<HTTPAnswer, any Error>
        do {
            result = .success(try await answers.next("an answer to \(method) \(path)", within: limit))
        } catch {
            result = .failure(error)
        }
        await channel.close()
        return try result.get()
    }

    /// Sends a body of JSON.
    static func post(
        port: Int, _ path: String, _ body: String, headers: [String] = []
    ) async throws -> HTTPAnswer {
        let lines =
            [
                "POST \(path) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close",
                "Content-Length: \(body.utf8.count)",
            ] + headers
        let answers = try await answers(port: port, toRequest: lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
        return try #require(answers.first)
    }

    /// Sends `request` as it is, without asking for an end, and waits until the server ends the connection by itself.
    ///
    /// - Returns: all that it answered.
    static func answers(
        port: Int, toRequest request: String, within limit: Duration = .seconds(10)
    ) async throws -> [HTTPAnswer] {
        let answers = Journal<HTTPAnswer>()
        let channel = try await ByteChannel.connect(port: port) { Parser(answers: answers) }
        channel.write(Array(request.utf8))
        let result: Result<Void, any Error>
        do {
            try await eventually(
                "the server to end the connection", within: limit, seen: { "\(answers.all)" },
                until: { answers.isFinished })
            result = .success(())
        } catch {
            result = .failure(error)
        }
        await channel.close()
        try result.get()
        return answers.all
    }

    private struct Parser: StreamParser {
        let answers: Journal<HTTPAnswer>
        var toHEAD = false

        mutating func consume(_ bytes: inout ByteBuffer, reply: (ByteBuffer) -> Void) {
            while let answer = HTTPAnswer.parse(&bytes, atEnd: false, toHEAD: toHEAD) { answers.append(answer) }
        }

        mutating func end(rest: inout ByteBuffer, error: (any Error)?) {
            if let answer = HTTPAnswer.parse(&rest, atEnd: true, toHEAD: toHEAD) { answers.append(answer) }
            answers.finish()
        }
    }
}
