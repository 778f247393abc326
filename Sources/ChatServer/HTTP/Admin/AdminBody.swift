import Domain
import Service
import Wire

/// The bodies of requests that change something: one JSON object each. Fields that are not known are an error, so that a
/// misspelt one does not go unnoticed.
enum AdminBody {
    /// `{"reason"?}`, or nothing.
    struct Disconnection: Equatable {
        let reason: String

        init(_ body: [UInt8]) throws(APIError) {
            let object = try AdminBody.object(body.isEmpty ? Array("{}".utf8) : body, knowing: ["reason"])
            reason =
                try AdminBody.reading { () throws(JSONFieldError) in try object.text("reason") }
                ?? Goodbye.kicked.reason
            guard (1...Goodbye.maximumReasonBytes).contains(reason.utf8.count) else {
                throw .badRequest("reason must have 1 to \(Goodbye.maximumReasonBytes) bytes")
            }
        }
    }

    /// `{"jti"}` or `{"user","issued_before"}`, and `expires_at` with either.
    struct Revoking: Equatable {
        let revocation: Revocation
        let expiry: Timestamp?

        /// - Parameter now: `expires_at` lies behind it.
        init(_ body: [UInt8], now: Timestamp) throws(APIError) {
            let object = try AdminBody.object(body, knowing: ["jti", "user", "issued_before", "expires_at"])
            let id = try AdminBody.reading { () throws(JSONFieldError) in try object.text("jti") }
            let user = try AdminBody.reading { () throws(JSONFieldError) in try object.text("user") }
            let issuedBefore = try AdminBody.seconds("issued_before", object)
            switch (id, user, issuedBefore) {
            case (let id?, nil, nil):
                guard (1...Revocation.maximumTokenIDBytes).contains(id.utf8.count) else {
                    throw .badRequest("jti must have 1 to \(Revocation.maximumTokenIDBytes) bytes")
                }
                revocation = .token(id: ExactText(id))
            case (nil, let user?, let issuedBefore?):
                do throws(NameError) {
                    revocation = .tokens(of: try Username(user), issuedBefore: issuedBefore)
                } catch {
                    throw .badRequest(ChatError.invalidUsername(error).message)
                }
            default:
                throw .badRequest("name either jti, or user and issued_before")
            }
            expiry = try AdminBody.seconds("expires_at", object).map { seconds in
                let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
                return Timestamp(millisecondsSince1970: overflow ? .max : milliseconds)
            }
            guard expiry.map({ $0 > now }) ?? true else {
                throw .badRequest("expires_at is over: there is nothing to revoke")
            }
        }
    }

    static func object(_ body: [UInt8], knowing keys: Set<String>) throws(APIError) -> JSONObject {
        let object: JSONObject
        do throws(JSONSyntaxError) {
            object = try JSONObject(body)
        } catch {
            throw .badRequest("the body must be one JSON object")
        }
        guard object.fields.allSatisfy({ keys.contains($0.key) }) else {
            throw .badRequest("the body has only these fields: \(keys.sorted().joined(separator: ", "))")
        }
        return object
    }

    static func reading<Value>(_ body: () throws(JSONFieldError) -> Value) throws(APIError) -> Value {
        do throws(JSONFieldError) {
            return try body()
        } catch {
            throw .badRequest(error.description)
        }
    }

    /// A number like `iat` and `exp` (RFC 7519 §2): seconds since 1970, which may have a fraction. It is rounded down.
    private static func seconds(_ key: String, _ object: JSONObject) throws(APIError) -> Int64? {
        switch object[key] {
        case nil, .null: return nil
        case .number(let number):
            if let whole = number.whole(as: Int64.self), whole >= 0 { return whole }
            guard let value = Double(number.description), value >= 0, value < 1e15 else { break }
            return Int64(value)
        default: break
        }
        throw .badRequest("\(key) must be a number of seconds since 1970")
    }
}
