"""Takes the pictures for the documentation: of the real page and the real dashboard, with two instances.

    CHAT_BIN=.build/debug python Tests/Browser/pictures.py docs
"""

import os
import sys

from playwright.sync_api import sync_playwright

from people import PHONE, Person, raw_socket
from servers import Stage

TOKEN = "a-token-of-an-operator"
SIZE = {"width": 1280, "height": 760}


def main(folder):
    with sync_playwright() as playwright, Stage() as stage:
        browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=["--no-sandbox"] if os.geteuid() == 0 else [])
        one, two = stage.cluster(ADMIN_TOKEN=TOKEN, MONITOR_TEXTS="true")
        ada, ben, cleo = (Person(browser, chat.url, name, viewport=SIZE) for chat, name in ((one, "ada"), (two, "ben"), (one, "cleo")))
        for person in (ada, ben, cleo):
            for room in ("releases", "dev"):
                person.join(room)
        ben.say("Good morning. The **nightly build** is green again: https://ci.example.org/builds/412")
        cleo.sees_words("green again")
        cleo.say("> The nightly build is green again\nWas it the flaky test?")
        ben.sees_words("flaky test")
        ben.say("It was. It waited for the wrong thing. I ran it *five hundred* times since:\n```\nfor i in {1..500}; do\n  swift test --filter ResumeTests || break\ndone\n```")
        ada.sees_words("five hundred")
        ada.say("Thank you! Then I merge `resume-v2` this afternoon, and we release tomorrow.")
        ada.settled()
        cleo.sees_words("this afternoon")
        cleo.say("@ada I can watch the dashboard while it rolls out.")
        ben.say("/msg ada one more thing about the tokens")
        ben.place("releases").click()
        ben.say("3.2 is tagged")
        ben.say("the notes are in docs/")
        ben.place("dev").click()
        ada.place("releases").get_by_text("2").wait_for()
        ben.box.press_sequentially("and", delay=20)
        ada.page.get_by_text("ben is typing").wait_for()
        ada.page.screenshot(path=f"{folder}/web-chat.png")
        phone = Person(browser, two.url, "dora", viewport=PHONE, color_scheme="dark", device_scale_factor=2)
        phone.join("dev")
        phone.log.get_by_text("watch the dashboard").wait_for()
        phone.page.screenshot(path=f"{folder}/web-phone.png")

        operator = Person(browser, f"{two.url}/admin", viewport={"width": 1280, "height": 1000})
        page = operator.page
        page.get_by_role("textbox").fill(TOKEN)
        page.get_by_role("textbox").press("Enter")
        page.get_by_role("heading", name="Connections").wait_for()
        for count, rate in ((120, 20), (400, 60), (150, 25), (700, 90), (200, 40)):
            if not hasattr(cleo, "flooding"):
                raw_socket(cleo, "load", "load")
                cleo.flooding = True
            cleo.page.evaluate(f"flood({count}, {rate})")
        page.screenshot(path=f"{folder}/web-dashboard.png")
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
