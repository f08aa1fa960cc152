"""What meson install makes: programs, manual pages, completion, templates and a
unit where Debian wants them; and it runs from there."""

import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

import tap
from house import BUILD, TOP, House

PLAN = {
    "sbin/certwrightd": 0o755, "bin/certwright": 0o755,
    "libexec/certwright/certwright-fetch": 0o755, "share/man/man8/certwright-fetch.8": 0o644,
    "libexec/certwright/certwright-deliver": 0o755, "share/man/man8/certwright-deliver.8": 0o644,
    "share/man/man5/certwright-targets.5": 0o644,
    "libexec/certwright/certwright-keeper": 0o755, "libexec/certwright/certwright-reader": 0o755,
    "share/man/man1/certwright.1": 0o644, "share/man/man8/certwrightd.8": 0o644,
    "share/man/man8/certwright-keeper.8": 0o644, "share/man/man8/certwright-reader.8": 0o644,
    "share/man/man5/certwrightd.conf.5": 0o644,
    "share/bash-completion/completions/certwright": 0o644,
    "lib/systemd/system/certwrightd.service": 0o644, "lib/sysusers.d/certwright.conf": 0o644,
}


class Install(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.root = tempfile.mkdtemp(prefix="cw-install-")
        os.chmod(cls.root, 0o755)
        r = subprocess.run(["meson", "install", "-C", BUILD, "--no-rebuild", "--quiet"],
                           env=dict(os.environ, DESTDIR=cls.root), capture_output=True, text=True)
        assert r.returncode == 0, r.stdout + r.stderr
        options = json.loads(subprocess.run(["meson", "introspect", "--buildoptions", BUILD],
                                            capture_output=True, check=True).stdout)
        cls.prefix = cls.root + next(o["value"] for o in options if o["name"] == "prefix")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.root)

    def installed(self):
        found = {}
        for folder, _, files in os.walk(self.root):
            for name in files:
                path = os.path.join(folder, name)
                found[os.path.relpath(path, self.prefix)] = os.stat(path).st_mode & 0o7777
        return found

    def read(self, path):
        with open(os.path.join(self.prefix, path)) as f:
            return f.read()

    def test_everything_is_where_Debian_wants_it_and_nothing_else(self):
        found = self.installed()
        for path, mode in PLAN.items():
            self.assertEqual(found.pop(path, None), mode, path)
        here = {"share/certwright/" + p.removeprefix("share/") for p in subprocess.run(
            ["git", "ls-files", "templates", "static", "share/authorities"], cwd=TOP, capture_output=True, text=True,
            check=True).stdout.split()}
        self.assertTrue(here)
        for path in here:
            self.assertEqual(found.pop(path, None), 0o644, path)
        conf = [p for p in found if p.endswith("etc/certwright/certwrightd.conf")]
        others = [p for p in found if p not in conf and not p.startswith("share/doc/certwright/")]
        self.assertEqual((len(conf), others), (1, []), "nothing of tests or benches")
        self.assertEqual(found[conf[0]], 0o640)
        r = subprocess.run([self.prefix + "/sbin/certwrightd", "--config", os.path.join(self.prefix, conf[0]),
                            "--check-config"], capture_output=True, text=True)
        self.assertEqual((r.returncode, r.stderr), (0, ""))
        self.assertIn("data-dir = /var/lib/certwright", r.stdout)

    def test_it_runs_from_there(self):
        with House(start=False) as house:
            house.command = lambda: [self.prefix + "/sbin/certwrightd", "--data-dir", house.data,
                                     "--listen", "127.0.0.1:%d" % house.port]
            house.start()
            self.assertEqual(house.request("GET", "/super").status, 200)
            self.assertEqual(house.request("GET", "/static/portal.css").status, 200)
            self.assertEqual(len(house.api("GET", "/authorities").json["authorities"]), 5)
            keeper = os.readlink("/proc/%d/exe" % house.keeper_pid())
            self.assertEqual(keeper, os.path.realpath(self.prefix + "/libexec/certwright/certwright-keeper"))
            r = subprocess.run([self.prefix + "/bin/certwright", "--data-dir", house.data, "status"],
                               capture_output=True, text=True, cwd="/")
            self.assertEqual(r.returncode, 0, r.stderr)
            self.assertEqual(house.stop(), 0)

    def test_the_unit_is_hardened_and_says_when_it_is_ready(self):
        unit = self.read("lib/systemd/system/certwrightd.service")
        self.assertNotIn("@", re.sub(r"=.*@system-service.*", "", unit), "all is filled in")
        for line in ("Type=notify", "Restart=always", "NoNewPrivileges=yes", "ProtectSystem=strict",
                     "ProtectHome=yes", "PrivateDevices=yes", "MemoryDenyWriteExecute=yes",
                     "RestrictNamespaces=yes", "LimitCORE=0", "StateDirectory=certwright",
                     "StateDirectoryMode=0700"):
            self.assertRegex(unit, "(?m)^%s$" % line)
        start = re.search(r"(?m)^ExecStart=(\S+) --config (\S+)$", unit)
        self.assertTrue(os.path.exists(self.root + start.group(1)), start.group(1))

    @unittest.skipUnless(shutil.which("systemd-analyze"), "wants systemd")
    def test_systemd_understands_the_unit(self):
        path = os.path.join(self.prefix, "lib/systemd/system/certwrightd.service")
        with open(path) as f:
            text = f.read().replace("ExecStart=", "ExecStart=" + self.root)
        copy = os.path.join(self.root, "certwrightd.service")
        with open(copy, "w") as f:
            f.write(text)
        r = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True)
        os.unlink(copy)
        self.assertNotIn("certwrightd.service:", r.stderr)

    def test_the_completion_is_a_script_of_bash(self):
        path = os.path.join(self.prefix, "share/bash-completion/completions/certwright")
        self.assertEqual(subprocess.run(["bash", "-n", path]).returncode, 0)
        r = subprocess.run(["bash", "-c", 'source "$1"; complete -p certwright', "-", path],
                           capture_output=True, text=True)
        self.assertEqual(r.returncode, 0, r.stderr)

    def test_the_manual_pages_name_their_programs(self):
        for path in PLAN:
            if "/man/" in path:
                page = subprocess.run(["mandoc", os.path.join(self.prefix, path)], capture_output=True,
                                      text=True)
                self.assertEqual((page.returncode, page.stderr), (0, ""), path)
                self.assertIn(os.path.basename(path).rsplit(".", 1)[0], re.sub(".\b", "", page.stdout), path)


if __name__ == "__main__":
    tap.main()
