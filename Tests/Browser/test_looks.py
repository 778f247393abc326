"""What everybody can use: axe in all states, the phone, the keyboard, input methods, weight."""

import os
import pathlib
import re

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from people import PHONE, WIDE, Person
from servers import Stage

SHOTS = os.environ.get("CHAT_SHOTS")


def check(page, state):
    """axe finds nothing, and nothing is wider than the page."""
    found = Axe().run(page).response["violations"]
    assert not found, f"{state}: " + "; ".join(f"{item['id']}: {[node['html'][:160] for node in item['nodes'][:3]]}" for item in found)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{state}: wider than the window"
    if SHOTS:
        pathlib.Path(SHOTS).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=f"{SHOTS}/{state.replace(' ', '-')}.png")


def test_axe_in_every_state(browser):
    with Stage() as stage:
        chat = stage.chat()
        bob = Person(browser, chat.url, "bob")
        bob.join("dev")
        bob.say("Good morning. The **nightly build** is green again, see https://ci.example.org/412.")
        bob.say("> was it the flaky test?\nIt was. `swift test --filter Resume` ran *fifty times* now:\n```\nfor i in {1..50}; do swift test; done\n```")
        for scheme in ("light", "dark"):
            for size, viewport in (("wide", WIDE), ("phone", PHONE)):
                here = f"{size} {scheme}"
                person = Person(browser, chat.url, viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
                page, name = person.page, f"ada-{scheme}-{size}"
                check(page, f"{here} sign in")
                person.name_box.fill("bob")
                person.name_box.press("Enter")
                person.sees_words("in use")
                check(page, f"{here} name in use")
                person.sign_in(name)
                person.join("dev")
                person.log.get_by_text("fifty times").wait_for()
                person.say("Thank you! شكرا جزيلا")
                person.settled()
                bob.say(f"@{name} you are welcome")
                person.sees(f"@{name} you are welcome")
                bob.say(f"/msg {name} a word in private")
                bob.place("dev").click()
                expect(person.place("bob")).to_contain_text("1")
                bob.box.press_sequentially("hm")
                page.get_by_text("is typing").wait_for()
                check(page, f"{here} conversation")
                bob.box.fill("")
                if size == "phone":
                    page.get_by_role("button", name="People").click()
                    page.get_by_role("complementary").get_by_role("button", name="bob").wait_for()
                    check(page, f"{here} people")
                    page.keyboard.press("Escape")
                person.say("/msg nobody hello")
                person.sees_words("not sent")
                person.say("/help")
                check(page, f"{here} failed")
                person.place("dev").click()
                person.context.set_offline(True)
                person.sees_words("offline")
                person.say("kept for later")
                check(page, f"{here} offline")
                person.fine()
                person.context.close()


def test_phone_and_zoom(browser):
    with Stage() as stage:
        chat = stage.chat()
        phone = Person(browser, chat.url, "phone", viewport=PHONE, has_touch=True, is_mobile=True)
        for number in range(30):
            phone.say(f"line {number}")
        phone.sees("line 29")
        for target in (phone.box, phone.role("button", "send"), phone.place("global")):
            box = target.bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 360 and box["y"] + box["height"] <= 740, box
            assert box["height"] >= 24 and box["width"] >= 24, box
        # Zoomed to 200 %, a window of 1280 × 720 has half as many CSS pixels.
        zoomed = Person(browser, chat.url, "zoomed", viewport={"width": 640, "height": 360}, device_scale_factor=2)
        zoomed.say("read me")
        zoomed.sees("read me")
        expect(zoomed.box).to_be_in_viewport()
        expect(zoomed.log.get_by_text("read me")).to_be_in_viewport()
        assert zoomed.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_keyboard_alone(browser):
    with Stage() as stage:
        chat = stage.chat()
        bob = Person(browser, chat.url, "bob")
        page = Person(browser, chat.url).page
        keys = page.keyboard
        keys.type("alice")
        keys.press("Enter")
        page.get_by_role("textbox", name=re.compile("message", re.I)).wait_for()
        keys.type("hello")
        keys.press("Shift+Enter")
        keys.type("two lines")
        keys.press("Enter")
        bob.log.get_by_text("two lines").wait_for()

        def tab_to(role, name):
            for _ in range(40):
                keys.press("Tab")
                focused = page.evaluate("""() => { const node = document.activeElement;
                    const style = getComputedStyle(node);
                    return [node.getAttribute('aria-label') ?? node.labels?.[0]?.textContent ?? node.textContent, node.tagName, style.outlineStyle]; }""")
                assert focused[1] == "BODY" or focused[2] != "none", f"no visible focus on {focused}"
                if re.search(name, focused[0], re.I) and focused[1] in role:
                    return
            raise AssertionError(f"Tab does not lead to {name}")

        tab_to(["INPUT"], "room")
        keys.type("dev")
        keys.press("Enter")
        page.get_by_role("heading", name="#dev").wait_for()
        keys.press("Alt+ArrowUp")
        page.get_by_role("heading", name="#global").wait_for()
        tab_to(["BUTTON"], "^bob")
        keys.press("Enter")
        keys.type("in private")
        keys.press("Enter")
        bob.place("alice").click()
        bob.sees("in private")
        tab_to(["CHAT-LOG"], "Conversation")
        keys.press("Home")
        keys.press("Escape")
        keys.type("back in the box")
        keys.press("Enter")
        bob.sees("back in the box")
        tab_to(["BUTTON"], "Light or dark")
        keys.press("Enter")
        assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_an_input_method_composes_without_sending(browser):
    with Stage() as stage:
        chat = stage.chat()
        alice = Person(browser, chat.url, "alice")
        session = alice.context.new_cdp_session(alice.page)
        alice.box.focus()
        session.send("Input.imeSetComposition", {"text": "にほん", "selectionStart": 3, "selectionEnd": 3})
        # While a word is composed, Enter belongs to the input method: a browser says so in the event.
        alice.box.evaluate("""box => box.dispatchEvent(new KeyboardEvent('keydown',
            { key: 'Enter', keyCode: 229, isComposing: true, bubbles: true, cancelable: true }))""")
        assert alice.page.locator(".message").count() == 0
        session.send("Input.insertText", {"text": "日本"})
        alice.box.press("Enter")
        alice.sees("日本")
        alice.say("مرحبا hello")
        expect(alice.log.get_by_text("مرحبا hello")).to_have_css("direction", "rtl")


def test_screen_readers_hear_what_is_new_and_not_what_is_old(browser):
    with Stage() as stage:
        chat = stage.chat()
        bob = Person(browser, chat.url, "bob")
        for number in range(60):
            bob.say(f"old {number}")
        bob.settled()
        alice = Person(browser, chat.url, "alice")
        alice.log.get_by_text("old 59", exact=True).wait_for()
        expect(alice.log).to_have_attribute("aria-live", "polite")
        # What is added to the log while it says "off" is not read out.
        alice.page.evaluate("""() => { window.heard = []; const log = document.querySelector('[role=log]');
            new MutationObserver(changes => { for (const { addedNodes } of changes) for (const node of addedNodes)
                if (log.getAttribute('aria-live') === 'polite' && node.classList?.contains('message')) heard.push(node.innerText); })
                .observe(log, { childList: true, subtree: true }); }""")
        alice.log.evaluate("log => log.scrollTop = 0")
        alice.log.get_by_text("old 3", exact=True).wait_for()
        alice.page.keyboard.press("Escape")
        alice.page.wait_for_timeout(200)
        assert alice.page.evaluate("heard") == [], alice.page.evaluate("heard")
        bob.say("this is new")
        alice.sees("this is new")
        assert ["this is new" in text for text in alice.page.evaluate("heard")] == [True]
        assert alice.page.get_by_role("log").count() == 1


def test_all_that_the_page_loads_weighs_at_most_30_kilobytes(browser):
    with Stage() as stage:
        chat = stage.chat()
        context = browser.new_context()
        page = context.new_page()
        sizes = {}
        session = context.new_cdp_session(page)
        session.send("Network.enable")
        session.on("Network.loadingFinished", lambda event: sizes.update({event["requestId"]: event["encodedDataLength"]}))
        answers = []
        page.on("response", lambda answer: answers.append(answer))
        page.goto(chat.url, wait_until="networkidle")
        page.get_by_role("textbox", name=re.compile("name", re.I)).fill("alice")
        page.keyboard.press("Enter")
        page.get_by_role("textbox", name=re.compile("message", re.I)).wait_for()
        for answer in answers:
            policy = answer.headers.get("content-security-policy", "")
            if answer.request.resource_type == "document":
                assert "default-src 'none'" in policy and "require-trusted-types-for 'script'" in policy, policy
            assert answer.url.startswith(chat.url), answer.url
            if answer.status == 200:
                assert answer.headers.get("content-encoding") == "gzip" and answer.headers.get("etag"), answer.url
        # These are fetched behind the page's back.
        for path in ("/sw.js", "/manifest.webmanifest", "/icon.svg"):
            if not any(answer.url.endswith(path) for answer in answers):
                answers.append(page.request.get(chat.url + path, headers={"Accept-Encoding": "gzip"}))
        bodies = sum(int(answer.headers["content-length"]) for answer in answers if answer.status == 200)
        print(f"  {bodies} bytes in {len(answers)} answers, with headers {sum(sizes.values()):.0f}")
        assert bodies <= 30 * 1024, bodies


def test_a_newcomer_on_the_same_network_without_https(browser):
    """Such a page has no locks, no service worker, no notifications; and chats."""
    with Stage() as stage:
        chat = stage.chat()
        url = chat.url.replace("localhost", "chat.example")  # the browser is told that this is here
        phone = Person(browser, url, "phone", viewport=PHONE)
        assert not phone.page.evaluate("isSecureContext")
        other = Person(browser, chat.url, "other")
        phone.say("from the phone")
        other.sees("from the phone")
        phone.role("button", "notification").click()
        phone.sees_words("need HTTPS")
        phone.page.reload()
        phone.sees("from the phone")
        chat.pages.cut()
        phone.sees_words("reconnecting|lost")
        phone.say("kept")
        chat.pages.mend()
        other.sees("kept", 15)
        phone.fine()
