#!/usr/bin/env python3
"""Every refusal id of the catalogue was reached by some test of this run."""

import glob
import os
import re
import sys

top = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
with open(sys.argv[1]) as f:
    reached = set(f.read().split())
bad = 0
for path in sorted(glob.glob(top + "/src/base/refusals/*.def")):
    with open(path) as f:
        for name, kind, refusal in re.findall(
                r'^REFUSAL\((\w+),\s*(\w+),\s*"([^"]+)"\)', f.read(), re.M):
            ok = refusal in reached
            bad += not ok
            print("%s - refusal %s is reached by a test" % ("ok" if ok else "not ok", refusal))
sys.exit(1 if bad else 0)
