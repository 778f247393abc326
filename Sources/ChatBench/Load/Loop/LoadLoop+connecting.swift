#if os(Linux)
    import CLinux
    import Glibc
    import Transport
    import WebSocketRules

    extension LoadLoop {
        /// The sample key of RFC 6455, whose answer is known: the key need not be secret here.
        private static let key = "dGhlIHNhbXBsZSBub25jZQ=="
        private static let accept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

        /// Opens connections until this many are under way, or all are.
        mutating func openMore() {
            while opening < concurrency, opened < connections.count, !isInterrupted {
                let index = opened
                opened += 1
                opening += 1
                connections[index].phase = .connecting
                connections[index].openedAt = MonotonicClock.now()
                do throws(SystemFailure) {
                    let target = targets[index % targets.count]
                    connections[index].descriptor = try target.connect(ordinal: index / targets.count)
                    try epoll.add(connections[index].descriptor, tag: UInt64(index), writing: true)
                } catch {
                    drop(index, error.description)
                }
            }
        }

        mutating func writable(_ index: Int) {
            switch connections[index].phase {
            case .connecting:
                let error = chat_socket_error(connections[index].descriptor)
                guard error == 0 else { return drop(index, SystemFailure("connect", error: error).description) }
                epoll.watch(connections[index].descriptor, tag: UInt64(index), writing: false)
                outbound.removeAll(keepingCapacity: true)
                if plan.dialect == .bare {
                    // The floor's other side identifies its sockets by this number.
                    withUnsafeBytes(of: UInt32(index).littleEndian) { outbound.append(contentsOf: $0) }
                    send(to: index)
                    isReady(index)
                } else {
                    connections[index].phase = .upgrading
                    outbound.append(contentsOf: upgradeRequest(index).utf8)
                    send(to: index)
                }
            case .gone, .new: break
            default: flush(index)
            }
        }

        private func upgradeRequest(_ index: Int) -> String {
            let target = targets[index % targets.count]
            let protocolLine = plan.isClassic(connection: index) ? "" : "Sec-WebSocket-Protocol: chat.v2\r\n"
            let extensionLine =
                plan.compresses ? "Sec-WebSocket-Extensions: \(PerMessageDeflate.offer)\r\n" : ""
            let tokenLine = tokens.isEmpty ? "" : "Authorization: Bearer \(tokens[index])\r\n"
            let room = plan.enters ? plan.room(ofConnection: index, ordinal: 0).map { "&room=\($0)" } ?? "" : ""
            return """
                GET /ws?username=\(plan.username(index))\(room) HTTP/1.1\r
                Host: \(target.server.authority)\r
                Upgrade: websocket\r
                Connection: Upgrade\r
                Sec-WebSocket-Version: 13\r
                Sec-WebSocket-Key: \(Self.key)\r
                \(tokenLine)\(protocolLine)\(extensionLine)\r

                """
        }

        /// Reads the answer to the upgrade.
        /// - Returns: the position of the first frame; nil if the head has not ended, or the connection is dropped.
        mutating func readHead(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Int? {
            guard let head = UpgradeAnswer(bytes) else {
                if bytes.count >= UpgradeAnswer.maximumBytes { drop(index, "an endless answer to the upgrade") }
                return nil
            }
            guard head.status == 101 else {
                drop(index, "HTTP \(head.status.map(String.init) ?? "?")")
                return nil
            }
            guard head.accept == Self.accept else {
                drop(index, "an answer that is no WebSocket upgrade")
                return nil
            }
            if plan.compresses, !head.compresses {
                drop(index, "the server does not compress")
                return nil
            }
            let speaksV2 = head.subprotocol == "chat.v2"
            guard speaksV2 != plan.isClassic(connection: index) else {
                drop(index, speaksV2 ? "chat.v2 without being asked" : "the server does not speak chat.v2")
                return nil
            }
            connections[index].phase = .greeting
            return head.count
        }

        /// Asks for the next room, or records that all rooms are read.
        mutating func joinNext(_ index: Int) {
            guard plan.enters, let room = plan.room(ofConnection: index, ordinal: connections[index].roomsAsked) else {
                return isReady(index)
            }
            let stay = plan.roomCount(ofConnection: index) > 1 ? #","stay":true"# : ""
            connections[index].roomsAsked += 1
            connections[index].phase = .joining
            outbound.removeAll(keepingCapacity: true)
            ClientText.append(
                #"{"type":"join_room","ref":"join","room":"\#(room)","history":0\#(stay)}"#.utf8,
                opcode: ServerFrame.text,
                to: &outbound)
            send(to: index)
        }

        /// A `join_room` was refused: it is repeated if that may help.
        mutating func joinRefused(_ index: Int, code: String, after milliseconds: UInt64?) {
            guard code == "rate_limited" || code == "unavailable" else {
                return drop(index, "join_room was refused: \(code)")
            }
            connections[index].roomsAsked -= 1
            wait(index, milliseconds)
        }

        /// A connection got a refusal for something that it should try again.
        mutating func wait(_ index: Int, _ milliseconds: UInt64?) {
            retries.append((MonotonicClock.now() + Int64(min(milliseconds ?? 200, 60_000)) * 1_000_000, index))
        }

        mutating func tryAgain(_ now: Int64) {
            guard retries.contains(where: { $0.at <= now }) else { return }
            let due = retries.filter { $0.at <= now }
            retries.removeAll { $0.at <= now }
            for retry in due {
                if connections[retry.connection].phase == .joining {
                    joinNext(retry.connection)
                } else if isClosedLoop {
                    connections[retry.connection].owed += 1
                    sendOwed(retry.connection, now)
                }
            }
        }

        mutating func isReady(_ index: Int) {
            connections[index].phase = .ready
            opening -= 1
            ready += 1
            entering.record(nanoseconds: MonotonicClock.now() - connections[index].openedAt)
        }
    }
#endif
