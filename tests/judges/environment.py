"""A virtual environment with what requirements.txt pins, made once and again
when the pins change."""

import hashlib
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def run(*command):
    r = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if r.returncode != 0:
        raise RuntimeError("%s: %s" % (" ".join(command), r.stderr[-2000:]))


def python():
    """The path of its interpreter."""
    pins = os.path.join(HERE, "requirements.txt")
    with open(pins, "rb") as f:
        wanted = hashlib.sha256(f.read() + sys.version.encode()).hexdigest()
    place = os.path.join(HERE, ".venv")
    mark = os.path.join(place, "pins.sha256")
    inside = os.path.join(place, "bin", "python")
    if os.path.exists(mark):
        with open(mark) as f:
            if f.read() == wanted:
                return inside
    shutil.rmtree(place, ignore_errors=True)
    run(sys.executable, "-m", "venv", place)
    run(inside, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input",
        "--retries", "5", "--only-binary", ":all:", "--require-hashes", "-r", pins)
    with open(mark, "w") as f:
        f.write(wanted)
    return inside
