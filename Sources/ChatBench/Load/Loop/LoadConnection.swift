#if os(Linux)
    /// One connection's socket, how far it has come, and the few bytes that wait in either direction.
    struct LoadConnection {
        enum Phase: UInt8 {
            case new
            case connecting
            /// The request is sent, the answer's head has not ended.
            case upgrading
            /// Waits for `welcome`, or for one's own notice in the classic dialect.
            case greeting
            case joining
            case ready
            case gone
        }

        var descriptor: Int32 = -1
        var phase = Phase.new
        /// How many of its rooms have been asked for.
        var roomsAsked = 0
        var openedAt: Int64 = 0
        /// Of a closed loop: how many messages it may send now.
        var owed = 0
        /// The beginning of a frame whose rest has not come.
        var kept: [UInt8] = []
        /// What the socket did not take.
        var unsent: [UInt8] = []
        /// More room than this `kept` does not hold on to, or each connection would, for the longest frame it ever got.
        static let keptCapacity = 4096
    }
#endif
