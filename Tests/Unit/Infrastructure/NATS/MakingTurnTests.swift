import Testing

@testable import InfrastructureNATS
@testable import TestSupport

/// Instances that find the same stream missing.
struct MakingTurnTests {
    @Test func `who is alone begins`() {
        var turn = MakingTurn(name: "a")
        #expect(turn.question == .wants("a"))
        // NATS brings one's own words back.
        #expect(turn.hear(.wants("a")) == nil)
        #expect(turn.begin() == .makes("a"))
        #expect(turn.hear(.makes("a")) == nil)
    }

    @Test func `of two that ask the smaller name begins, whoever was first`() {
        var (first, second) = (MakingTurn(name: "b"), MakingTurn(name: "a"))
        // The later one says again what the earlier one may have missed.
        #expect(second.hear(first.question) == .wants("a"))
        #expect(first.hear(.wants("a")) == nil)
        #expect(first.begin() == nil)
        #expect(second.begin() == .makes("a"))
    }

    @Test func `who comes while somebody is at it stands back, whatever its name`() {
        var maker = MakingTurn(name: "z")
        #expect(maker.begin() != nil)
        var late = MakingTurn(name: "a")
        let answer = maker.hear(late.question)
        #expect(answer == .makes("z"))
        #expect(late.hear(.makes("z")) == nil)
        #expect(late.begin() == nil)
    }

    @Test(arguments: 0..<200)
    func `never two at once, in whatever order they ask, hear and begin`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var turns = (0..<4).map { MakingTurn(name: "name-\($0)") }
        /// To each, in the order of sending, what is on its way.
        var mail = [[MakingTurn.Word]](repeating: [], count: turns.count)
        func send(_ word: MakingTurn.Word) { for index in mail.indices { mail[index].append(word) } }
        var makers = 0
        var waiting = Array(turns.indices).shuffled(using: &random)
        var asked: [Int] = []
        while !waiting.isEmpty || !asked.isEmpty {
            if !waiting.isEmpty, Bool.random(using: &random) {
                let index = waiting.removeLast()
                // It listens from here on.
                mail[index] = []
                asked.append(index)
                send(turns[index].question)
                continue
            }
            guard let index = asked.randomElement(using: &random) else { continue }
            // Nobody begins before everything said until then has come to everyone who listens, and the answers too.
            while let receiver = mail.indices.first(where: { !mail[$0].isEmpty }) {
                let word = mail[receiver].removeFirst()
                guard !waiting.contains(receiver) else { continue }
                if let answer = turns[receiver].hear(word) { send(answer) }
            }
            asked.removeAll { $0 == index }
            if let word = turns[index].begin() {
                makers += 1
                send(word)
            }
        }
        #expect(makers == 1)
    }

    @Test func `words are read as they were written, and nothing else is`() {
        for word in [MakingTurn.Word.wants("a1"), .makes("b2")] { #expect(MakingTurn.Word(word.payload) == word) }
        for text in ["", "wants", "makes a b", "has a", "wants  "] { #expect(MakingTurn.Word(Array(text.utf8)) == nil) }
    }
}
