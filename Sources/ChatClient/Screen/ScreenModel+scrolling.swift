/// Scrolling. Lines are broken into rows only when they come into view.
extension ScreenModel {
    /// - Parameter rows: how far to scroll; negative scrolls down.
    mutating func scroll(up rows: Int) -> [Action] {
        keepInView()
        var bottom = window.bottom ?? Window.Bottom(line: window.end - 1, hiddenRows: 0)
        if rows > 0 {
            let top = topmost
            var left = rows
            while left > 0, bottom != top {
                let height = self.rows(of: bottom.line).count
                let step = min(left, height - bottom.hiddenRows)
                bottom.hiddenRows += step
                left -= step
                if bottom.hiddenRows >= height {
                    bottom = Window.Bottom(line: bottom.line - 1, hiddenRows: 0)
                }
                if isAbove(bottom, top) { bottom = top }
            }
            // If everything is visible, the view keeps following new lines.
            window.bottom = isAtEnd(bottom) ? nil : bottom
            // The top is reached; the server may have older messages.
            if left > 0 || bottom == top { return askForOlder(count: 100) }
            return []
        }
        var left = -rows
        while left > 0, bottom.line < window.end {
            let step = min(left, bottom.hiddenRows)
            bottom.hiddenRows -= step
            left -= step
            if left > 0 {
                bottom.line += 1
                guard bottom.line < window.end else { break }
                let height = self.rows(of: bottom.line).count
                bottom.hiddenRows = height
            }
        }
        window.bottom = bottom.line >= window.end || isAtEnd(bottom) ? nil : bottom
        return []
    }

    /// Corrects the view if the line at its bottom was dropped meanwhile.
    mutating func keepInView() {
        if let bottom = window.bottom, bottom.line < window.scrollback.first { window.bottom = topmost }
    }

    mutating func goToEnd() {
        window.bottom = nil
        window.found = nil
    }

    mutating func scrollToTop() -> [Action] {
        let top = topmost
        window.bottom = isAtEnd(top) ? nil : top
        return askForOlder(count: 100)
    }

    private func isAtEnd(_ bottom: Window.Bottom) -> Bool {
        bottom.line == window.end - 1 && bottom.hiddenRows == 0
    }

    private func isAbove(_ one: Window.Bottom, _ other: Window.Bottom) -> Bool {
        one.line < other.line || one.line == other.line && one.hiddenRows > other.hiddenRows
    }

    /// The bottom of the view when the first line is at its top.
    var topmost: Window.Bottom {
        mutating get {
            var left = max(1, paneHeight - topRows)
            var line = window.scrollback.first
            while line < window.end {
                let height = rows(of: line).count
                if height >= left { return Window.Bottom(line: line, hiddenRows: height - left) }
                left -= height
                line += 1
            }
            return Window.Bottom(line: window.end - 1, hiddenRows: 0)
        }
    }

    /// The rows above the first line, which say what is before it.
    var topRows: Int { window.place.isRoom ? 1 : 0 }

    mutating func askForOlder(count: Int) -> [Action] {
        guard case .room(let room) = window.place, window.older == .possible else {
            if window.older == .none { hint = "there is nothing before this" }
            return []
        }
        guard status.isV2 else {
            window.older = .none
            return []
        }
        guard window.scrollback.count < Scrollback.mostLines else {
            hint = "this window is full; /clear empties it"
            return []
        }
        guard status.connection == .open else {
            hint = "there is no connection to ask for older messages"
            return []
        }
        window.older = .asked
        return [.ask(.older(room: room, before: window.scrollback.firstSequence, count: count))]
    }

    // MARK: Rows

    /// A line's rows with those above it: the date if it changes, and the mark below the last read line.
    mutating func rows(of number: Int) -> [[Cell]] {
        guard let line = window.line(number) else { return [] }
        let layout = lineRows
        let body = laidOut.rows(of: number, width: layout.width) { layout.rows(of: line) }
        var above: [[Cell]] = []
        if let day = newDay(at: number, line) { above.append(layout.rule(day, theme.rule)) }
        if number - 1 == window.lastRead, number < window.scrollback.end {
            above.append(layout.rule("new", theme.marker))
        }
        let shown = number == window.found ? body.map { $0.map(\.highlighted) } : body
        return above.isEmpty ? shown : above + shown
    }

    private func newDay(at number: Int, _ line: ScrollbackLine) -> String? {
        guard line.time > 0, number > window.scrollback.first, number < window.scrollback.end else { return nil }
        let before = window.scrollback.time(of: number - 1)
        guard before > 0, clock.day(before) != clock.day(line.time) else { return nil }
        return clock.nameOfDay(line.time)
    }

    var lineRows: LineRows {
        LineRows(width: paneWidth, theme: theme, clock: clock, username: status.username)
    }
}

extension Cell {
    fileprivate var highlighted: Cell { Cell(character: character, width: width, style: style.with(.reversed)) }
}
