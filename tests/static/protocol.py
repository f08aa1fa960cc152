#!/usr/bin/env python3
"""PROTOCOL.keeper says what src/wire and the keeper do, and its example runs."""

import os
import re
import subprocess
import sys
import textwrap

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
KEEPER = os.path.join(os.environ.get("CERTWRIGHT_BUILD", "build"), "certwright-keeper")
n = bad = 0


def report(what, ok, why=""):
    global n, bad
    n += 1
    print("%s %d - %s" % ("ok" if ok else "not ok", n, what))
    for line in str(why).splitlines() if not ok else []:
        print("# " + line)
    bad += not ok


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def enum(text, name):
    """{member: number} of an enum, also where it names the first number only."""
    body = re.sub(r"/\*.*?\*/", "", re.search(r"enum %s \{(.*?)\};" % name, text, re.S).group(1),
                  flags=re.S)
    members, value = {}, 0
    for item in filter(None, (m.strip() for m in body.split(","))):
        member, _, given = (x.strip() for x in item.partition("="))
        value = eval(given) if given else value  # a number or 1 << n
        members[member] = value
        value += 1
    return members


protocol = read("PROTOCOL.keeper")
words = " ".join(protocol.split())
message_h, message_c = read("src/wire/message.h"), read("src/wire/message.c")

numbers = enum(message_h, "wire_op")
rows = {(numbers[op], name, question or "-", answer or "-") for op, name, question, answer in
        re.findall(r'\[(OP_\w+)\] = \{ "([\w-]+)", "(\w*)", "(\w*)" \}', message_c)}
told = {(int(i), name, question, answer) for i, name, question, answer in
        re.findall(r"^ +(\d+) +([a-z-]+) +([A-Za-z]+|-) +([A-Za-z]+|-)$", protocol, re.M)}
report("every operation with its fields", rows and told == rows, sorted(told ^ rows))

letters = set("".join(q + a for _, _, q, a in rows)) - {"-"}
legend = set(re.findall(r"^    (\w)  \w", protocol, re.M))
report("every field has its line", legend == letters, sorted(legend ^ letters))

prose = set()
for names in re.findall(r"^([a-z][a-z, -]*?) {2,}\w", protocol.split("5. Operations")[1]
                        .split("6. What is signed")[0], re.M):
    prose |= {name.strip() for name in names.split(",")}
report("every operation is explained", prose == {row[1] for row in rows},
       prose ^ {row[1] for row in rows})

version = re.search(r"#define WIRE_VERSION\s+(\d+)", message_h).group(1)
report("the version", protocol.startswith("The keeper's protocol, version %s\n" % version))

purposes = {k[len("PURPOSE_"):].lower().replace("_", "-"): v
            for k, v in enum(read("src/wire/purpose.h"), "key_purpose").items()}
report("every purpose", all("%d %s" % (v, k) in words for k, v in purposes.items()), purposes)

types = {k[len("WIRE_"):]: v for k, v in enum(message_h, "wire_key").items()}
report("every type of key", all(
    "%d %s" % (v, re.sub(r"^P(\d)", r"P-\1", k) if k != "ED25519" else "Ed25519") in words
    for k, v in types.items()), types)

schemes = {k[len("SCHEME_"):].replace("_", "-"): v
           for k, v in enum(message_h, "wire_scheme").items() if k != "SCHEME_COUNT"}
report("every scheme", all("%d %s" % (v, k) in words or "%d %s" % (v, k.capitalize()) in words
                           for k, v in schemes.items()), schemes)

formats = {k[len("FORMAT_"):].replace("_", "-"): v
           for k, v in enum(read("src/wire/format.h"), "key_format").items()}
report("every format", all("%d %s" % (v, k) in words for k, v in formats.items()), formats)

labels = set(re.findall(r'vault_derive\(\w+(?:->\w+)?, "([^"]+)"',
                        read("src/keeper/vault.c") + read("src/keeper/keeper.c")))
report("every label of a derived key", labels and all('"%s"' % x in words for x in labels), labels)

options = set(re.findall(r'\{ "([a-z-]+)", (?:no|required)_argument', read("src/keeper/keeper.c")))
if "log_asked(" in read("src/keeper/keeper.c"):     # which answers these two
    options |= set(re.findall(r'"--([a-z]+)"', read("src/base/log.c")))
report("every option", options == set(re.findall(
    r"--([a-z-]+)", protocol.split("1. Start")[1].split("There is no greeting")[0])) -
    {"spawner"}, options)

if os.path.exists(KEEPER):
    example = textwrap.dedent(protocol.split("10. Example")[1].split("\n\n", 2)[2])
    run = subprocess.run([sys.executable, "-c", example, KEEPER], capture_output=True, text=True,
                         timeout=60, stdin=subprocess.DEVNULL)
    # who starts it by hand may not lock its memory, and is told so
    said = [line for line in run.stderr.splitlines() if "may be written to swap" not in line]
    report("the example runs", (run.returncode, said) == (0, []) and
           run.stdout.splitlines()[0::2] == ["destroyed keys: 0", "destroyed keys: 1"],
           run.stdout + run.stderr)
sys.exit(bad > 0)
