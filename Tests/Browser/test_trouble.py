"""What happens when something goes wrong."""

import re

from playwright.sync_api import expect

from people import Person
from servers import Stage, until


def test_offline_and_back_everything_is_sent_once(browser):
    with Stage() as stage:
        chat = stage.chat()
        alice, bob = Person(browser, chat.url, "alice"), Person(browser, chat.url, "bob")
        alice.say("before")
        bob.sees("before")
        alice.context.set_offline(True)
        alice.sees_words("offline")
        for number in range(3):
            alice.say(f"kept {number}")
        expect(alice.page.locator(".message.queued")).to_have_count(3)
        bob.say("while you were away")
        bob.settled()
        alice.context.set_offline(False)
        alice.settled()
        alice.sees("while you were away")
        for number in range(3):
            bob.sees(f"kept {number}")
            alice.sees(f"kept {number}")
        assert alice.bodies() == bob.bodies() == ["before", "while you were away", "kept 0", "kept 1", "kept 2"]
        alice.fine()


def test_server_killed_in_the_middle_of_a_sentence(browser):
    with Stage() as stage:
        chat = stage.chat()
        alice, bob = Person(browser, chat.url, "alice"), Person(browser, chat.url, "bob")
        alice.say("one")
        bob.sees("one")
        alice.box.press_sequentially("half a sent")
        chat.kill()
        alice.sees_words("reconnecting|lost")
        alice.box.press_sequentially("ence")
        alice.box.press("Enter")
        alice.say("and another")
        chat.start()
        for person in (alice, bob):
            person.sees("half a sentence", 20)
            person.sees("and another", 20)
        alice.settled()
        bob.say("all there")
        alice.sees("all there", 20)
        assert alice.bodies() == bob.bodies() == ["one", "half a sentence", "and another", "all there"]
        alice.fine()


def test_an_instance_dies_and_the_session_goes_on_at_the_other(browser):
    with Stage() as stage:
        one, two = stage.cluster(BEAT_SECONDS=1, LEASE_SECONDS=3)
        alice, bob = Person(browser, one.url, "alice"), Person(browser, two.url, "bob")
        alice.join("dev")
        bob.join("dev")
        for number in range(5):
            alice.say(f"before {number}")
        bob.sees("before 4")
        alice.settled()
        one.kill()
        alice.sees_words("reconnecting|lost")
        alice.say("meanwhile")
        bob.say("from bob")
        bob.settled()
        one.pages.server = ("127.0.0.1", two.port)  # as a load balancer does
        alice.settled()
        alice.sees("from bob", 15)
        bob.sees("meanwhile", 15)
        expected = [f"before {number}" for number in range(5)]
        for person in (alice, bob):
            assert sorted(person.bodies()) == sorted([*expected, "from bob", "meanwhile"]), person.bodies()
        assert alice.bodies() == bob.bodies()
        expect(bob.log).not_to_contain_text("alice left")


def test_an_answer_that_was_lost_doubles_nothing(browser):
    """The message is stored, and the connection breaks before the acknowledgement comes."""
    with Stage() as stage:
        chat = stage.chat()
        alice, bob = Person(browser, chat.url, "alice"), Person(browser, chat.url, "bob")
        alice.say("first")
        bob.sees("first")
        alice.settled()
        # From here on alice's page hears nothing, and what she says arrives.
        alice.page.evaluate("""() => {
            const { client } = document.querySelector('chat-app');
            window.original = client.handle;
            client.handle = function (event) { if (event.type !== 'frame') return original.call(this, event); };
        }""")
        alice.say("was stored")
        bob.sees("was stored")
        expect(alice.page.locator(".message.sent")).to_have_count(1)
        alice.page.evaluate("void (document.querySelector('chat-app').client.handle = original)")
        chat.pages.cut()
        alice.sees_words("reconnecting|lost")
        chat.pages.mend()
        alice.settled()
        alice.say("last")
        for person in (alice, bob):
            person.sees("last", 15)
            assert person.bodies() == ["first", "was stored", "last"], person.bodies()


def test_a_killed_tab_loses_nothing_that_was_written(browser):
    with Stage() as stage:
        chat = stage.chat()
        alice, bob = Person(browser, chat.url, "alice"), Person(browser, chat.url, "bob")
        alice.join("dev")
        alice.place("global").click()
        alice.say("before")
        bob.sees("before")
        alice.context.set_offline(True)
        alice.sees_words("offline")
        alice.say("written offline 1")
        alice.say("written offline 2")
        alice.box.fill("and a draft")
        alice.page.wait_for_timeout(200)
        alice.page.close()
        alice.context.set_offline(False)
        # The session still waits for its client: a new tab may go on with it, since the old one is dead.
        again = Person(browser, chat.url, context=alice.context)
        expect(again.name_box).to_have_value("alice")
        again.sign_in("alice")
        bob.sees("written offline 1")
        bob.sees("written offline 2")
        again.settled()
        expect(again.place("dev")).to_be_visible()
        expect(bob.log).not_to_contain_text("alice left")
        assert bob.bodies() == ["before", "written offline 1", "written offline 2"], bob.bodies()
        expect(again.box).to_have_value("and a draft")
        # It was taken by exactly one tab: another one of the same browser finds nothing more.
        other = Person(browser, chat.url, "alice-2", context=alice.context)
        other.sees("written offline 2")
        assert other.page.locator(".queued, .sent").count() == 0
        again.fine()


def test_the_page_opens_without_a_network(browser):
    with Stage() as stage:
        chat = stage.chat()
        alice = Person(browser, chat.url, "alice")
        alice.page.evaluate("navigator.serviceWorker.ready.then(() => 1)")
        until(lambda: alice.page.evaluate("caches.open('shell').then(cache => cache.keys()).then(keys => keys.length)") > 10, "the shell is kept")
        kept = alice.page.evaluate("caches.open('shell').then(cache => cache.keys()).then(keys => keys.map(({ url }) => new URL(url).pathname))")
        assert not [path for path in kept if path.startswith(("/ws", "/api", "/admin"))], kept
        chat.pages.cut()
        alice.page.reload()
        alice.box.wait_for()
        alice.sees_words("reconnecting|lost|offline")
        alice.say("from a page out of the box")
        chat.pages.mend()
        alice.settled()
        bob = Person(browser, chat.url, "bob")
        bob.sees("from a page out of the box")


def test_a_drain_is_no_end(browser):
    with Stage() as stage:
        one, two = stage.cluster(DRAIN_SECONDS=1)
        alice, bob = Person(browser, one.url, "alice"), Person(browser, two.url, "bob")
        alice.say("before")
        bob.sees("before")
        one.process.terminate()
        one.pages.server = ("127.0.0.1", two.port)
        one.process.wait(20)
        alice.say("after")
        bob.sees("after", 20)
        alice.settled()
        expect(bob.log).not_to_contain_text("alice left")


def test_hostile_names_and_texts(browser):
    with Stage() as stage:
        chat = stage.chat()
        name = "<img/src=x/onerror=alert(1)>"
        mallory, alice = Person(browser, chat.url, name), Person(browser, chat.url, "alice")
        alice.page.on("dialog", lambda dialog: alice.errors.append("a dialog"))
        texts = [
            "<script>alert(1)</script><b>bold</b>", "javascript:alert(1) [x](javascript:alert(1)) [y](data:text/html,1)",
            "\u202eright to left override \u2066 unclosed", "a" * 5000, "`" * 3000, "**" * 4000, "[" * 8000, "*_" * 3000,
            "https://" + "a" * 4000, "e\u0301" + "\u0301" * 500, "constructor __proto__ toString", "> " * 500,
        ]
        mallory.say(texts[0])
        alice.sees(texts[0])
        for text in texts[1:]:
            mallory.say(text)
        for room in ("__proto__", "constructor", "toString"):
            mallory.join(room)
        mallory.say("in a strange room")
        mallory.sees("in a strange room")
        mallory.place("global").click()
        mallory.settled()
        alice.sees("constructor __proto__ toString")
        expect(alice.page.get_by_role("complementary").get_by_text(name)).to_be_visible()
        assert alice.page.locator("chat-log img, chat-log script, chat-people img").count() == 0
        hrefs = alice.page.locator("chat-log a").evaluate_all("links => links.map(link => link.protocol)")
        assert set(hrefs) <= {"https:"}, hrefs
        assert alice.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        alice.page.get_by_role("complementary").get_by_role("button", name=name).click()
        alice.say("to a hostile name")
        mallory.place("alice").click()
        mallory.sees("to a hostile name")
        alice.fine()
        mallory.fine()
