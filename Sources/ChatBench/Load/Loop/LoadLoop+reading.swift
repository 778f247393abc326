#if os(Linux)
    import Glibc
    import NIOCore

    extension LoadLoop {
        /// Reads once. The rest is reported again, after the other connections had their turn.
        mutating func readable(_ index: Int) {
            let phase = connections[index].phase
            if phase == .gone || phase == .new || phase == .connecting { return }
            let kept = connections[index].kept.count
            if kept > 0 {
                guard kept <= Self.bufferBytes - Self.readBytes else { return drop(index, "a frame too long to keep") }
                connections[index].kept.withUnsafeBytes {
                    buffer.copyMemory(from: $0.baseAddress ?? UnsafeRawPointer(buffer), byteCount: kept)
                }
            }
            let count = recv(connections[index].descriptor, buffer + kept, Self.readBytes, 0)
            guard count > 0 else {
                if count < 0, errno == EAGAIN || errno == EINTR { return }
                return drop(index, count == 0 ? "the server hung up" : SystemFailure("recv").description)
            }
            let now = MonotonicClock.now()
            lastRead = now
            let bytes = UnsafeRawBufferPointer(start: buffer, count: kept + count)
            var place = 0
            if phase == .upgrading {
                guard let end = readHead(bytes, index) else { return keep(bytes, from: 0, index) }
                place = end
            }
            place = readFrames(bytes, from: place, index, now)
            keep(bytes, from: place, index)
            if isClosedLoop { sendOwed(index, now) }
        }

        /// - Returns: the position of the first incomplete frame.
        @inline(__always)
        private mutating func readFrames(
            _ bytes: UnsafeRawBufferPointer, from start: Int, _ index: Int, _ now: Int64
        ) -> Int {
            var place = start
            while place < bytes.count {
                switch ServerFrame.find(in: bytes, at: place) {
                case .partial: return place
                case .invalid:
                    drop(index, "a frame that no server may send")
                    return bytes.count
                case .frame(let frame):
                    let payload = UnsafeRawBufferPointer(rebasing: bytes[frame.payload])
                    place = frame.payload.upperBound
                    if frame.isFragment {
                        drop(index, "a message in several frames, which this program does not put together")
                        return bytes.count
                    }
                    if frame.isCompressed {
                        takeCompressed(frame, payload, index, now)
                    } else {
                        take(frame, payload, index, now)
                    }
                    if connections[index].phase == .gone { return bytes.count }
                }
            }
            return place
        }

        @inline(__always)
        private mutating func take(
            _ frame: ServerFrame, _ payload: UnsafeRawBufferPointer, _ index: Int, _ now: Int64
        ) {
            let isClassic = plan.isClassic(connection: index)
            if frame.opcode == ServerFrame.text, let found = delivery(in: payload, isClassic: isClassic) {
                book.delivered(found, to: index, at: now)
                if sample.isEmpty { sample = Array(payload) }
            } else {
                other(frame, payload, index, now)
            }
        }

        @inline(never)
        private mutating func takeCompressed(
            _ frame: ServerFrame, _ payload: UnsafeRawBufferPointer, _ index: Int, _ now: Int64
        ) {
            guard plan.compresses, let text = inflation.text(payload) else {
                return drop(index, "compressed data that cannot be inflated")
            }
            text.withUnsafeReadableBytes { take(frame, $0, index, now) }
        }

        @inline(__always)
        private mutating func delivery(
            in payload: UnsafeRawBufferPointer, isClassic: Bool
        ) -> DeliveryScanner.Delivery? {
            isClassic
                ? classicScanner.delivery(in: payload, isSequenced: false)
                : scanner.delivery(in: payload, isSequenced: plan.isSequenced)
        }

        private mutating func keep(_ bytes: UnsafeRawBufferPointer, from place: Int, _ index: Int) {
            guard connections[index].phase != .gone else { return }
            if place == bytes.count, connections[index].kept.isEmpty { return }
            let holdsMuch = connections[index].kept.capacity > LoadConnection.keptCapacity
            connections[index].kept.removeAll(keepingCapacity: !holdsMuch)
            connections[index].kept.append(contentsOf: bytes[place...])
        }

        /// Handles every frame that is not a delivery. These are rare, or at least fewer than one per member and
        /// message.
        @inline(never)
        private mutating func other(
            _ frame: ServerFrame, _ payload: UnsafeRawBufferPointer, _ index: Int, _ now: Int64
        ) {
            switch frame.opcode {
            case ServerFrame.text:
                book.sawOtherFrame()
                guard let fields = ObjectScanner.fields(in: payload) else {
                    return drop(index, "a frame that is no object")
                }
                if plan.isClassic(connection: index) {
                    classic(fields, payload, index)
                } else {
                    event(fields, payload, index, now)
                }
            case ServerFrame.ping:
                outbound.removeAll(keepingCapacity: true)
                ClientText.append(payload, opcode: 10, to: &outbound)
                send(to: index)
            case ServerFrame.close:
                let code = payload.count >= 2 ? Int(payload[0]) << 8 | Int(payload[1]) : 1005
                let reason = String(decoding: payload.dropFirst(2), as: UTF8.self)
                drop(index, "closed with \(code)" + (reason.isEmpty ? "" : " \(reason)"))
            default: break
            }
        }

        private mutating func event(
            _ fields: ObjectFields, _ payload: UnsafeRawBufferPointer, _ index: Int, _ now: Int64
        ) {
            guard let type = fields.type else { return }
            if payload.has("ack", in: type) {
                guard let ref = fields.ref, let number = payload.number(in: ref) else { return }
                let isFirst = book.acknowledged(
                    Int(clamping: number), sequence: fields.seq ?? 0, to: index, at: now)
                if isFirst { connections[index].owed += 1 }
            } else if payload.has("error", in: type) {
                let code = fields.code.map { payload.text(in: $0) } ?? "?"
                if let number = fields.ref.flatMap({ payload.number(in: $0) }) {
                    let isFirst = book.refused(Int(clamping: number), code: code, to: index)
                    if isFirst, isClosedLoop { wait(index, fields.retryAfterMilliseconds) }
                } else if connections[index].phase == .joining {
                    joinRefused(index, code: code, after: fields.retryAfterMilliseconds)
                } else {
                    drop(index, code)
                }
            } else if payload.has("history", in: type) {
                if connections[index].phase == .joining {
                    entered += 1
                    joinNext(index)
                }
            } else if payload.has("welcome", in: type) {
                if connections[index].phase == .greeting { joinNext(index) }
            } else if payload.has("gap", in: type) {
                book.sawGap()
            }
        }

        private mutating func classic(_ fields: ObjectFields, _ payload: UnsafeRawBufferPointer, _ index: Int) {
            guard connections[index].phase == .greeting, let content = fields.content else { return }
            let words = payload.text(in: content)
            // The connection's own join, which is announced first; anything else is the reason of a refusal.
            if words.hasPrefix(plan.username(index)), words.contains(" joined the room ") {
                isReady(index)
            } else {
                drop(index, words)
            }
        }
    }
#endif
