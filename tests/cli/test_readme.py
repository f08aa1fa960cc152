"""The commands of README.md work as they stand there."""

import json
import os
import re
import subprocess
import unittest

import tap
from house import BUILD, TOP, House


def blocks():
    """The blocks marked as sh, in order."""
    with open(os.path.join(TOP, "README.md"), encoding="utf-8") as f:
        return re.findall(r"^```sh\n(.*?)^```$", f.read(), re.M | re.S)


class Readme(unittest.TestCase):
    def test_the_blocks_run_one_after_another(self):
        house = House()
        folder = os.path.join(house.base, "checkout")
        os.mkdir(folder)
        os.symlink(BUILD, os.path.join(folder, "build"))
        os.symlink(house.data, os.path.join(folder, "data"))
        script = "set -eu\n" + "".join(blocks()).replace(":8443", ":%d" % house.port)
        r = subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True,
                           timeout=120, stdin=subprocess.DEVNULL)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        self.assertIn("Verdict: same", r.stdout)
        self.assertIn("installed: ", r.stdout)
        self.assertIn('"openapi":"3.', r.stdout)
        self.assertRegex(r.stdout, "the next start of the daemon")
        made = next(json.loads(l) for l in r.stdout.splitlines() if l.startswith('{"') and '"Streaming"' in l)
        self.assertEqual((made["subject"]["OU"], made["created_by"]), ("Streaming", "admin"))
        house.close()

    def test_files_that_are_linked_are_there(self):
        for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md",
                     "docs/architecture.md", "docs/dependencies.md"):
            path = os.path.join(TOP, name)
            with open(path, encoding="utf-8") as f:
                for link in re.findall(r"\]\(([^)#:]+)\)", f.read()):
                    self.assertTrue(os.path.exists(os.path.join(os.path.dirname(path), link)),
                                    "%s: %s" % (name, link))


if __name__ == "__main__":
    tap.main()
