"""Much at once. The figures are printed; the limits leave room for a busy machine with two cores."""

import re

from people import Person, raw_socket
from servers import Stage

KEY_LIMIT = 50  # milliseconds until the page has a key

# A key waits for its turn as an event does, and then for what the page does with it.
KEYS = """async () => {
    const box = document.querySelector('#message'), delays = [];
    box.focus();
    for (let key = 0; key < 60; key++) {
        await new Promise(resolve => setTimeout(resolve, 30));
        const start = performance.now();
        await new Promise(resolve => setTimeout(resolve));
        box.value += 'x';
        box.dispatchEvent(new InputEvent('input', { bubbles: true }));
        delays.push(performance.now() - start);
    }
    return delays.sort((a, b) => a - b);
}"""

SCROLLING = """async () => {
    const log = document.querySelector('[role=log]'), frames = [];
    let last = await new Promise(requestAnimationFrame);
    for (let frame = 0; frame < 240; frame++) {
        log.scrollTop -= frame % 40 === 0 ? 20000 : 160;
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - last);
        last = now;
    }
    frames.sort((a, b) => a - b);
    return {
        entries: document.querySelector('chat-app').active.log.length, nodes: document.querySelectorAll('.message').length,
        middle: frames[120], late: frames[228], slow: frames.filter(time => time > 34).length,
    };
}"""


def test_10000_messages_scroll_and_200_per_second_do_not_delay_a_key(browser):
    with Stage() as stage:
        chat = stage.chat()
        alice = Person(browser, chat.url, "alice")
        alice.join("dev")
        writer = Person(browser, chat.url)
        raw_socket(writer, "writer", "dev")
        writer.page.evaluate("flood(10000)")
        alice.log.get_by_text("line 9999 ").wait_for(timeout=30000)

        measured = alice.page.evaluate(SCROLLING)
        print(f"  scrolling: {measured}")
        assert measured["entries"] >= 10000
        assert measured["nodes"] < 300
        assert measured["middle"] < 18 and measured["late"] < 50, measured
        alice.log.evaluate("log => log.scrollTop = 0")
        alice.page.get_by_role("button", name="Newest").click()
        alice.log.get_by_text("line 9999 ").wait_for()

        writer.page.evaluate("void (window.flooding = flood(800, 200))")
        alice.log.get_by_text(re.compile(r"line [1-9]\d\d ")).first.wait_for()
        delays = alice.page.evaluate(KEYS)
        middle, late, most = delays[30], delays[56], delays[-1]
        print(f"  a key waits {middle:.1f} ms in the middle, {late:.1f} ms at 95 %, {most:.1f} ms at most")
        assert late < KEY_LIMIT, delays
        took = writer.page.evaluate("flooding")
        print(f"  800 messages were sent in {took:.1f} s")
        alice.log.get_by_text("line 799 ").wait_for()
        alice.fine()
