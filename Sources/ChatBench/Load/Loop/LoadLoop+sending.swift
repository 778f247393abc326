#if os(Linux)
    import CLinux
    import Glibc

    extension LoadLoop {
        /// Sends `outbound`, or the part that the socket accepts; the rest waits until the socket accepts more.
        mutating func send(to index: Int) {
            guard connections[index].phase != .gone else { return }
            guard connections[index].unsent.isEmpty else {
                connections[index].unsent.append(contentsOf: outbound)
                return
            }
            let sent = outbound.withUnsafeBytes { chat_send(connections[index].descriptor, $0.baseAddress, $0.count) }
            if sent == outbound.count { return }
            if sent < 0, errno != EAGAIN, errno != EINTR { return drop(index, SystemFailure("send").description) }
            connections[index].unsent.append(contentsOf: outbound[max(sent, 0)...])
            epoll.watch(connections[index].descriptor, tag: UInt64(index), writing: true)
        }

        mutating func flush(_ index: Int) {
            guard !connections[index].unsent.isEmpty else { return }
            let sent = connections[index].unsent.withUnsafeBytes {
                chat_send(connections[index].descriptor, $0.baseAddress, $0.count)
            }
            if sent < 0 {
                if errno != EAGAIN, errno != EINTR { drop(index, SystemFailure("send").description) }
                return
            }
            connections[index].unsent.removeFirst(sent)
            if connections[index].unsent.isEmpty {
                epoll.watch(connections[index].descriptor, tag: UInt64(index), writing: false)
            }
        }

        /// Sends what is due, but a limited number at a time, so that reading is not delayed.
        /// - Returns: the time of the next call.
        mutating func sendDue(_ now: Int64) -> Int64 {
            var budget = 64
            let count = book.schedule.count
            while book.table.next < count {
                let due = book.schedule.due(book.table.next)
                if due > now { return due }
                // The table is full: everything waits, as with users who wait for an answer. From then on it is late,
                // or it is never sent if there is no room before the end.
                if book.table.isFull { return now + 1_000_000 }
                if budget == 0 { return now }
                budget -= 1
                sendNext(due: due, now)
            }
            return .max
        }

        private mutating func sendNext(due: Int64, _ now: Int64) {
            let sender = plan.sender(ofMessage: book.table.next)
            let index = plan.connection(ofMember: sender.room * plan.membersPerRoom + sender.place)
            guard connections[index].phase == .ready else { return book.skip(due: due) }
            outbound.removeAll(keepingCapacity: true)
            let isClassic = plan.isClassic(connection: index)
            let number = book.begin(from: sender, due: due, isAnswered: !isClassic, at: now)
            if isClassic {
                text.appendClassicMessage(number, to: &outbound)
            } else {
                text.appendMessage(number, room: sender.room, to: &outbound)
            }
            send(to: index)
            mostUnderWay = max(mostUnderWay, book.table.next - book.table.first)
        }

        /// In a closed loop: sends as many messages as were answered, in one write.
        mutating func sendOwed(_ index: Int, _ now: Int64) {
            guard connections[index].owed > 0, connections[index].phase == .ready, now < book.schedule.end,
                !isInterrupted, let room = plan.sendingRoom(ofConnection: index)
            else { return }
            outbound.removeAll(keepingCapacity: true)
            while connections[index].owed > 0, !book.table.isFull {
                connections[index].owed -= 1
                let number = book.begin(from: (room, 0), due: now, isAnswered: true, at: now)
                text.appendMessage(number, room: room, to: &outbound)
            }
            send(to: index)
            mostUnderWay = max(mostUnderWay, book.table.next - book.table.first)
        }
    }
#endif
