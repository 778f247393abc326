"""Runs the Autobahn|Testsuite, and sums its report up. For scripts/autobahn, and for Python 2.7 as well as 3.

autobahn_suite.py wstest SITE ARGUMENTS...      the suite's own program, with the packages in SITE
autobahn_suite.py summary INDEX [EXPECTED]    a table of the report; status 1 if a case failed or fewer cases ran
"""
from __future__ import print_function

import collections
import json
import site
import sys

FINE = ("OK", "NON-STRICT", "INFORMATIONAL")


def wstest(directory, arguments):
    site.addsitedir(directory)  # not only a path: some packages come with .pth files
    sys.argv = ["wstest"] + arguments
    from autobahntestsuite.wstest import run

    run()


def number(case):
    return [int(part) for part in case.split(".")]


def summary(index, expected):
    with open(index) as file:
        agents = json.load(file)
    failures = 0
    for agent, cases in sorted(agents.items()):
        sections = collections.defaultdict(collections.Counter)
        for case, result in cases.items():
            sections[number(case)[0]][result["behavior"]] += 1
        behaviours = sorted({name for counter in sections.values() for name in counter}, key=lambda b: (b not in FINE, b))
        print("%s: %d cases" % (agent, len(cases)))
        print("| section | %s |" % " | ".join(behaviours))
        print("| --- |%s" % (" --- |" * len(behaviours)))
        for section in sorted(sections):
            print("| %d | %s |" % (section, " | ".join(str(sections[section][name] or "") for name in behaviours)))
        total = sum(sections.values(), collections.Counter())
        print("| all | %s |" % " | ".join(str(total[name]) for name in behaviours))
        for case, result in sorted(cases.items(), key=lambda item: number(item[0])):
            if (result["behavior"], result["behaviorClose"]) != ("OK", "OK"):
                print("%s: %s, close %s" % (case, result["behavior"], result["behaviorClose"]))
            if result["behavior"] not in FINE or result["behaviorClose"] not in FINE:
                failures += 1
        if len(cases) < expected:
            print("only %d of %d cases have a result" % (len(cases), expected))
            failures += 1
    return 1 if failures or not agents else 0


if __name__ == "__main__":
    if sys.argv[1] == "wstest":
        wstest(sys.argv[2], sys.argv[3:])
    else:
        sys.exit(summary(sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 1))
