"""What people do on the page when all is well."""

import re
import time

from playwright.sync_api import expect

from people import Person, raw_socket
from servers import Stage, token, until


def test_two_browsers_and_a_terminal_on_two_instances(browser):
    with Stage() as stage:
        one, two = stage.cluster()
        alice, bob = Person(browser, one.url, "alice"), Person(browser, two.url, "bob")
        lines = []
        stage.terminal(two, "carol", "--listen", lines=lines)
        for person in (alice, bob):
            for name in ("alice", "bob", "carol"):
                expect(person.page.get_by_role("complementary").get_by_role("button", name=name)).to_be_visible(timeout=10000)
        alice.say("from the page")
        bob.sees("from the page")
        alice.sees("from the page")
        stage.terminal(two, "dave", "--once", "from the terminal")
        alice.sees("from the terminal")
        bob.sees("from the terminal")
        until(lambda: any("from the page" in line for line in lines), "the terminal shows what the page says")
        bob.box.press_sequentially("I wri")
        expect(alice.page.get_by_text("bob is typing")).to_be_visible()
        bob.box.fill("")
        alice.settled()
        alice.fine()
        bob.fine()


def test_rooms_unread_numbers_and_titles(browser):
    with Stage() as stage:
        chat = stage.chat()
        alice, bob = Person(browser, chat.url, "alice"), Person(browser, chat.url, "bob")
        bob.room_box.fill("dev")
        bob.room_box.press("Enter")
        alice.join("dev")
        alice.place("global").click()
        alice.box.fill("a draft for global")
        alice.place("dev").click()
        expect(alice.box).to_have_value("")
        alice.place("global").click()
        expect(alice.box).to_have_value("a draft for global")
        alice.box.fill("")
        bob.say("one")
        bob.say("two")
        expect(alice.place("dev")).to_contain_text("2")
        expect(alice.page).to_have_title(re.compile(r"^\(2\)"))
        alice.place("dev").click()
        alice.sees("one")
        alice.sees("two")
        expect(alice.place("dev")).not_to_contain_text("2")
        expect(alice.page).not_to_have_title(re.compile(r"^\("))
        alice.say("/leave")
        expect(alice.place("dev")).to_have_count(0)
        bob.say("not for alice")
        bob.settled()
        assert "not for alice" not in alice.bodies()


def test_private_messages_by_a_click_and_by_a_command(browser):
    with Stage() as stage:
        chat = stage.chat()
        alice, bob, eve = (Person(browser, chat.url, name) for name in ("alice", "bob", "eve"))
        alice.page.get_by_role("complementary").get_by_role("button", name="bob").click()
        alice.say("only for you")
        expect(bob.place("alice")).to_contain_text("1")
        bob.place("alice").click()
        bob.sees("only for you")
        bob.say("thanks")
        alice.sees("thanks")
        bob.say("/msg eve psst")
        eve.place("bob").click()
        eve.sees("psst")
        assert "only for you" not in eve.log.inner_text()
        alice.say("/msg nobody hello")
        alice.sees_words("not sent")
        alice.page.get_by_role("button", name="Discard").click()
        expect(alice.page.locator(".failed")).to_have_count(0)


def test_a_name_in_use_is_told_in_words(browser):
    with Stage() as stage:
        chat = stage.chat()
        alice = Person(browser, chat.url, "alice")
        other = Person(browser, chat.url)
        other.name_box.fill("alice")
        other.name_box.press("Enter")
        other.sees_words("already in use")
        expect(other.name_box).to_have_value("alice-2")
        other.name_box.press("Enter")
        other.box.wait_for()
        other.say("hello")
        alice.sees("hello")
        alice.fine()
        # Nor does a second tab of the same browser take the name.
        tab = Person(browser, chat.url, context=alice.context)
        tab.name_box.fill("alice")
        tab.name_box.press("Enter")
        tab.sees_words("already in use")
        alice.say("still alice")
        other.sees("still alice")
        bad = Person(browser, chat.url)
        bad.name_box.fill("x" * 33)
        bad.name_box.press("Enter")
        bad.sees_words("must not be longer than 32")


def test_a_reload_is_the_same_session_and_a_copied_tab_another_one(browser):
    with Stage() as stage:
        chat = stage.chat()
        alice, bob = Person(browser, chat.url, "alice"), Person(browser, chat.url, "bob")
        alice.join("dev")
        bob.join("dev")
        for number in range(3):
            bob.say(f"before {number}")
        alice.sees("before 2")
        session = "JSON.parse(sessionStorage.chat).saved.session"
        until(lambda: alice.page.evaluate(session), "the session is kept")
        secret = alice.page.evaluate(session)
        alice.box.fill("a draft")
        alice.page.wait_for_timeout(100)
        alice.page.reload()
        alice.box.wait_for()
        for number in range(3):
            alice.sees(f"before {number}")
        expect(alice.box).to_have_value("a draft")
        assert alice.page.evaluate(session) == secret
        expect(bob.log).not_to_contain_text("alice left")
        # window.open hands a copy of the session storage on, as "duplicate tab" does.
        with alice.context.expect_page() as opened:
            alice.page.evaluate("window.open('/')")
        copy = opened.value
        copy.get_by_text(re.compile("in use", re.I)).wait_for()
        alice.box.fill("")
        alice.say("still here")
        bob.sees("still here")


def test_history_scrolls_back_to_the_beginning(browser):
    with Stage() as stage:
        chat = stage.chat()
        alice = Person(browser, chat.url, "alice")
        writer = Person(browser, chat.url)
        raw_socket(writer, "writer", "dev")
        writer.page.evaluate("flood(450)")
        alice.join("dev")
        alice.log.get_by_text("line 449 ").wait_for()
        seen = set()

        def at_the_beginning():
            seen.update(re.findall(r"line (\d+) of", alice.log.inner_text()))
            alice.log.evaluate("log => log.scrollTop -= 500")
            return "no earlier" in alice.log.inner_text().lower() and "0" in seen

        until(at_the_beginning, "the beginning", 25)
        assert {int(number) for number in seen} == set(range(450)), sorted(set(map(str, range(450))) - seen)[:5]
        assert alice.page.locator(".message").count() < 300
        alice.fine()


def test_notifications_are_shown_when_allowed(browser):
    with Stage() as stage:
        chat = stage.chat()
        alice = Person(browser, chat.url, "alice", permissions=["notifications"])
        alice.page.evaluate("""() => { window.shown = []; window.Notification = class {
            static permission = 'granted'; static requestPermission = async () => 'granted';
            constructor(title, options) { shown.push(title + ': ' + options.body); } close() {} }; }""")
        bob = Person(browser, chat.url, "bob")
        alice.role("button", "notification").click()
        bob.say("/msg alice wake up")
        until(lambda: alice.page.evaluate("shown.some(text => text.includes('wake up'))"), "a notification")
        assert alice.page.evaluate("shown.length") == 1


def test_tokens(browser):
    with Stage() as stage:
        secret = "0123456789abcdef0123456789abcdef"
        chat = stage.chat(JWT_SECRET=secret, JWT_LEEWAY_SECONDS=0)
        alice = Person(browser, chat.url)
        alice.name_box.fill("alice")
        alice.name_box.press("Enter")
        alice.sees_words("asks for a token")
        field = alice.role("textbox", "^token")
        field.fill("nonsense")
        field.press("Enter")
        alice.sees_words("not accepted")
        field.fill(token(secret, sub="alice", exp=int(time.time()) + 3))
        field.press("Enter")
        alice.box.wait_for()
        alice.say("with a token")
        alice.sees("with a token")
        alice.role("textbox", "new token").fill(token(secret, sub="alice", exp=int(time.time()) + 600))
        alice.role("textbox", "new token").press("Enter")
        expect(alice.role("textbox", "new token")).to_have_count(0)
        alice.page.reload()
        alice.sees("with a token")
        alice.say("still the same")
        alice.sees("still the same")
        # A second browser of the same user: both see what the other says.
        phone = Person(browser, chat.url)
        phone.page.get_by_text("Sign in with a token").click()
        phone.role("textbox", "^token").fill(token(secret, sub="alice", exp=int(time.time()) + 600))
        phone.role("textbox", "^token").press("Enter")
        phone.sees("still the same")
        alice.say("from the first")
        phone.sees("from the first")
        alice.fine()
