"""Load: one POST again and again, by wrk."""

import os
import re
import subprocess

from house import TOP
from table import QUICK

SECONDS = 2 if QUICK else 5
POST = os.path.join(TOP, "tests", "bench", "post.lua")


def wrk(url, body, kind, status=None, token=None, connections=64, seconds=SECONDS):
    """status: of each answer; None: any that is not 4xx or 5xx."""
    env = dict(os.environ, BENCH_BODY=body, BENCH_TYPE=kind, BENCH_STATUS=str(status or ""))
    if token:
        env["BENCH_TOKEN"] = token
    out = subprocess.run(["wrk", "-t1", "-c%d" % connections, "-d%ds" % seconds, "--latency", "-s", POST, url],
                         capture_output=True, text=True, check=True, env=env)
    if out.stderr.strip() or "Non-2xx" in out.stdout or "Socket errors" in out.stdout:
        raise RuntimeError("wrk: " + out.stderr + out.stdout)
    rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out.stdout).group(1))
    done = int(re.search(r"(\d+) requests in", out.stdout).group(1))
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", out.stdout)
    return done, rate, float(p99.group(1)) * {"us": 0.001, "ms": 1, "s": 1000}[p99.group(2)]
