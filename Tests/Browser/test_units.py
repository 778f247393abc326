"""The pure parts, in the browser, without a server."""

import threading

from devserver import PageServer
from servers import free_port, until


def test_units(browser):
    pages = PageServer(("127.0.0.1", free_port()), ("127.0.0.1", 1))
    threading.Thread(target=pages.serve_forever, daemon=True).start()
    page = browser.new_page()
    page.goto(f"http://localhost:{pages.server_address[1]}/tests/units.html")
    results = until(lambda: page.evaluate("window.results"), "the results")
    pages.shutdown()
    failed = [f"{name}: {error}" for name, error in results if error]
    assert not failed, "\n".join(failed)
    assert len(results) > 30, results
    print(f"  {len(results)} cases")
