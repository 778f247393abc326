import Domain
import HTTPTypes
import Service
import Wire

/// What administrators and their programs say.
extension AdminRoutes {
    /// Says something in a room. It is stored before the answer is given.
    func publish(_ request: Request) async throws(APIError) -> Response {
        let body = try AdminBody.Publication(request.content)
        let outcome: (draft: Draft, stored: Stored)
        do throws(ChatError) {
            outcome = try await service.publish(body.content, in: body.room, as: body.sender, id: body.id)
        } catch {
            throw APIError(error)
        }
        let (draft, stored) = outcome
        var object = JSONObjectWriter()
        object.add("id", draft.id.text)
        object.add("room", body.room.text)
        object.add("seq", stored.sequence.value)
        object.add("timestamp", ifPresent: stored.timestamp?.rfc3339Text)
        if stored.isDuplicate { object.add("duplicate", true) }
        return .json(
            String(decoding: object.finish(), as: UTF8.self), status: stored.isDuplicate ? .ok : .created)
    }

    /// Tells everybody who is connected something.
    func announce(_ request: Request) throws(APIError) -> Response {
        let body = try AdminBody.Announcing(request.content)
        do throws(ChatError) {
            try service.announce(body.content)
        } catch {
            throw APIError(error)
        }
        return .json("{}", status: .accepted)
    }
}
