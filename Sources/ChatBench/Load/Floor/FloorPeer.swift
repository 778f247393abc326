#if os(Linux)
    import CLinux
    import Foundation

    /// The floor's other side, in a process of its own. It does what a server would do if all its work were one
    /// `send()` per member. It listens on a free port of 127.0.0.1 and prints that port on standard output, accepts all
    /// connections, reads its order from standard input, executes it, and reports the cost.
    enum FloorPeer {
        /// - Parameters:
        ///   - processor: the only processor on which it runs.
        static func run(connections: Int, processor: Int?) throws {
            if let processor, chat_pin(Int32(processor)) != 0 { throw SystemFailure("sched_setaffinity") }
            let listener = try listen(backlog: connections)
            let sockets = try accept(connections, on: listener)
            guard let line = readLine(), let order = try? JSONDecoder().decode(FloorOrder.self, from: Data(line.utf8)),
                order.rooms * order.membersPerRoom == connections
            else { throw SystemFailure("the order", error: EINVAL) }
            var round = FloorRound(order: order)
            let cost = round.run(on: sockets)
            try FileHandle.standardOutput.write(contentsOf: try JSONEncoder().encode(cost) + Data("\n".utf8))
            // The reader closes the connections when it has read everything.
            _ = readLine()
        }

        private static func listen(backlog: Int) throws(SystemFailure) -> Int32 {
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let failed = withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(listener, $0, length) != 0 || Glibc.listen(listener, Int32(min(backlog, 4096))) != 0
                        || getsockname(listener, $0, &length) != 0
                }
            }
            if listener < 0 || failed { throw SystemFailure("listen") }
            FileHandle.standardOutput.write(Data("\(UInt16(bigEndian: address.sin_port))\n".utf8))
            return listener
        }

        /// How long it waits for a connection.
        private static let patience: Int32 = 60_000

        /// Waits for a connection until the reader closes the input, or for a minute, because the connection may never
        /// come.
        private static func awaitConnection(on listener: Int32) throws(SystemFailure) {
            var waiting = [
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
                pollfd(fd: STDIN_FILENO, events: 0, revents: 0),
            ]
            let count = poll(&waiting, 2, patience)
            if count < 0 { throw SystemFailure("poll") }
            guard waiting[0].revents != 0 else { throw SystemFailure("a connection", error: ETIMEDOUT) }
        }

        /// Each connection first sends its number.
        private static func accept(_ count: Int, on listener: Int32) throws(SystemFailure) -> [Int32] {
            var sockets = Array(repeating: Int32(-1), count: count)
            for _ in 0..<count {
                try awaitConnection(on: listener)
                let socket = Glibc.accept(listener, nil, nil)
                if socket < 0 { throw SystemFailure("accept") }
                var index: UInt32 = 0
                guard recv(socket, &index, 4, Int32(MSG_WAITALL)) == 4,
                    sockets.indices.contains(Int(UInt32(littleEndian: index)))
                else { throw SystemFailure("a connection's number", error: EINVAL) }
                var on: Int32 = 1
                setsockopt(socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
                sockets[Int(UInt32(littleEndian: index))] = socket
            }
            return sockets
        }
    }

    /// The bare loop.
    struct FloorRound {
        private let order: FloorOrder
        private var frames: [UInt8]
        private var number = 0
        private var cost = FloorCost(frames: 0, writes: 0, user: 0, kernel: 0, seconds: 0, messages: 0)

        init(order: FloorOrder) {
            self.order = order
            frames = (0..<order.framesPerWrite).flatMap { _ in order.frame }
        }

        mutating func run(on sockets: [Int32]) -> FloorCost {
            var begin: (used: (user: Double, kernel: Double), at: Int64, frames: Int, writes: Int)?
            while true {
                let due = order.rate > 0 ? order.start + Int64(Double(number) * 1e9 / order.rate) : order.start
                MonotonicClock.sleep(until: due)
                let now = MonotonicClock.now()
                if begin == nil, now >= order.measureFrom {
                    begin = (ProcessorTime.used(), now, cost.frames, cost.writes)
                }
                // Frames that are due before the end are sent even if late, but not without limit.
                if order.rate > 0 ? due >= order.end || now >= order.end + 5_000_000_000 : now >= order.end { break }
                prepare()
                let room = number % order.rooms
                for socket in sockets[room * order.membersPerRoom..<(room + 1) * order.membersPerRoom] {
                    Self.send(frames, to: socket)
                }
                number += order.framesPerWrite
                cost.frames += order.framesPerWrite * order.membersPerRoom
                cost.writes += order.membersPerRoom
            }
            if let begin {
                let used = ProcessorTime.used()
                cost.user = used.user - begin.used.user
                cost.kernel = used.kernel - begin.used.kernel
                cost.seconds = Double(MonotonicClock.now() - begin.at) / 1e9
                cost.frames -= begin.frames
                cost.writes -= begin.writes
            }
            cost.messages = number
            return cost
        }

        /// Puts the next numbers into the frames.
        private mutating func prepare() {
            for copy in 0..<order.framesPerWrite {
                let start = copy * order.frame.count
                let digits = LoadText.digits(of: UInt32(truncatingIfNeeded: number + copy))
                for place in 0..<8 {
                    frames[start + order.numberAt + place] = UInt8(truncatingIfNeeded: digits >> UInt64(8 * place))
                }
                var rest = number + copy
                for place in order.sequence.reversed() {
                    // The first digit does not change, so that there is never a leading zero.
                    let isFirst = place == order.sequence.lowerBound
                    frames[start + place] = UInt8(ascii: "0") + UInt8(isFirst ? rest % 9 + 1 : rest % 10)
                    rest /= 10
                }
            }
        }

        private static func send(_ bytes: [UInt8], to socket: Int32) {
            bytes.withUnsafeBytes { bytes in
                var sent = 0
                while sent < bytes.count {
                    let count = chat_send(socket, bytes.baseAddress.map { $0 + sent }, bytes.count - sent)
                    // A reader that has gone is not an error of this side.
                    if count <= 0 { return }
                    sent += count
                }
            }
        }
    }
#endif
