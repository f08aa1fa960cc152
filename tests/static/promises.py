#!/usr/bin/env python3
"""The table promise -> test is true: every test that docs/promises.md names is
there, every row names one or says "not yet", no number stands twice. And no
test hides another of the same name in its class."""

import ast
import glob
import os
import re

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
count = 0
bad = 0


def ok(good, what):
    global count, bad
    count += 1
    bad += not good
    print("%s %d - %s" % ("ok" if good else "not ok", count, what))


def there(path, name):
    try:
        with open(os.path.join(TOP, "tests", path)) as f:
            text = f.read()
    except OSError:
        return False
    name = re.escape(name)
    pattern = {
        ".py": r"^(?:    def %s\(self|def %s\()" % (name, name),
        ".c": r"^(?:static |int )?(?:void )?%s\(" % name,
        ".mjs": r"tap\.step\([\"`]%s(?:[\"`]| \(\$)" % name,
        ".sh": r"^\s*(?:t|check) [\"']%s" % name,
    }[os.path.splitext(path)[1]]
    return re.search(pattern, text, re.M) is not None


def table():
    with open(os.path.join(TOP, "docs", "promises.md")) as f:
        rows = re.findall(r"^\| ([PRVMB]\d+) \| (.*?) \| (.*) \|$", f.read(), re.M)
    ok(len(rows) > 90, "docs/promises.md has its rows")
    numbers = [number for number, _, _ in rows]
    ok(len(numbers) == len(set(numbers)), "each number stands once")
    for number, _, shown in rows:
        named = re.findall(r"`(\S+\.(?:py|c|mjs|sh)) ([^`]+)`", shown)
        missing = ["%s %s" % t for t in named if not there(*t)]
        ok((named or "**not yet**" in shown) and not missing,
           "%s has its tests%s" % (number, "".join(": %s is not there" % m for m in missing)))


def twice(path):
    with open(path) as f:
        tree = ast.parse(f.read())
    for c in (n for n in tree.body if isinstance(n, ast.ClassDef)):
        names = [n.name for n in c.body if isinstance(n, ast.FunctionDef)]
        yield from (n for n in set(names) if names.count(n) > 1)


table()
for file in sorted(glob.glob(TOP + "/tests/*/test_*.py")):
    hidden = list(twice(file))
    ok(not hidden, "%s hides no test of its own%s" % (os.path.relpath(file, TOP), "".join(": " + h for h in hidden)))
print("1..%d" % count)
raise SystemExit(1 if bad else 0)
