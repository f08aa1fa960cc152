"""What can be wrong at the start: each has its message and exit code, and
nothing is lost or half-done."""

import http.client
import json
import os
import shutil
import signal
import socket
import sqlite3
import ssl
import stat
import subprocess
import sys
import tempfile
import time
import unittest

import tap
from house import BUILD, TOP, Browser, House, free_port


def run(*args, cwd="/", timeout=30):
    return subprocess.run([os.path.join(BUILD, "certwrightd")] + list(args), capture_output=True,
                          text=True, timeout=timeout, cwd=cwd, stdin=subprocess.DEVNULL)


class Refusing(unittest.TestCase):
    def refused(self, house, *patterns, code=None):
        try:
            house.start(timeout=20)
        except RuntimeError as e:
            text = str(e)
            for p in patterns:
                self.assertRegex(text, p)
            if code is not None:
                self.assertIn("ended with %d:" % code, text)
            self.assertIn("hint:", text)
            return text
        self.fail("it started")


class Start(Refusing):
    def test_P26_the_ready_lines_are_one_write_setup_first(self):
        with House() as house:
            lines = house.ready.splitlines()
            self.assertRegex(lines[0], r"^set up the first account at "
                             r"https://127\.0\.0\.1:%d/setup/[A-Za-z0-9_-]+$" % house.port)
            self.assertEqual(lines[1], "listening on https://127.0.0.1:%d" % house.port)
            house.admin()
            house.restart()
            self.assertEqual(house.ready.splitlines(), [lines[1]])

    def test_P26_one_write_is_one_message(self):
        """Standard output is a socket that keeps writes apart."""
        with House(start=False) as house:
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with ours, theirs:
                house.process = subprocess.Popen(house.command(), stdout=theirs, stderr=house.log,
                                                 stdin=subprocess.DEVNULL, cwd="/")
                house.process.stdout = ours
                ours.settimeout(30)
                self.assertRegex(ours.recv(10000).decode(), r"^set up the first account at \S+\n"
                                                            r"listening on \S+\n$")
                # ready: it answers now
                self.assertEqual(house.request("GET", "/healthz").status, 200)
                house.stop()

    def test_SIGTERM_ends_with_0(self):
        with House() as house:
            self.assertEqual(house.stop(), 0)

    def test_SIGTERM_finishes_what_is_under_way(self):
        """Password checks take 40 ms each, two at a time."""
        with House() as house:
            house.admin()
            body = b"name=nobody&password=wrong"
            ask = b"POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nOrigin: %s\r\nContent-Type: " \
                b"application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s" % (
                    house.port, house.url.encode(), len(body), body)
            all_of_them = [ssl._create_unverified_context().wrap_socket(
                socket.create_connection(("127.0.0.1", house.port), timeout=20)) for _ in range(12)]
            for s in all_of_them:
                s.sendall(ask)
            time.sleep(0.05)
            started = time.monotonic()
            house.process.send_signal(signal.SIGTERM)
            for s in all_of_them:
                self.assertRegex(s.recv(100), rb"^HTTP/1.1 4(01|29) ")
                s.close()
            self.assertEqual(house.stop(), 0)
            self.assertLess(time.monotonic() - started, 6)

    def test_SIGTERM_does_not_wait_for_those_who_say_nothing(self):
        with House() as house:
            idle = socket.create_connection(("127.0.0.1", house.port))
            half = ssl._create_unverified_context().wrap_socket(
                socket.create_connection(("127.0.0.1", house.port)))
            half.sendall(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\na=")
            started = time.monotonic()
            self.assertEqual(house.stop(), 0)
            self.assertLess(time.monotonic() - started, 6)
            idle.close()
            half.close()

    def wait_until(self, what, seconds=10):
        end = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)

    def test_SIGHUP_reads_the_configuration_again(self):
        with House(start=False) as house:
            os.makedirs(house.base, exist_ok=True)
            path = os.path.join(house.base, "certwrightd.conf")
            with open(path, "w") as f:
                f.write("workers = 8\n")
            os.chmod(path, 0o644)
            house.options += ["--config", path]
            house.start()
            c = http.client.HTTPSConnection("127.0.0.1", house.port, timeout=20,
                                            context=ssl._create_unverified_context())
            c.request("GET", "/healthz")
            c.getresponse().read()
            before = c.sock
            house.process.send_signal(signal.SIGHUP)
            self.wait_until(lambda: "the configuration was read" in house.errors())
            with open(path, "w") as f:
                f.write("workers = many\n")
            house.process.send_signal(signal.SIGHUP)
            self.wait_until(lambda: "the configuration was not taken" in house.errors())
            self.assertIn("workers", house.errors().splitlines()[-1])
            c.request("GET", "/healthz")
            self.assertEqual(c.getresponse().read(), b"ok\n")
            self.assertIs(c.sock, before, "no connection was dropped")
            c.close()

    def test_healthz(self):
        with House() as house:
            a = house.request("GET", "/healthz")
            self.assertEqual((a.status, a.text.strip()), (200, "ok"))

    def test_port_in_use(self):
        with House(start=False) as house, socket.socket() as s:
            s.bind(("127.0.0.1", house.port))
            s.listen()
            self.refused(house, r"in use", code=2)

    def test_a_second_daemon_on_the_same_data_directory(self):
        with House() as house, House(data=house.data, start=False) as second:
            self.refused(second, r"(already|another|in use)", code=2)
            self.assertEqual(house.request("GET", "/healthz").status, 200)

    def test_P16_P29_a_database_without_its_journal_is_not_given_a_new_one(self):
        with House() as house:
            house.stop()
            journal = os.path.join(house.data, "journal")
            os.rename(journal, journal + ".away")
            self.refused(house, r"journal is missing", code=2)
            self.assertFalse(os.path.exists(journal))
            os.rename(journal + ".away", journal)
            house.start()

    def test_P2_a_damaged_sign_journal_stops_the_start(self):
        with House() as house:
            house.stop()
            path = os.path.join(house.data, "sign-journal")
            self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
            with open(path, "wb") as f:
                f.write(b"U" * 100)
            self.refused(house, r"sign journal is damaged at byte 0")
            self.assertEqual(os.path.getsize(path), 100)
            os.truncate(path, 0)
            house.start()

    def test_P29_a_journal_begun_anew_is_on_record_for_good(self):
        with House() as house:
            house.admin()
            house.stop()
            with open(os.path.join(house.data, "journal"), "r+b") as f:
                f.truncate(0)
            house.start()
            self.assertIn("journal is empty", house.errors())
            house.restart()
            found = house.api("GET", "/audit?text=system.journal-new").json["events"]
            self.assertEqual([e["actor"] for e in found], ["system"])
            self.assertEqual(house.cli("audit", "verify").returncode, 0)

    def test_P41_without_a_sandbox_it_does_not_start(self):
        """A kernel without Landlock, as a system call filter plays it."""
        filtered = ("import ctypes, os, sys\n"
                    "lib = ctypes.CDLL('libseccomp.so.2')\n"
                    "lib.seccomp_init.restype = ctypes.c_void_p\n"
                    "f = ctypes.c_void_p(lib.seccomp_init(0x7fff0000))\n"
                    "assert lib.seccomp_rule_add(f, 0x50026, 444, 0) == 0\n"  # ENOSYS
                    "assert lib.seccomp_load(f) == 0\n"
                    "os.execv(sys.argv[1], sys.argv[1:])\n")

        class Old(House):
            def command(self):
                return [sys.executable, "-c", filtered] + super().command()

        with Old(start=False) as house:
            self.refused(house, r"Landlock", code=2)
            self.assertFalse(os.path.exists(os.path.join(house.data, "certwright.db")))
        with Old(start=False, options=["--no-sandbox"]) as house:
            house.start()
            self.assertIn("none", house.api("GET", "/status").json["sandbox"]["front"])

    def test_wrong_KEK(self):
        with House() as house:
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            house.stop()
            kek = os.path.join(house.data, "kek")
            shutil.copy2(kek, kek + ".keep")
            with open(kek, "r+b") as f:
                data = bytearray(f.read())
                data[-1] ^= 1
                data[0] ^= 1
                f.seek(0)
                f.write(data)
            self.refused(house, r"damaged at byte 0, or the file kek is not the one", code=2)
            st = os.stat(kek)
            with open(kek + ".keep", "rb") as f:
                keep = f.read()
            with open(kek, "r+b") as f:
                f.write(keep)
            os.chown(kek, st.st_uid, st.st_gid)
            house.start()
            self.assertEqual(house.api("GET", "/identities/portal/key").status, 200)

    def test_a_KEK_that_others_can_read_is_said(self):
        with House() as house:
            self.assertNotIn("file kek", house.errors())
            os.chmod(os.path.join(house.data, "kek"), 0o640)
            house.restart()
            self.assertIn("its mode is 640; chmod 600 it", house.errors())

    def test_a_database_newer_than_the_program(self):
        with House() as house:
            house.stop()
            db = sqlite3.connect(os.path.join(house.data, "certwright.db"))
            db.execute("UPDATE schema_version SET version = 9999")
            db.commit()
            db.close()
            self.refused(house, r"newer", code=2)

    def test_a_database_without_its_KEK_is_not_given_a_new_one(self):
        with House() as house:
            house.stop()
            os.rename(os.path.join(house.data, "kek"), os.path.join(house.data, "kek.away"))
            self.refused(house, r"kek is missing", code=2)
            self.assertFalse(os.path.exists(os.path.join(house.data, "kek")))
            os.rename(os.path.join(house.data, "kek.away"), os.path.join(house.data, "kek"))
            house.start()

    def test_a_house_without_its_database_is_not_begun_anew(self):
        with House() as house:
            house.stop()
            path = os.path.join(house.data, "certwright.db")
            with open(path, "rb") as f:
                whole = f.read()
            os.unlink(path)
            self.refused(house, "database is missing", code=2)
            self.assertFalse(os.path.exists(path))
            with open(path, "wb"):
                pass
            self.refused(house, "database is empty", code=2)
            self.assertEqual(os.path.getsize(path), 0)
            with open(path, "wb") as f:
                f.write(whole)
            house.start()

    def test_a_data_directory_that_cannot_be(self):
        with House(start=False) as house:
            for path, words in (("/proc/certwright", "could not make the data directory"),
                                ("/etc/passwd", "could not enter"), ("/etc/passwd/below", "data directory"),
                                (house.base + "/a/b/c", "make")):
                house.data = path
                self.refused(house, words, code=2)

    def test_a_program_whose_helpers_are_not_there(self):
        with House(start=False) as house:
            shutil.copy2(os.path.join(BUILD, "certwrightd"), house.base)
            house.command = lambda: [os.path.join(house.base, "certwrightd"), "--data-dir", house.data,
                                     "--listen", "127.0.0.1:%d" % house.port, "--share-dir", TOP]
            self.refused(house, "could not open .*certwright-keeper", code=2)

    def test_a_damaged_database(self):
        with House() as house:
            house.stop()
            for name in ("certwright.db-wal", "certwright.db-shm"):
                if os.path.exists(os.path.join(house.data, name)):
                    os.unlink(os.path.join(house.data, name))
            with open(os.path.join(house.data, "certwright.db"), "r+b") as f:
                f.write(b"this is not a database at all" * 10)
            self.refused(house, r"(?i)database", code=2)

    def test_the_service_manager_is_told_of_start_and_end(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as s:
            s.bind(os.path.join(folder, "notify"))
            s.settimeout(20)
            house = House(env={"NOTIFY_SOCKET": s.getsockname()})
            self.assertEqual(s.recv(100), b"READY=1")
            house.stop()
            self.assertEqual(s.recv(100), b"STOPPING=1")
            house.close()

    def test_check_config_binds_nothing_and_makes_nothing(self):
        port = free_port()
        with socket.socket() as s:
            s.bind(("127.0.0.1", port))
            s.listen()
            r = run("--check-config", "--listen", "127.0.0.1:%d" % port, "--data-dir", "/nonexistent/x")
            self.assertEqual(r.returncode, 0, r.stderr)
            self.assertIn(str(port), r.stdout)
        self.assertFalse(os.path.exists("/nonexistent"))

    def test_what_check_config_prints_is_a_configuration(self):
        first = run("--check-config", "--listen", "127.0.0.1:1", "--listen=[::1]:2",
                    "--data-dir", "/nonexistent/x", "--workers", "3", "--no-sandbox")
        self.assertEqual(first.returncode, 0, first.stderr)
        self.assertIn("listen = 127.0.0.1:1\nlisten = [::1]:2\n", first.stdout)
        with tempfile.NamedTemporaryFile("w") as f:
            f.write(first.stdout)
            f.flush()
            again = run("--check-config", "--config", f.name)
        self.assertEqual((again.returncode, again.stdout), (0, first.stdout), again.stderr)

    def test_wrong_options_exit_2_with_the_reason(self):
        for args in (["--listen", "nonsense"], ["--no-such-option"], ["--workers", "-3"],
                     ["--config", "/nonexistent.conf"]):
            r = run(*args, "--check-config")
            self.assertEqual(r.returncode, 2, args)
            self.assertTrue(r.stderr.startswith("certwrightd: "), r.stderr)

    def test_every_program_has_help_and_a_version(self):
        for name in ("certwrightd", "certwright-fetch", "certwright-keeper", "certwright-reader", "certwright"):
            for option, text in (("--help", "usage: " + name), ("--version", name + " 0.")):
                r = subprocess.run([os.path.join(BUILD, name), option], capture_output=True,
                                   text=True, timeout=20)
                self.assertEqual((r.returncode, r.stderr), (0, ""), name)
                self.assertTrue(r.stdout.startswith(text), r.stdout)

    def test_dump_routes_needs_no_data_directory(self):
        r = run("--dump-routes")
        self.assertEqual(r.returncode, 0)
        rows = json.loads(r.stdout)
        want = {"method", "portal_path", "api_path", "capability", "tenant", "public", "handler",
                "template", "params", "limits", "audit"}
        for row in rows:
            self.assertEqual(want - set(row), set(), row)
            if row["method"] not in ("GET", "HEAD"):
                self.assertTrue(row["audit"], row)
        self.assertGreater(len(rows), 40)

    def test_data_survive_a_restart(self):
        with House() as house:
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            a = house.regenerate().json
            house.restart()
            b = house.api("GET", "/requests/" + a["id"])
            self.assertEqual(b.json["pem"], a["pem"])

    @unittest.skipUnless(os.geteuid() == 0, "wants another user")
    def test_an_ordinary_user_can_run_it_and_under_a_0700_home_root_can(self):
        with House(start=False) as house:
            home = os.path.join(house.base, "home")
            os.mkdir(home, 0o700)
            house.data = os.path.join(home, "data")
            os.mkdir(house.data, 0o700)
            house.start()
            self.assertEqual(house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"}).status // 100, 2)
            self.assertEqual(house.stop(), 0)


class Sandbox(Refusing):
    """P41: a kernel without what the sandbox needs; nothing starts on it."""

    def on_a_kernel_without(self, house, calls):
        command = House.command(house)
        house.command = lambda: [sys.executable, os.path.join(TOP, "tests", "lib", "denied.py"), calls] + \
            command

    def test_P41_without_Landlock_it_does_not_start(self):
        with House(start=False) as house:
            self.on_a_kernel_without(house, "landlock_create_ruleset")
            self.refused(house, "Landlock", "--no-sandbox", code=2)

    def test_P41_without_seccomp_it_does_not_start(self):
        with House(start=False) as house:
            self.on_a_kernel_without(house, "seccomp,prctl:22")
            text = self.refused(house, "ended with [12]:")
            self.assertNotIn("listening", text)

    def test_P41_without_no_new_privileges_it_does_not_start(self):
        with House(start=False) as house:
            self.on_a_kernel_without(house, "prctl:38")
            with self.assertRaises(RuntimeError):
                house.start(timeout=20)

    def test_P41_no_sandbox_is_said_on_every_page(self):
        with House(options=["--no-sandbox"]) as house:
            self.on_a_kernel_without(house, "landlock_create_ruleset")
            house.restart()
            house.admin()
            b = Browser(house)
            self.assertIn("The sandbox is off", b.get("/super").text)
            b.sign_in()
            pages = [r["portal_path"] for r in self.routes() if r["method"] == "GET" and r["template"]
                     and "{" not in r["portal_path"]]
            self.assertGreater(len(pages), 12)
            for path in pages + ["/nothing-here"]:
                page = b.get(path)
                if "text/html" in page.headers["Content-Type"]:
                    self.assertIn("The sandbox is off", page.text, path)

    def routes(self):
        return json.loads(run("--dump-routes").stdout)


if __name__ == "__main__":
    tap.main()
