#!/usr/bin/env python3
"""pkilint over many files in one process, which its own commands take a second
each to start for. Runs in the environment that environment.py makes.

Standard input: a line a file, "TOOL [OPTION...] PATH", TOOL as in
pkilint's commands without "lint_". Standard output: JSON, for each line in turn
the findings as [severity, code, message].
"""

import contextlib
import importlib
import io
import json
import shlex
import sys


def findings(tool, *args):
    said = io.StringIO()
    main = importlib.import_module("pkilint.bin.lint_" + tool).main
    with contextlib.redirect_stdout(said):
        main(["lint", "-s", "NOTICE", "-f", "JSON", *args])
    return [[d["severity"], d["code"], d["message"]]
            for r in json.loads(said.getvalue())["results"] for d in r["finding_descriptions"]]


json.dump([findings(*shlex.split(line)) for line in sys.stdin], sys.stdout)
