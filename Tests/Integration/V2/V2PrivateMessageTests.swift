import Testing
import Wire

extension Integration {
    @Suite("chat.v2 private messages", .serialized, .cluster(instances: 2, ["grace_seconds": 1]))
    struct V2PrivateMessages {
        @Test("They reach a user on the other instance, live only once the inbox was asked for, and nobody else")
        func across() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enterV2("alice")
            let bob = try await cluster[1].enterV2("bob")
            try await alice.seesJoined("bob", members: 2)
            let carol = try await cluster[1].enterV2("carol")
            for client in [alice, bob] { try await client.seesJoined("carol", members: 3) }
            try await alice.tell("bob", "early")
            try await bob.isQuiet()
            let inbox = try await bob.inbox()
            #expect(inbox.messages.map(\.content) == ["early"])
            #expect(!inbox.more && !inbox.truncated)
            let ack = try await alice.tell("bob", "now", id: "now")
            let heard = try await bob.hearsPrivately("now", from: "alice")
            #expect(heard.to == "bob")
            #expect(heard.id == "now" && ack.id == "now")
            #expect(heard.timestamp == ack.timestamp)
            #expect(ack.room == nil)
            // The acknowledged number is that of the sender's own copy.
            let own = try await alice.inbox()
            #expect(own.messages.map(\.content) == ["early", "now"])
            #expect(own.messages.last?.sequence == ack.sequence)
            #expect(try await alice.tell("bob", "now", id: "now").isDuplicate)
            // The same id to somebody else is another message.
            #expect(try await !alice.tell("carol", "now", id: "now").isDuplicate)
            #expect(try await carol.inbox().messages.map(\.content) == ["now"])
            try await bob.isQuiet()
            // A classic user has an inbox, too, for later.
            let dave = try await cluster[1].enter("dave")
            for client in [alice, bob, carol] { try await client.seesJoined("dave", members: 4) }
            try await alice.tell("dave", "hello")
            try await dave.isQuiet()
            try await alice.isRefused(
                "no_such_user", ref: alice.send(.privateMessage(to: "Bob", content: "x", id: nil)))
            try await dave.close()
            for client in [alice, bob, carol] { try await client.close() }
        }

        @Test("An inbox is resumed after the last message seen, page by page, also by somebody who was cut off")
        func resumed() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].v2("alice")
            let bob = try await cluster[1].v2("bob")
            let start = try await bob.inbox()
            #expect(start.messages.isEmpty)
            try await alice.tell("bob", "0")
            let first = try await bob.hearsPrivately("0", from: "alice")
            try await bob.cut()
            for number in 1..<25 { try await alice.tell("bob", "\(number)") }

            let again = try await cluster[0].v2("bob", session: bob.secret)
            var position = V2Position(after: first.sequence, epoch: start.epoch)
            var contents: [String] = []
            while true {
                let inbox = try await again.inbox(after: position, limit: 10)
                #expect(inbox.messages.count <= 10 && !inbox.truncated)
                contents += inbox.messages.map(\.content)
                position.after = inbox.messages.last?.sequence ?? position.after
                if !inbox.more { break }
                // Not live before everything has been read.
                try await again.isQuiet()
            }
            #expect(contents == (1..<25).map { "\($0)" })
            try await alice.tell("bob", "live")
            try await again.hearsPrivately("live", from: "alice")
            // Without the epoch, or beyond the end, the newest are shown, and that something may be missing.
            for wrong in [
                V2Position(after: first.sequence, epoch: nil), .init(after: .max, epoch: start.epoch),
                .init(after: first.sequence, epoch: "another"),
            ] {
                let inbox = try await again.inbox(after: wrong)
                #expect(inbox.truncated, "\(wrong)")
                #expect(inbox.messages.map(\.content) == (0..<25).map { "\($0)" } + ["live"], "\(wrong)")
            }
            #expect(try await again.inbox(limit: 3).messages.map(\.content) == ["23", "24", "live"])
            #expect(try await again.inbox(limit: 3).more)
            try await alice.close()
            try await again.close()
        }

        @Test("Who takes a name that was free reads nothing that its earlier user was told", arguments: [true, false])
        func reusedName(saidGoodbye: Bool) async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let alice = try await cluster[0].enterV2("alice")
            let first = try await cluster[1].v2("reused")
            try await alice.seesJoined("reused", members: 2)
            let seen = try await first.inbox()
            try await alice.tell("reused", "secret")
            let old = try await first.hearsPrivately("secret", from: "alice")
            if saidGoodbye { try await first.close() } else { try await first.cut() }
            try await alice.seesLeft("reused", members: 1, within: .seconds(15))
            try await cluster.isFree("reused")
            try await alice.isRefused(
                "no_such_user", ref: alice.send(.privateMessage(to: "reused", content: "late", id: nil)))

            let second = try await cluster[0].v2("reused", session: first.secret)
            try await alice.seesJoined("reused", members: 2)
            #expect(second.secret != first.secret)
            #expect(try await second.inbox().messages.isEmpty)
            for sequence in [0, old.sequence - 1] {
                let inbox = try await second.inbox(after: .init(after: sequence, epoch: seen.epoch))
                #expect(inbox.messages.isEmpty && !inbox.more)
            }
            #expect(try await second.inbox(after: .init(after: 1, epoch: "another")).messages.isEmpty)
            try await alice.tell("reused", "for the new one")
            try await second.hearsPrivately("for the new one", from: "alice")
            try await alice.close()
            try await second.close()
        }

        @Test("An inbox asked for again and again under traffic: nothing is missing, nothing twice, all in order")
        func underTraffic() async throws {
            let cluster = try Cluster.current
            try await cluster.vacate()
            let bob = try await cluster[1].v2("bob")
            let before = try await bob.inbox()
            let senders = [try await cluster[0].v2("alice"), try await cluster[1].v2("carol")]
            let talk = Task {
                for number in 0..<200 {
                    for sender in senders {
                        sender.send(.privateMessage(to: "bob", content: "\(sender.name) \(number)", id: nil))
                    }
                    try await Task.sleep(for: .milliseconds(2))  // a pace, nothing is ordered by it
                }
            }
            var refs: [String] = []
            for limit in 1...40 {
                refs.append(bob.send(.inbox(resume: nil, limit: limit % 5 + 1)))
                let last = refs.last
                _ = try await bob.first("the inbox") { $0.ref == last }
            }
            try await talk.value
            for sender in senders {
                try await eventually("\(sender.name)'s acks", within: .seconds(15)) { sender.replies.count == 200 }
                #expect(sender.replies.allSatisfy { $0.isAck })
            }
            var all: [UInt64] = []
            let reader = try await cluster[0].v2("bob", session: bob.secret)
            while true {
                let inbox = try await reader.inbox(after: .init(after: all.last ?? 0, epoch: before.epoch), limit: 100)
                all += inbox.messages.map(\.sequence)
                if !inbox.more { break }
            }
            #expect(all.count == 400)
            // Live messages begin where the first inbox ended and go on until the end; each later inbox ends where the live
            // ones had come to.
            var cursor: UInt64 = 0
            for frame in bob.frames {
                switch frame.event {
                case .privateMessage(let message):
                    #expect(message.sequence == all.first { $0 > cursor }, "\(message.content) follows \(cursor)")
                    cursor = message.sequence
                case .inbox(let inbox):
                    guard let last = inbox.messages.last?.sequence else { continue }
                    #expect(last >= cursor, "\(frame.ref ?? "") ends before what was shown")
                    let skipped = all.count { $0 > cursor && $0 < inbox.messages[0].sequence }
                    #expect(cursor == 0 || skipped == 0, "\(frame.ref ?? "") leaves \(skipped) out")
                    cursor = last
                default: break
                }
            }
            for client in senders + [reader] { try await client.close() }
        }
    }
}
