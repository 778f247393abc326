import CNATS

/// An error of nats.c: its status, and its own words for the last error of this thread.
struct NATSError: Error, CustomStringConvertible {
    let status: natsStatus
    let detail: String

    init(_ status: natsStatus, detail: String) {
        self.status = status
        self.detail = detail
    }

    /// Must be called on the thread that saw the failure, before any suspension, because the words are thread-local.
    init(_ status: natsStatus) {
        self.status = status
        detail = nats_GetLastError(nil).map { String(cString: $0) } ?? ""
    }

    var description: String {
        let text = String(cString: natsStatus_GetText(status))
        // nats.c begins its words with its own source line, which is cut off.
        let start = detail.hasPrefix("(") ? detail.firstRange(of: "): ")?.upperBound : nil
        let words = detail[(start ?? detail.startIndex)...]
        return words.isEmpty || words == text ? text : "\(text): \(words)"
    }
}

/// Turns a status other than `NATS_OK` into an error.
func check(_ status: natsStatus) throws(NATSError) {
    guard status == NATS_OK else { throw NATSError(status) }
}

/// A Swift value that C holds as a `void *` for as long as a C callback may run.
final class CallbackBox<Value: Sendable>: Sendable {
    private let value: Value

    private init(_ value: Value) { self.value = value }

    /// The pointer to pass to C. The caller must see to it that ``release(_:)`` is called once, after the last
    /// callback.
    static func retain(_ value: Value) -> UnsafeMutableRawPointer {
        Unmanaged.passRetained(CallbackBox(value)).toOpaque()
    }

    static func value(_ pointer: UnsafeMutableRawPointer?) -> Value? {
        pointer.map { Unmanaged<CallbackBox<Value>>.fromOpaque($0).takeUnretainedValue().value }
    }

    static func release(_ pointer: UnsafeMutableRawPointer?) {
        if let pointer { Unmanaged<CallbackBox<Value>>.fromOpaque(pointer).release() }
    }
}
