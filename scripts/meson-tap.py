#!/usr/bin/env python3
"""The TAP lines of every test that meson ran, from its testlog.json.

A test that ended badly without a "not ok" of its own (a crash, a sanitizer's
report at exit, a time limit) gets one.
"""

import json
import re
import sys

with open(sys.argv[1]) as f:
    for text in f:
        test = json.loads(text)
        name = test["name"]
        lines = [l for l in (test.get("stdout") or "").splitlines() if re.match(r"(not )?ok\b", l)]
        for line in lines:
            print(re.sub(r"^((?:not )?ok)\s+\d*\s*-?\s*", r"\1 - %s: " % name, line))
        good = test["result"] in ("OK", "EXPECTEDFAIL", "SKIP")
        if not good and not any(l.startswith("not ok") for l in lines):
            print("not ok - %s: %s" % (name, test["result"]))
        elif good and not lines:
            print("ok - %s%s" % (name, " # SKIP" if test["result"] == "SKIP" else ""))
        if not good:
            for line in ((test.get("stdout") or "")[-3000:] + (test.get("stderr") or "")[-6000:]).splitlines():
                print("# " + line)
