#if os(Linux)
    import CLinux
    import Glibc

    /// Many connections on one thread. It connects them, sends what is due, and reads what comes into one shared
    /// buffer, in which it examines frames in place.
    ///
    /// All state is in this one value, so that nothing is allocated, reference-counted or locked per frame. One thread
    /// uses it.
    struct LoadLoop: ~Copyable {
        /// Greater than the numbers of all connections.
        static let alarmTag = UInt64.max
        static let signalTag = UInt64.max - 1
        static let readBytes = 256 << 10
        /// The size of a frame that can be kept, and of what is read after it. A server's frames may have 512 KiB and
        /// more.
        static let bufferBytes = 4 << 20

        let plan: LoadPlan
        let targets: [SocketTarget]
        /// The number of connections that are being opened at a time.
        let concurrency: Int
        let epoll: Epoll
        let buffer: UnsafeMutableRawPointer

        var alarm: Alarm
        /// The tokens with which the connections are opened, made beforehand so that signing takes no time then; empty: none.
        var tokens: [String] = []
        var book: DeliveryBook
        var connections: [LoadConnection]
        var scanner: DeliveryScanner
        /// Classic frames have the content at another position.
        var classicScanner: DeliveryScanner
        var text: ClientText
        var inflation = Inflation()
        /// Reused for the bytes that are about to be sent.
        var outbound: [UInt8] = []

        var opened = 0
        var opening = 0
        var ready = 0
        /// Rooms entered, by all connections together.
        var entered = 0
        /// Connections lost, by cause.
        var dropped: [String: Int] = [:]
        /// The time from the start of a connection until it is ready.
        var entering = LatencyRecord()
        /// Whether an answer lets its receiver send the next message; otherwise messages are sent when they are due.
        var isClosedLoop = false
        /// The connections that must ask for a room again, or send again.
        var retries: [(at: Int64, connection: Int)] = []
        /// The time since which no bytes have come.
        var lastRead: Int64 = 0
        var isInterrupted = false
        /// A frame with a message, as received: for the floor.
        var sample: [UInt8] = []
        /// The greatest number of messages that were under way at a time.
        var mostUnderWay = 0
        /// Messages that were due, and could not be sent in time.
        var neverSent = 0
        private let signals: Int32

        /// - Parameter capacity: how many messages can be under way.
        static func make(
            plan: LoadPlan, targets: [SocketTarget], concurrency: Int, capacity: Int? = nil
        ) throws(SystemFailure) -> LoadLoop {
            let epoll = try Epoll()
            let alarm = try Alarm()
            let signals = chat_signals_make()
            if signals < 0 { throw SystemFailure("signalfd") }
            try epoll.add(alarm.descriptor, tag: Self.alarmTag)
            try epoll.add(signals, tag: Self.signalTag)
            let book = DeliveryBook(
                plan: plan, capacity: capacity ?? DeliveryBook.capacity(membersPerRoom: plan.membersPerRoom))
            return LoadLoop(
                plan: plan, targets: targets, concurrency: concurrency, epoll: epoll, alarm: alarm, signals: signals,
                book: book)
        }

        private init(
            plan: LoadPlan, targets: [SocketTarget], concurrency: Int, epoll: consuming Epoll, alarm: consuming Alarm,
            signals: Int32, book: consuming DeliveryBook
        ) {
            self.plan = plan
            self.targets = targets
            self.concurrency = concurrency
            self.epoll = epoll
            self.alarm = alarm
            self.signals = signals
            self.book = book
            buffer = .allocate(byteCount: Self.bufferBytes, alignment: 64)
            connections = Array(repeating: LoadConnection(), count: plan.connections)
            scanner = DeliveryScanner(run: plan.run)
            classicScanner = DeliveryScanner(run: plan.run)
            text = ClientText(plan: plan)
        }

        deinit {
            for connection in connections where connection.descriptor >= 0 { close(connection.descriptor) }
            close(signals)
            buffer.deallocate()
        }

        /// Waits until something is ready or it is `time`, and handles it.
        mutating func turn(until time: Int64) {
            alarm.set(time)
            for index in 0..<epoll.wait() {
                let event = epoll.event(index)
                switch event.tag {
                case Self.alarmTag: alarm.acknowledge()
                case Self.signalTag: interrupt()
                default:
                    let connection = Int(event.tag)
                    if event.isWritable { writable(connection) }
                    if event.isReadable { readable(connection) }
                }
            }
        }

        /// The first signal ends the run early; a second one ends the program, as it would without this handler.
        private mutating func interrupt() {
            withUnsafeTemporaryAllocation(byteCount: 128, alignment: 8) { bytes in
                _ = read(signals, bytes.baseAddress, bytes.count)
            }
            isInterrupted = true
            chat_signals_release()
        }

        /// Closes a connection that failed, and counts it by its cause.
        mutating func drop(_ index: Int, _ cause: String) {
            let phase = connections[index].phase
            guard phase != .gone else { return }
            if connections[index].descriptor >= 0 { close(connections[index].descriptor) }
            connections[index] = LoadConnection()
            connections[index].phase = .gone
            if phase == .ready { ready -= 1 } else if phase != .new { opening -= 1 }
            dropped[phase == .ready ? cause : "while connecting: \(cause)", default: 0] += 1
            book.left(connection: index)
        }

        /// Says goodbye, so that the names are free at once.
        mutating func closeAll() {
            outbound.removeAll(keepingCapacity: true)
            ClientText.append([0x03, 0xE8], opcode: ServerFrame.close, to: &outbound)
            for index in connections.indices where connections[index].descriptor >= 0 {
                if plan.dialect != .bare, connections[index].phase.rawValue >= LoadConnection.Phase.greeting.rawValue {
                    _ = outbound.withUnsafeBytes {
                        chat_send(connections[index].descriptor, $0.baseAddress, $0.count)
                    }
                }
                close(connections[index].descriptor)
                connections[index].descriptor = -1
                connections[index].phase = .gone
            }
        }
    }
#endif
