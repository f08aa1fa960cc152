"""run.sh with stand-ins for ninja and the daemon: what it hands on."""

import os
import shutil
import subprocess
import tempfile
import unittest

import tap
from house import TOP

# says what it was given, and by whom; lists the descriptors it inherited
DAEMON = """#!/bin/sh
echo "pid $$"
for a in "$@"; do echo "arg $a"; done
for f in /proc/$$/fd/*; do case "$(readlink "$f")" in */run.lock) echo "lock kept";; esac; done
exit 7
"""


class Run(unittest.TestCase):
    def setUp(self):
        self.top = tempfile.mkdtemp(prefix="cw-run-")
        self.addCleanup(shutil.rmtree, self.top)
        shutil.copy(os.path.join(TOP, "run.sh"), self.top)
        self.log = os.path.join(self.top, "log")
        self.script("scripts/install-packages.sh", "#!/bin/sh\necho \"packages $*\" | tee -a %s\n" % self.log)
        self.script("bin/ninja", "#!/bin/sh\necho \"ninja $*\" | tee -a %s\n" % self.log)
        self.script("bin/meson", "#!/bin/sh\necho \"meson $*\" | tee -a %s\n"
                    "touch \"$3/build.ninja\"\n" % self.log)
        self.script("build/certwrightd", DAEMON)

    def script(self, name, text):
        path = os.path.join(self.top, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as f:
            f.write(text)
        os.chmod(path, 0o755)

    def run_sh(self, *args, cwd="/"):
        env = dict(os.environ, PATH=os.path.join(self.top, "bin") + ":" + os.environ["PATH"])
        p = subprocess.Popen([os.path.join(self.top, "run.sh")] + list(args), env=env, cwd=cwd,
                             stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, self.err = [x.decode() for x in p.communicate(timeout=60)]
        self.pid, self.code = p.pid, p.returncode
        return out.splitlines()

    def arguments(self, *args, **more):
        return [line[4:] for line in self.run_sh(*args, **more) if line.startswith("arg ")]

    def done(self):
        with open(self.log) as f:
            return f.read().splitlines()

    def test_the_daemon_keeps_the_process_id_and_standard_output_is_its_own(self):
        out = self.run_sh("--listen", "[::1]:1")
        self.assertEqual(out[0], "pid %d" % self.pid, "not a line of the build before it")
        self.assertEqual(self.code, 7)
        self.assertNotIn("lock kept", out)
        self.assertIn("packages build", self.err)

    def test_it_configures_once_and_builds_each_time(self):
        self.run_sh()
        self.run_sh()
        build = os.path.join(self.top, "build")
        self.assertEqual(self.done(), [
            "packages build", "meson setup --buildtype=release %s %s" % (build, self.top), "ninja -C " + build,
            "packages build", "ninja -C " + build])

    def test_the_data_lie_beside_the_script_unless_told_otherwise(self):
        data = ["--data-dir", os.path.join(self.top, "data")]
        self.assertEqual(self.arguments(), data)
        self.assertEqual(self.arguments("--listen", "a b", ""), data + ["--listen", "a b", ""])
        self.assertEqual(self.arguments("--data-dir", "/x"), ["--data-dir", "/x"])
        self.assertEqual(self.arguments("--data-dir=/x"), ["--data-dir=/x"])
        with_dir, without = os.path.join(self.top, "with"), os.path.join(self.top, "without")
        with open(with_dir, "w") as f:
            f.write("listen = 127.0.0.1:1\n data-dir = /y\n")
        with open(without, "w") as f:
            f.write("#data-dir = /y\n")
        self.assertEqual(self.arguments("--config", with_dir), ["--config", with_dir])
        self.assertEqual(self.arguments("--config=" + with_dir), ["--config=" + with_dir])
        self.assertEqual(self.arguments("--config", without), data + ["--config", without])
        self.assertEqual(self.arguments("--config"), data + ["--config"])

    def test_a_build_that_fails_is_shown_and_nothing_starts(self):
        self.script("bin/ninja", "#!/bin/sh\necho 'error: no such thing'\nexit 1\n")
        self.assertEqual(self.run_sh(), [])
        self.assertEqual(self.code, 2)
        self.assertIn("error: no such thing", self.err)
        self.assertIn("run.sh: could not build", self.err)

    def test_packages_that_cannot_be_installed_end_it(self):
        self.script("scripts/install-packages.sh", "#!/bin/sh\nexit 100\n")
        self.assertEqual(self.run_sh(), [])
        self.assertEqual(self.code, 2)
        self.assertIn("hint: ", self.err)

    def test_packages_that_are_there_are_not_asked_for(self):
        script = os.path.join(TOP, "scripts/install-packages.sh")
        r = subprocess.run([script, "nonsense"], capture_output=True)
        self.assertEqual(r.returncode, 2)
        self.script("bin/apt-get", "#!/bin/sh\necho called >>%s\n" % self.log)
        self.script("bin/sudo", "#!/bin/sh\necho called >>%s\n" % self.log)
        env = dict(os.environ, PATH=os.path.join(self.top, "bin") + ":" + os.environ["PATH"])
        r = subprocess.run([script, "build"], capture_output=True, env=env)
        self.assertEqual((r.returncode, r.stdout, r.stderr), (0, b"", b""))
        self.assertFalse(os.path.exists(self.log))

    def test_a_missing_package_is_installed_alone(self):
        self.script("bin/dpkg-query", "#!/bin/sh\nshift 3\nfor p in \"$@\"; do\n"
                    "[ $p = meson ] || echo \"installed $p\"\ndone\n")
        self.script("bin/env", "#!/bin/sh\necho \"$*\" >>%s\n" % self.log)
        self.script("bin/id", "#!/bin/sh\necho 0\n")
        self.script("bin/tee", "#!/bin/sh\ncat >/dev/null\n")
        env = dict(os.environ, PATH=os.path.join(self.top, "bin") + ":" + os.environ["PATH"])
        r = subprocess.run(["/bin/sh", os.path.join(TOP, "scripts/install-packages.sh"), "build"],
                           capture_output=True, env=env)
        self.assertEqual(r.returncode, 0, r.stderr)
        asked = self.done()
        self.assertEqual(len(asked), 2)
        self.assertRegex(asked[0], "apt-get -qq update")
        self.assertTrue(asked[1].endswith("--no-install-recommends meson"), asked)


if __name__ == "__main__":
    tap.main()
