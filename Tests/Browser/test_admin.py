"""The dashboard. Where the server has no such routes, the page server answers in its place."""

import json
import re
import urllib.error
import urllib.request

from playwright.sync_api import expect

from people import PHONE, WIDE, Person
from servers import Stage
from test_looks import check

TOKEN = "a-token-of-an-operator"
USERS = [f"user-{number:06}" for number in range(100_000)]


def answer(value, status=200):
    return status, json.dumps(value).encode()


def allowed(handler):
    return handler.headers.get("Authorization") == f"Bearer {TOKEN}"


REFUSED = answer({"error": {"code": "unauthorized", "message": "this is not the token"}}, 401)


def cluster(missing=(), **more):
    instance = {
        "version": "0.1.0", "uptime": 93_784_000, "connections": 50_000, "rooms": 12, "messagesPerSecond": 812.4,
        "deliveriesPerSecond": 40_211.7, "dependencies": [{"name": name, "state": "ok"} for name in ("nats", "redis", "storage")],
    }
    return {"instances": [{"name": f"server-{number}", **instance, **more} for number in (1, 2)], "missing": list(missing),
            "rooms": [{"name": f"room-{number}", "members": 5000 - number} for number in range(100)], "totalRooms": 3120}


class Stubs:
    """`full`: as much as a server answers at most; else a little, since axe looks at every element for long."""

    def __init__(self, full=True):
        self.cluster, self.said, self.disconnected, self.full = cluster(), [], [], full

    def table(self):
        guard = lambda make: lambda handler: answer(make(handler)) if allowed(handler) else REFUSED
        monitoring = {
            "recentMessages": [{"timestamp": "2026-11-21T12:49:02.514Z", "room": "dev", "sender": "bob", "seq": number, "bytes": 12}
                               | ({"content": "<b>shown</b>"} if number % 2 else {}) for number in range(100 if self.full else 6)],
            "recentEvents": [{"kind": "joined", "time": "2026-11-21T12:48:40.003Z", "username": f"user-{number}", "room": "dev"} for number in range(500 if self.full else 6)],
        }

        def users(handler):
            query = dict(part.split("=") for part in handler.path.partition("?")[2].split("&"))
            after, limit = urllib.request.unquote(query.get("after", "")), int(query["limit"])
            names = [name for name in USERS if name > after][:limit if self.full else 6]
            sessions = [{"instance": "server-1", "address": "192.0.2.7", "dialect": "chat.v2", "rooms": ["dev"], "since": "2026-11-21T12:48:40.003Z"}]
            return {"users": [{"username": name, "sessions": sessions} for name in names]} | ({"more": True} if names and names[-1] != USERS[-1] else {})

        def say(handler):
            self.said.append((handler.path, json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))))
            return {"id": "x", "room": "dev", "seq": 7, "timestamp": "2026-11-21T12:48:40.003Z"}

        def disconnect(handler):
            self.disconnected.append(json.loads(handler.rfile.read(int(handler.headers["Content-Length"]))))
            return {}

        return {
            ("GET", "/api/cluster"): guard(lambda _: self.cluster), ("GET", "/api/monitoring"): guard(lambda _: monitoring),
            ("GET", "/api/users"): guard(users), ("POST", "/api/announce"): guard(say), ("POST", "/api/publish"): guard(say),
            ("POST", "/api/users/user-000001/disconnect"): guard(disconnect),
        }


def log_in(page, url):
    page.goto(f"{url}/admin")
    field = page.get_by_role("textbox", name=re.compile("token", re.I))
    field.fill("wrong")
    field.press("Enter")
    page.get_by_text("not accepted").wait_for()
    field.fill(TOKEN)
    field.press("Enter")
    page.get_by_role("heading", name="Connections").wait_for()


def test_the_dashboard_with_100000_users(browser):
    with Stage() as stage:
        stubs = Stubs()
        chat = stage.chat(stubs.table())
        person = Person(browser, chat.url)
        page = person.page
        log_in(page, chat.url)
        rows = page.get_by_role("row").filter(has=page.get_by_role("button", name="Disconnect"))
        expect(rows).to_have_count(50)
        page.get_by_role("button", name="Next page").click()
        expect(rows.first).to_contain_text("user-000050")
        page.get_by_label("From").fill("user-09999")
        expect(rows).to_have_count(10)
        expect(rows.first).to_contain_text("user-099990")
        page.get_by_label("From").fill("")
        expect(rows.first).to_contain_text("user-000000")
        page.get_by_label("Reason told").fill("please update")
        page.get_by_role("button", name="Disconnect user-000001", exact=True).click()
        page.get_by_text("user-000001 was disconnected").wait_for()
        assert stubs.disconnected == [{"reason": "please update"}]
        announce = page.get_by_role("textbox", name=re.compile("announce", re.I))
        announce.fill("noon")
        announce.press("Enter")
        page.get_by_text("Announced to everybody.").wait_for()
        page.get_by_label("Publish in").fill("dev")
        page.get_by_label("Text").fill("hello")
        page.get_by_label("Text").press("Enter")
        page.get_by_text("as number 7").wait_for()
        assert stubs.said == [("/api/announce", {"content": "noon"}), ("/api/publish", {"room": "dev", "content": "hello"})]
        expect(page.get_by_text("100,000").first).to_be_visible()
        page.get_by_text("<b>shown</b>").first.wait_for()
        expect(page.get_by_text("joined")).to_have_count(500)
        stubs.cluster = cluster(missing=["server-3"])
        page.get_by_text("server-3 does not answer").wait_for()
        stubs.cluster = cluster(dependencies=[{"name": "nats", "state": "down", "error": "connection refused"}])
        page.get_by_text("nats is down on server-1: connection refused").wait_for()
        chat.pages.cut()
        page.get_by_text(re.compile("What is shown is .* old")).wait_for()
        person.fine()


def test_axe_on_the_dashboard(browser):
    with Stage() as stage:
        stubs = Stubs(full=False)
        stubs.cluster = cluster(missing=["server-3"])
        del stubs.cluster["rooms"][6:]
        chat = stage.chat(stubs.table())
        for scheme, viewport, size in (("light", WIDE, "wide"), ("dark", WIDE, "wide"), ("light", PHONE, "phone"), ("dark", PHONE, "phone")):
            person = Person(browser, f"{chat.url}/admin", viewport=viewport, color_scheme=scheme)
            check(person.page, f"{size} {scheme} dashboard log in")
            log_in(person.page, chat.url)
            person.page.get_by_text("user-000001", exact=True).wait_for()
            person.page.get_by_text("<b>shown</b>").first.wait_for()
            check(person.page, f"{size} {scheme} dashboard")
            person.fine()
            person.context.close()


def test_the_dashboard_of_a_real_server(browser):
    with Stage() as stage:
        chat = stage.chat(ADMIN_TOKEN=TOKEN)
        request = urllib.request.Request(f"http://127.0.0.1:{chat.port}/api/cluster", headers={"Authorization": f"Bearer {TOKEN}"})
        try:
            urllib.request.urlopen(request)
        except urllib.error.HTTPError as error:
            print(f"  this server has no /api/cluster: {error.code}")
            return
        alice = Person(browser, chat.url, "alice")
        alice.say("hello")
        alice.settled()
        operator = Person(browser, f"{chat.url}/admin")
        log_in(operator.page, chat.url)
        announce = operator.page.get_by_role("textbox", name=re.compile("announce", re.I))
        announce.fill("The server restarts at noon.")
        announce.press("Enter")
        alice.page.get_by_text("The server restarts at noon.").first.wait_for()
        operator.page.get_by_text("connected").first.wait_for()
        operator.page.get_by_label("Publish in").fill("global")
        operator.page.get_by_label("Text").fill("build is green")
        operator.page.get_by_label("Text").press("Enter")
        alice.sees("build is green")
        operator.page.get_by_role("button", name="Disconnect alice").click()
        alice.sees_words("you were disconnected")
        alice.page.get_by_role("button", name="Continue here").click()
        alice.say("back again")
        alice.sees("back again")
        alice.fine()
        operator.fine()
