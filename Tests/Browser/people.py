"""Finds on the page what people find: by roles and names."""

import re

from playwright.sync_api import expect

WIDE = {"width": 1920, "height": 1080}
PHONE = {"width": 360, "height": 740}


class Person:
    """Somebody with a browser context of their own."""

    def __init__(self, browser, url, name=None, viewport=WIDE, context=None, **options):
        self.context = context or browser.new_context(viewport=viewport, **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(10000)
        self.errors = []
        self.watch(self.page)
        self.page.goto(url)
        self.name = name
        if name:
            self.sign_in(name)

    def watch(self, page):
        page.on("pageerror", lambda error: self.errors.append(f"{error}\n{error.stack}"))
        page.on("console", lambda line: "Content Security Policy" in line.text and self.errors.append(line.text))

    def sign_in(self, name):
        self.name = name
        self.name_box.fill(name)
        self.name_box.press("Enter")
        self.box.wait_for()

    def role(self, role, name, **options):
        return self.page.get_by_role(role, name=re.compile(name, re.I) if isinstance(name, str) else name, **options)

    name_box = property(lambda self: self.role("textbox", "name"))
    box = property(lambda self: self.role("textbox", "message"))
    room_box = property(lambda self: self.page.get_by_label(re.compile("room", re.I)))
    log = property(lambda self: self.page.get_by_role("log"))

    def say(self, text):
        self.box.fill(text)
        self.box.press("Enter")

    def sees(self, text, seconds=8):
        expect(self.log.get_by_text(text, exact=True)).to_have_count(1, timeout=seconds * 1000)

    def sees_words(self, pattern, seconds=8):
        expect(self.page.get_by_text(re.compile(pattern, re.I)).locator("visible=true").first).to_be_visible(timeout=seconds * 1000)

    def settled(self):
        """Nothing that this person has said is on its way any more."""
        expect(self.page.locator(".message.queued, .message.sent")).to_have_count(0, timeout=10000)

    def place(self, name):
        """The button of a room or of a private conversation."""
        return self.page.get_by_role("navigation").get_by_role("button", name=re.compile(r"^\W?\s*" + re.escape(name) + r"(\s|$)"))

    def join(self, room):
        self.say(f"/join {room}")
        expect(self.page.get_by_role("heading", level=1)).to_have_text(f"#{room}")

    def bodies(self):
        return self.page.locator(".message .body").all_inner_texts()

    def fine(self):
        assert not self.errors, self.errors


def raw_socket(person, name, room):
    """A plain WebSocket in the person's page that floods, as `flood(count, perSecond)`. It is the sender `name`."""
    person.page.evaluate("""([name, room]) => new Promise((resolve, reject) => {
        const url = new URL('/ws?username=' + name, location.href);
        url.protocol = 'ws:';
        const socket = new WebSocket(url, ['chat.v2']);
        let acks = 0, wake = () => {};
        socket.onmessage = ({ data }) => {
            const { type } = JSON.parse(data);
            if (type === 'welcome') socket.send(JSON.stringify({ type: 'join_room', room, stay: true, history: 0 }));
            if (type === 'joined') resolve();
            if (type === 'ack') { acks++; wake(); }
        };
        socket.onerror = reject;
        window.flood = async (count, perSecond) => {
            const start = performance.now();
            acks = 0;
            for (let sent = 0; sent < count; sent++) {
                if (perSecond && sent % 10 === 0) {
                    const wait = start + sent * 1000 / perSecond - performance.now();
                    if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait));
                }
                while (sent - acks > 100) await new Promise(resolve => { wake = resolve; });
                socket.send(JSON.stringify({ type: 'chat_message', room, content: `line ${sent} of a flood, with some words to fill it` }));
            }
            while (acks < count) await new Promise(resolve => { wake = resolve; });
            return (performance.now() - start) / 1000;
        };
    })""", [name, room])
