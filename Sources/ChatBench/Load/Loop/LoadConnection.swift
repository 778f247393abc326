#if os(Linux)
    /// One connection's socket, its state, and the few bytes that wait in either direction.
    struct LoadConnection {
        enum Phase: UInt8 {
            case new
            case connecting
            /// The request is sent, and the head of the answer has not ended.
            case upgrading
            /// Waits for `welcome`, or for its own notice in the classic dialect.
            case greeting
            case joining
            case ready
            case gone
        }

        var descriptor: Int32 = -1
        var phase = Phase.new
        /// The number of its rooms that it has asked for.
        var roomsAsked = 0
        var openedAt: Int64 = 0
        /// In a closed loop: the number of messages that it may send now.
        var owed = 0
        /// The beginning of an incomplete frame.
        var kept: [UInt8] = []
        /// The bytes that the socket has not accepted.
        var unsent: [UInt8] = []
        /// `kept` releases memory beyond this. Otherwise each connection would keep the memory for the longest frame
        /// that it ever got.
        static let keptCapacity = 4096
    }
#endif
