#!/usr/bin/env python3
"""The manual pages name what --help names, and nothing else; the limits in
certwrightd(8) are those of base/limits.h."""

import os
import re
import subprocess
import sys

os.chdir(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
BUILD = os.environ.get("CERTWRIGHT_BUILD", "build")
GLOBAL = "options that stand anywhere:"
n = bad = 0


def report(what, ok, why=""):
    global n, bad
    n += 1
    print("%s %d - %s" % ("ok" if ok else "not ok", n, what))
    if not ok:
        print("# %s" % (why,))
    bad += not ok


def same(what, page, program):
    report(what, page == program and program,
           "only in the page: %s; only in the program: %s" % (
               sorted(page - program), sorted(program - page)))


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def help_of(program, *words):
    r = subprocess.run([os.path.join(BUILD, program), *words, "--help"], capture_output=True,
                       text=True, timeout=20)
    return r.stdout


def options_of(text):
    """{(option, placeholder)} of lines such as "  -o, --output FILE   write"."""
    return {(name, value or "") for name, value in
            re.findall(r"^ +(?:-\w, )?--([\w-]+)(?: ([A-Z][A-Z0-9:-]*))?", text, re.M)}


def items(page):
    """Heads of a list: what follows .It, joined where Xo and Xc spread it."""
    page = re.sub(r"^\.It Xo\n(.*?)^\.Xc$",
                  lambda m: ".It " + " ".join(line.lstrip(".") for line in m.group(1).splitlines()),
                  page, flags=re.M | re.S)
    return re.findall(r"^\.It (.*)$", page, re.M)


def flags_of(head):
    """{(option, placeholder)} of "Fl -user Ar USER Op Fl o Ar FILE"."""
    letters = {"o": "output", "h": "help"}
    return {(letters.get(name, name.lstrip("-")), value) for name, value in
            re.findall(r"Fl (-?[\w-]+)(?: Ar ([A-Z][A-Z0-9:-]*))?", head)}


def words_of(head, command):
    """The argument after the command: "FILE...", "[ID]", ""."""
    m = re.match(r"Cm %s ?(Oo )?(?:Ar ([A-Z]+)( \.\.\.)?)?(?: |$)" % command, head)
    if m is None or m.group(2) is None:
        return ""
    word = m.group(2) + (m.group(3) or "").strip()
    return "[%s]" % word if m.group(1) else word


def certwright():
    page = read("man/certwright.1")
    described = page.split("\n.Sh DESCRIPTION")[1].split("\n.Sh JSON")[0]
    top, anywhere = help_of("certwright").split(GLOBAL)
    commands = set(re.findall(r"^  ([a-z][\w-]*(?: [a-z][\w-]*)?)(?= )", top, re.M))
    told, flags = {}, set()
    for head in items(described):
        m = re.match(r"Cm ([a-z][\w-]*(?: [a-z][\w-]*)?)", head)
        if m:
            told[m.group(1)] = head
        elif head.startswith("Fl "):
            flags |= flags_of(head)
    same("certwright(1) has every command", set(told), commands)
    same("certwright(1) has every option that stands anywhere", flags, options_of(anywhere))
    options, words = [], []
    for command in sorted(commands & set(told)):
        text = help_of("certwright", *command.split()).split(GLOBAL)[0]
        if flags_of(told[command]) != options_of(text):
            options.append((command, flags_of(told[command]) ^ options_of(text)))
        usage = re.search(r"usage: certwright %s(?: (\[?[A-Z]+(?:\.\.\.)?\]?))?(?: |$)" % command,
                          text, re.M).group(1) or ""
        if usage != words_of(told[command], command):
            words.append((command, usage, words_of(told[command], command)))
    report("certwright(1) has the options of every command", not options, options)
    report("certwright(1) has the arguments of every command", not words, words)
    known = {o for o, _ in flags} | {"option"}
    for head in told.values():
        known |= {o for o, _ in flags_of(head)}
    mentioned = set(re.findall(r"Fl -([\w-]+)", page))
    report("certwright(1) mentions no other option", mentioned <= known, mentioned - known)


def daemon():
    page = read("man/certwrightd.8")
    options = options_of(help_of("certwrightd"))
    heads = set()
    for head in items(page):
        if head.startswith("Fl "):
            heads |= flags_of(head)
    same("certwrightd(8) has every option", heads, options)
    names = {o for o, _ in options}
    synopsis = page.split(".Sh SYNOPSIS")[1].split(".Sh DESCRIPTION")[0]
    same("the synopsis of certwrightd(8) has every option",
         set(re.findall(r"Fl -([\w-]+)", synopsis)), names)
    conf = {head.split()[1] for head in items(read("man/certwrightd.conf.5"))
            if head.startswith("Cm ")}
    same("certwrightd.conf(5) has every option of the file", conf,
         names - {"config", "check-config", "dump-routes", "help", "version"})


def helpers():
    for program in ("certwright-fetch", "certwright-keeper", "certwright-reader"):
        page = read("man/%s.8" % program)
        options = set(re.findall(r"--([\w-]+)", help_of(program))) | {"help", "version"}
        heads = set()
        for head in items(page):
            heads |= {o for o, _ in flags_of(head)}
        same("%s(8) has every option" % program, heads, options)
        synopsis = page.split(".Sh SYNOPSIS")[1].split(".Sh DESCRIPTION")[0]
        same("the synopsis of %s(8) has every option" % program,
             set(re.findall(r"Fl -([\w-]+)", synopsis)), options)


def limits():
    units = {"": 1, "bytes": 1, "bits": 1, "KiB": 1024, "MiB": 1024 * 1024}
    defined = {name: eval(value) for name, value in re.findall(
        r"^#define (LIMIT_\w+)\s+(\(?[\d *]+\)?)", read("src/base/limits.h"), re.M)}
    told = {name: int(number) * units[unit] for name, number, unit in re.findall(
        r'^\.\\" (LIMIT_\w+)\n\.It .* Ta (\d+) ?(\w*)$', read("man/certwrightd.8"), re.M)}
    same("certwrightd(8) has the limits of base/limits.h", set(told.items()), set(defined.items()))


def codes():
    page = read("man/certwright.1").split(".Sh EXIT STATUS")[1].split(".El")[0]
    told = [int(i) for i in re.findall(r"^\.It (\d+)$", page, re.M)]
    enum = re.search(r"enum \{\s*EXIT_INTERNAL = 1,([^}]*)\}", read("src/cli/cli.h")).group(1)
    count = len(re.findall(r"EXIT_\w+", enum)) + 2
    report("certwright(1) has every exit code", told == list(range(count)), told)


if os.path.exists(os.path.join(BUILD, "certwright")):
    certwright()
    daemon()
    helpers()
limits()
codes()
sys.exit(bad > 0)
