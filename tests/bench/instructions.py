#!/usr/bin/env python3
"""Instructions of the hot paths, counted by callgrind, against a table.

    instructions.py            TAP: no path may be more than 5 % above the table
    instructions.py --update   write the table anew

The counts hang on the compiler, so nothing is compared with a table of another
one. "all" has the libraries' instructions too; where a library is another than
the table's, "own", what our own code needs, is still compared.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
TABLE = os.path.join(TOP, "tests", "bench", "instructions.tsv")
PROGRAM = os.path.realpath(os.path.join(os.environ.get("CERTWRIGHT_BUILD", os.path.join(TOP, "build-bench")),
                                        "tests", "bench", "instructions"))
RUNS = 20
ABOVE = 1.05
OURS = ("machine", "compiler")  # what "own" hangs on
HEAD = """# Instructions of one run of each hot path. Made by tests/bench/instructions.py
# --update; what is more than 5 % above it fails.
"""

# The same code on every processor: the variants that libcrypto and libc choose
# by what it can do would make the table one of this machine.
ENVIRONMENT = dict(os.environ, LC_ALL="C", TZ="UTC",
                   OPENSSL_ia32cap="~0xffffffffffffffff:~0xffffffffffffffff",
                   GLIBC_TUNABLES="glibc.cpu.hwcaps=-AVX512F,-AVX512VL,-AVX2,-AVX,-BMI2,-ERMS,-FSRM,-SSE4_2,-SSSE3")


def asked(option):
    return subprocess.run([PROGRAM, option], capture_output=True, text=True, check=True).stdout.splitlines()


def self_costs(path):
    """Sum of the instructions by object; what is below a call line is the callee's."""
    names, costs, here, skip = {}, {}, None, False
    with open(path) as f:
        for line in f:
            found = re.match(r"ob=\((\d+)\)(?: (.*))?", line)
            if found:
                if found.group(2):
                    names[found.group(1)] = found.group(2)
                here = found.group(1)
            elif re.match(r"cob=\((\d+)\) ", line):
                found = re.match(r"cob=\((\d+)\) (.*)", line)
                names[found.group(1)] = found.group(2)
            elif line.startswith("calls="):
                skip = True
            elif re.match(r"[+\-*\d]", line):
                if not skip:
                    costs[here] = costs.get(here, 0) + int(line.split()[1])
                skip = False
    return {names.get(k, "?"): v for k, v in costs.items()}


def count(name):
    """(own, all) of one run."""
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "out")
        r = subprocess.run(["valgrind", "--tool=callgrind", "--toggle-collect=measured",
                            "--callgrind-out-file=" + out, PROGRAM, TOP, name, str(RUNS)],
                           capture_output=True, text=True, env=ENVIRONMENT)
        if r.returncode != 0:
            raise RuntimeError(r.stderr)
        costs = self_costs(out)
    return costs.get(PROGRAM, 0) // RUNS, sum(costs.values()) // RUNS


def count_all(names):
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return dict(zip(names, pool.map(count, names)))


def read_table():
    versions, rows = {}, {}
    with open(TABLE) as f:
        for line in f:
            words = line.rstrip("\n").split("\t")
            if line.startswith("# ") and len(words) == 2:
                versions[words[0][2:]] = words[1]
            elif not line.startswith("#") and words[0] != "path":
                rows[words[0]] = (int(words[1]), int(words[2]))
    return versions, rows


def write_table(versions, counts):
    with open(TABLE, "w") as f:
        f.write(HEAD)
        for name, version in versions.items():
            f.write("# %s\t%s\n" % (name, version))
        f.write("path\town\tall\n")
        for name, (own, whole) in counts.items():
            f.write("%s\t%d\t%d\n" % (name, own, whole))


def compared(name, what, now, then):
    """One line of TAP: both numbers, always."""
    text = "%s, %s: %d instructions, the table says %d (%+.1f %%)" % (
        name, what, now, then, 100.0 * now / then - 100)
    if now > then * ABOVE:
        return False, text
    return True, text + ("; better: instructions.py --update keeps it" if now * ABOVE < then else "")


def main():
    versions = dict(line.split("\t") for line in asked("--versions"))
    names = asked("--list")
    if "--update" in sys.argv:
        write_table(versions, count_all(names))
        return 0
    were, rows = read_table()
    other = ["%s is %s, the table is of %s" % (k, versions[k], were.get(k)) for k in versions
             if versions[k] != were.get(k)]
    if any(versions[k] != were.get(k) for k in OURS):
        print("ok 1 - nothing is compared # SKIP %s\n1..1" % "; ".join(other))
        return 0
    lines = [(sorted(rows) == sorted(names), "the table has the paths of the program, no other" + "".join(
        ": " + name for name in sorted(set(rows) ^ set(names))))]
    counts = count_all([n for n in names if n in rows])
    for name, (own, whole) in counts.items():
        lines.append(compared(name, "own", own, rows[name][0]))
        if not other:
            lines.append(compared(name, "all", whole, rows[name][1]))
    for i, (good, text) in enumerate(lines, 1):
        print("%s %d - %s" % ("ok" if good else "not ok", i, text))
    if other:
        print("ok %d - with the libraries # SKIP %s" % (len(lines) + 1, "; ".join(other)))
    print("1..%d" % (len(lines) + bool(other)))
    if not all(good for good, _ in lines):
        print("# where it went: callgrind_annotate; if it is meant: tests/bench/instructions.py --update")
        return 1
    return 0


sys.exit(main())
