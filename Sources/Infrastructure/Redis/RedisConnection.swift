import NIOCore

/// An open connection to one server.
struct RedisConnection: Sendable, Equatable {
    let address: RedisAddress
    private let channel: any Channel
    private let handler: NIOLoopBound<RedisConnectionHandler>

    /// On the channel's event loop only.
    init(_ channel: any Channel, _ handler: RedisConnectionHandler, to address: RedisAddress) {
        self.address = address
        self.channel = channel
        self.handler = NIOLoopBound(handler, eventLoop: channel.eventLoop)
    }

    static func == (one: RedisConnection, other: RedisConnection) -> Bool { one.channel === other.channel }

    /// Sends a command, its name first.
    func send(_ arguments: [String]) async throws(RedisError) -> RedisReply {
        let command = try RedisCommand.encode(arguments)
        let promise = channel.eventLoop.makePromise(of: RedisReply.self)
        channel.eventLoop.execute { handler.value.send(command, promise) }
        let reply: RedisReply
        do {
            reply = try await promise.futureResult.get()
        } catch let error as RedisError {
            throw error
        } catch {
            throw .disconnected
        }
        if case .error(let text) = reply { throw .answered(text) }
        return reply
    }

    func close() { channel.close(promise: nil) }

    /// Returns once the connection is closed; cancelling closes it.
    func closed() async {
        await withTaskCancellationHandler {
            // The future of a channel's closing cannot fail.
            try? await channel.closeFuture.get()
        } onCancel: {
            close()
        }
    }
}
