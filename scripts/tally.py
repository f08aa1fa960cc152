#!/usr/bin/env python3
"""Count TAP lines.

tally.py --show NAME FILE SECONDS   one line, and what failed or was skipped
tally.py --total FILE...            "N passed, N failed"; exit 1 if any failed
"""

import re
import sys


def count(path):
    """(passed, failed lines); a command that ends badly without a word of
    its own counts as one failure."""
    passed, failed, status = 0, [], 0
    with open(path, errors="replace") as f:
        lines = f.read().splitlines()
    for line in lines:
        if re.match(r"ok\b", line):
            passed += 1
        elif re.match(r"not ok\b", line):
            failed.append(line)
        elif re.match(r"exit \d+$", line):
            status = int(line.split()[1])
    if status != 0 and not failed:
        failed.append("not ok - ended with exit status %d" % status)
    if passed == 0 and not failed:
        failed.append("not ok - ran no test")
    return passed, failed, lines


def show(name, path, seconds):
    passed, failed, lines = count(path)
    print("%-28s %5d ok %4d not ok %5s s" % (name, passed, len(failed), seconds), flush=True)
    shown = lines[-400:] if failed else [line for line in lines if re.match(r"ok\b.*# SKIP\b", line)]
    if shown:
        print("\n".join("  " + line for line in shown), flush=True)


def total(paths):
    passed = failed = 0
    for path in paths:
        p, f, _ = count(path)
        passed += p
        failed += len(f)
        for line in f:
            print("%s: %s" % (path.rsplit("/", 1)[-1], line))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    if sys.argv[1] == "--show":
        show(sys.argv[2], sys.argv[3], sys.argv[4])
    else:
        sys.exit(total(sys.argv[2:]))
