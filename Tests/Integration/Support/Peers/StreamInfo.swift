import Foundation

/// What JetStream says about a stream; field names as they stand in its API.
// swift-format-ignore: AlwaysUseLowerCamelCase
struct StreamInfo: Decodable, Sendable {
    struct Configuration: Decodable, Sendable {
        struct Republish: Decodable, Sendable {
            var src: String?
            var dest: String
            var headers_only: Bool?
        }
        var subjects: [String]
        var storage: String
        var retention: String
        var max_msgs_per_subject: Int
        var max_age: Int
        var duplicate_window: Int
        var num_replicas: Int
        var discard: String
        var republish: Republish?
    }
    struct State: Decodable, Sendable {
        var messages: Int
        var last_seq: Int
    }
    var config: Configuration
    var state: State

    static func of(_ stream: String, _ peer: NATSPeer) async throws -> StreamInfo {
        let reply = try await peer.request("$JS.API.STREAM.INFO.\(stream)")
        do {
            return try JSONDecoder().decode(StreamInfo.self, from: Data(reply.utf8))
        } catch {
            throw SpawnFailed(description: "no stream \(stream): \(reply)")
        }
    }
}
