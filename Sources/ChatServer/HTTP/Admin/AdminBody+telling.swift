import Domain
import Service
import Wire

extension AdminBody {
    /// `{"room","content","id"?,"sender"?}`
    struct Publication: Equatable {
        /// Who says it if nobody is named.
        static let defaultSender = "system"

        let room: RoomName
        let content: String
        /// Nil: a fresh one.
        let id: MessageID?
        let sender: Username

        init(_ body: [UInt8]) throws(APIError) {
            let object = try AdminBody.object(body, knowing: ["room", "content", "id", "sender", "extra"])
            switch object["extra"] {
            case nil, .null: break
            default: throw .badRequest("extra is not supported by this version")
            }
            content = try AdminBody.reading { () throws(JSONFieldError) in try object.requiredText("content") }
            let room = try AdminBody.reading { () throws(JSONFieldError) in try object.requiredText("room") }
            let id = try AdminBody.reading { () throws(JSONFieldError) in try object.text("id") }
            let sender = try AdminBody.reading { () throws(JSONFieldError) in try object.text("sender") }
            do throws(ChatError) {
                self.room = try RoomName.checked(room)
                self.id = try id.map(MessageID.checked)
            } catch {
                throw APIError(error)
            }
            do throws(NameError) {
                self.sender = try Username(sender ?? Self.defaultSender)
            } catch {
                throw APIError(.invalidUsername(error))
            }
        }
    }

    /// `{"content"}`
    struct Announcing: Equatable {
        let content: String

        init(_ body: [UInt8]) throws(APIError) {
            let object = try AdminBody.object(body, knowing: ["content"])
            content = try AdminBody.reading { () throws(JSONFieldError) in try object.requiredText("content") }
        }
    }
}
