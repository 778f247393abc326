"""Runs the tests of the pages in a real browser, one after the other.

    python Tests/Browser/run.py              all
    python Tests/Browser/run.py offline name  those whose name contains one of these
"""

import inspect
import os
import sys
import time
import traceback

from playwright.sync_api import sync_playwright

import test_admin
import test_chat
import test_floods
import test_looks
import test_trouble
import test_units

MODULES = [test_units, test_chat, test_trouble, test_looks, test_floods, test_admin]


def main():
    wanted = sys.argv[1:]
    tests = [(name, test) for module in MODULES for name, test in inspect.getmembers(module, inspect.isfunction)
             if name.startswith("test_") and test.__module__ == module.__name__]
    tests.sort(key=lambda item: (MODULES.index(sys.modules[item[1].__module__]), item[1].__code__.co_firstlineno))
    tests = [(name, test) for name, test in tests if not wanted or any(word in name for word in wanted)]
    failed, start = [], time.monotonic()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--host-resolver-rules=MAP chat.example 127.0.0.1", *(["--no-sandbox"] if os.geteuid() == 0 else [])])
        for name, test in tests:
            began = time.monotonic()
            try:
                test(browser)
            except Exception:
                traceback.print_exc()
                failed.append(name)
            finally:
                for context in browser.contexts:
                    context.close()
            print(f"{'FAILED' if name in failed else 'passed'} {name} ({time.monotonic() - began:.1f} s)", flush=True)
        browser.close()
    print(f"{len(tests) - len(failed)} of {len(tests)} passed in {time.monotonic() - start:.0f} s")
    if failed:
        print("failed:", ", ".join(failed))
    sys.exit(bool(failed) or not tests)


if __name__ == "__main__":
    main()
