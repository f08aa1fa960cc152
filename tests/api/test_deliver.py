"""Certificates put to work elsewhere on this host: certwright-deliver writes the
files of a target and runs its programs; the key comes to it from the keeper."""

import os
import re
import shutil
import signal
import socket
import ssl
import stat
import subprocess
import threading
import time
import unittest

import tap
from ca import openssl
from delivering import BesideNginx, Delivering, norm
from house import SEAMS, House
from servers import Folder, HAProxy, served, wait_until
from tenant import Tenant

PASSPHRASE = "a keystore of java"


class Files(Delivering):
    @classmethod
    def listed(cls):
        host = cls.host
        host.program("count", "echo x >> %s\n" % host.file("reloads"))
        host.program("fail", "echo; printf 'no \\033[1mgood\\n'; echo more; exit 1\n")
        host.program("hang", "sleep 300 & sleep 300\n")
        host.program("maybe", "test ! -e %s || { echo refused here; exit 3; }\necho x >> %s\n" % (
            host.file("broken"), host.file("maybes")))
        host.program("look", "env > %s; cat >> %s\n" % (host.file("env"), host.file("env")))
        one = "\n[one]\nkind = files\ncombined = %s\nmode = 640\n" % host.file("one.pem")
        host.write("words", PASSPHRASE + "\n")
        one += "".join("\n[%s]\nkind = files\nkeystore = %s\npassphrase = %s\n%s\n" % (
            n, host.file(n + ".p12"), host.file("words"), more)
            for n, more in (("java", "name = tomcat\nmode = 640"), ("old-java", "legacy = yes")))
        return "# what this host has\n" + cls.files("plain", "reload = " + host.file("count")) + \
            cls.files("bad", "test = " + host.file("fail")) + \
            cls.files("slow", "reload = " + host.file("hang"), "timeout = 1") + \
            cls.files("maybe", "reload = %s a  b" % host.file("maybe")) + \
            cls.files("env", "reload = " + host.file("look")) + one + \
            "".join(cls.files(n) for n in ("closed", "taken", "later", "new", "gone", "mine",
                                            "cut", "page", "cli", "behind"))

    def test_V41_what_is_installed_is_delivered_by_itself(self):
        self.identity("plain")
        c = self.add("plain")
        self.assertEqual((c["kind"], c["type"], c["target"], c["delivery"], c["status"]),
                         ("files", "files and reload", "plain", "none", "no-certificate"))
        self.assertEqual((c["not_after"], c["days_left"], c["version"]), (None, None, None))
        cert = self.issue("plain")
        c = self.delivered("plain")
        self.assertEqual((c["status"], c["served"], c["names"]),
                         ("fine", "not checked", ["shop.example.com"]))
        self.has_pair("plain", cert)
        self.assertEqual(stat.S_IMODE(os.stat(self.host.file("plain.key")).st_mode), 0o600)
        self.assertEqual(stat.S_IMODE(os.stat(self.host.file("plain.pem")).st_mode), 0o644)
        again = self.issue("plain")
        self.assertNotEqual(self.delivered("plain")["delivered_sha256"], c["delivered_sha256"])
        self.has_pair("plain", again)
        self.deliver("plain")
        self.delivered("plain")
        self.assertEqual(self.host.read("reloads"), "x\n" * 3)
        self.assertEqual(self.left(), [])
        acts = [e["action"] for e in self.events("component.") if e["object"] == "plain"]
        self.assertEqual(acts, ["component.delivered", "component.deliver"] +
                         ["component.delivered"] * 2 + ["component.add"])

    def test_a_rolled_back_certificate_is_delivered(self):
        first = self.make("later")
        self.delivered("later")
        self.issue("later")
        self.delivered("later")
        a = self.house.api("POST", "/identities/later/rollback", {})
        self.assertEqual(a.status, 200, a.text)
        self.delivered("later")
        self.has_pair("later", first)

    def test_V41_a_keystore_is_PKCS12_under_the_passphrase_of_a_file(self):
        for name, alias in (("java", "tomcat"), ("old-java", "old-java")):
            cert = self.make(name)
            self.delivered(name)
            file = self.host.file(name + ".p12")
            read = ["pkcs12", "-in", file, "-passin", "pass:" + PASSPHRASE, "-noenc"]
            text = openssl(*(read + ["-legacy"] if alias == name else read)).decode()
            certs = re.findall(r"-----BEGIN CERT.*?-----END CERTIFICATE-----\n", text, re.S)
            self.assertEqual(certs, [norm(cert), self.ca.inter.decode()])
            self.assertEqual(openssl("pkey", "-pubout", stdin=text.encode()),
                             openssl("x509", "-noout", "-pubkey", stdin=cert.encode()))
            self.assertIn("friendlyName: " + alias, text)
            if shutil.which("keytool"):
                r = subprocess.run(["keytool", "-list", "-v", "-keystore", file, "-storepass", PASSPHRASE, "-alias",
                                    alias], capture_output=True, text=True)
                self.assertIn("Certificate chain length: 2", r.stdout, r.stderr)
        self.assertEqual(stat.S_IMODE(os.stat(self.host.file("java.p12")).st_mode), 0o640)
        self.host.write("words", "\n")
        self.deliver("java")
        self.failed("java", "holds no passphrase")
        self.host.write("words", PASSPHRASE + "\n")
        self.deliver("java")
        self.delivered("java")
        self.assertEqual(self.left(), [])

    def test_one_file_for_both(self):
        self.make("one")
        self.delivered("one")
        text = self.host.read("one.pem")
        self.assertEqual([l for l in text.split("\n") if l.startswith("-----BEGIN")],
                         ["-----BEGIN CERTIFICATE-----"] * 2 + ["-----BEGIN PRIVATE KEY-----"])
        self.assertEqual(stat.S_IMODE(os.stat(self.host.file("one.pem")).st_mode), 0o640)

    def test_a_test_that_fails_leaves_nothing_behind(self):
        self.make("bad")
        c = self.failed("bad", "fail: no ?[1mgood")
        self.assertNotIn("more", c["message"])
        self.assertFalse(os.path.exists(self.host.file("bad.pem")))
        self.assertFalse(os.path.exists(self.host.file("bad.key")))
        attention = self.house.api("GET", "/components").json["attention"]
        self.assertIn("delivery-failed", [a["id"] for a in attention])
        self.assertEqual(self.events("component.failed")[0]["outcome"], "done")

    def test_a_reload_that_fails_brings_the_old_files_back(self):
        first = self.make("maybe")
        self.delivered("maybe")
        self.host.write("broken", "")
        self.issue("maybe")
        self.failed("maybe", "refused here")
        self.has_pair("maybe", first)
        os.unlink(self.host.file("broken"))
        self.deliver("maybe")
        self.delivered("maybe")
        self.assertEqual(self.left(), [])

    def test_a_target_that_hangs_is_timed_out_with_all_it_started(self):
        self.make("slow")
        self.failed("slow", "it did not end within 1 s")
        self.assertEqual(self.left(), [])
        # others come when its time is over, whatever stands before them
        self.make("behind")
        self.delivered("behind")
        self.deliver("slow")
        again = self.issue("behind")
        self.delivered("behind")
        self.has_pair("behind", again)
        self.failed("slow", "it did not end within 1 s")

    def test_programs_inherit_nothing(self):
        self.make("env")
        self.delivered("env")
        names = {line.split("=")[0] for line in self.host.read("env").split("\n") if line}
        self.assertEqual(names - {"PWD", "SHLVL", "_", "OLDPWD"}, {"PATH", "LANG"})

    def test_P12_a_key_that_may_not_be_delivered_is_refused(self):
        self.identity("closed", "ec:P-256")
        self.add("closed")
        self.issue("closed", key=False)
        self.failed("closed", "this key was not made to be delivered")
        self.assertFalse(os.path.exists(self.host.file("closed.key")))
        self.issue("closed")
        self.delivered("closed")
        keys = self.house.api("GET", "/identities/closed/keys").json["keys"]
        self.assertEqual([k["deliverable"] for k in keys], [True, False])
        self.assertEqual([k["exportable"] for k in keys], [False, False])

    def test_a_key_is_made_deliverable_on_demand(self):
        self.identity("mine")
        self.issue("mine", deliverable=True)
        self.add("mine")
        self.delivered("mine")

    def test_a_target_has_one_component(self):
        self.identity("taken")
        self.add("taken")
        body = {"name": "other", "target": "taken", "identity": "taken"}
        self.refused(self.house.api("POST", "/components", body), 409, "component.target-taken",
                     "target")
        self.refused(self.house.api("POST", "/components", dict(body, target="none")), 400,
                     "component.target", "target")
        self.refused(self.house.api("POST", "/components", dict(body, name="taken",
                                                                target="new")),
                     409, "component.exists", "name")
        self.refused(self.house.api("POST", "/components", dict(body, name="a b")), 400,
                     "component.name", "name")
        for address in ("host", "host:0", "host:65536", ":1", "[::1:443", "a/b:1", "h:1x"):
            self.refused(self.house.api("POST", "/components", dict(body, address=address)), 400,
                         "component.address", "address")
        self.refused(self.house.api("POST", "/components/taken/deliver"), 409,
                     "component.no-certificate")
        self.refused(self.house.api("DELETE", "/identities/taken"), 409, "identity.in-use")
        a = self.house.api("DELETE", "/components/taken")
        self.assertEqual(a.status, 200, a.text)
        self.refused(self.house.api("GET", "/components/taken"), 404, "not-found")
        self.add("taken")

    def test_only_a_Super_Admin_binds_and_a_tenant_sees_its_own(self):
        t = Tenant(self.house, "acme")
        body = {"name": "web", "target": "new", "identity": "portal"}
        self.assertEqual(t.api("POST", "/components", body).status, 403)
        self.assertEqual(t.api("GET", "/targets").status, 403)
        a = t.inside("POST", "/components", body)
        self.assertEqual(a.status, 201, a.text)
        self.assertEqual([c["name"] for c in t.api("GET", "/components").json["components"]],
                         ["web"])
        self.assertEqual(self.house.api("GET", "/components/web").status, 404)
        t.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        t.install(self.ca, t.request()["pem"])
        wait_until(lambda: t.api("GET", "/components/web").json["delivery"] == "delivered")
        row = [r for r in self.house.api("GET", "/targets").json["targets"] if r["name"] == "new"]
        self.assertEqual((row[0]["taken"], row[0]["component"]), (True, None))
        self.assertEqual(t.api("DELETE", "/components/web").status, 403)
        self.assertEqual(t.api("POST", "/components/web/deliver").status, 202)

    def test_P5_an_interrupted_delivery_is_put_right_at_the_start(self):
        first = self.make("cut")
        self.delivered("cut")
        # as if the power had failed between the two renames
        for name in ("cut.pem", "cut.key"):
            os.link(self.host.file(name), self.host.file(".%s.certwright-old" % name))
        self.host.write("other", "another key")
        os.rename(self.host.file("other"), self.host.file("cut.key"))
        self.host.write(".cut.pem.certwright-new", "half")
        self.house.restart()
        self.has_pair("cut", first)
        self.assertEqual(self.left(), [])

    def test_what_is_due_survives_a_crash(self):
        self.make("gone")
        self.delivered("gone")
        stopped = self.house.child("certwright-deliver")
        os.kill(stopped, signal.SIGSTOP)
        self.deliver("gone")
        os.unlink(self.host.file("gone.pem"))
        self.house.stop(signal.SIGKILL)
        os.kill(stopped, signal.SIGKILL)
        self.house.start()
        self.delivered("gone")
        self.assertTrue(os.path.exists(self.host.file("gone.pem")))

    def test_the_portal_adds_shows_delivers_and_removes(self):
        self.identity("page")
        b = self.signed_in()
        page = b.get("/components")
        self.assertIn("Deliver to a server", page.text)
        page = b.post("/components", {"name": "a b", "target": "page", "identity": "page"}, page)
        self.assertIn("must be 1 to 64 letters", self.wrong(page, "name"))
        page = b.post("/components", {"name": "page", "target": "page", "identity": "page"}, page)
        self.assertEqual((page.status, page.path), (200, "/components/page"))
        self.assertIn("No certificate", page.text)
        self.issue("page")
        self.delivered("page")
        page = b.get("/components/page")
        self.assertIn("As it should be", page.text)
        page = b.post("/components/page/deliver", {}, page)
        self.assertEqual((page.status, page.path), (200, "/components/page"))
        self.delivered("page")
        page = b.post("/components/page/remove", {}, page)
        self.assertEqual((page.status, page.path), (200, "/components"))
        self.assertNotIn('href="/components/page"', page.text)

    def test_the_command_line(self):
        self.identity("cli")
        run = self.house.cli
        r = run("component", "add", "cli", "--target", "cli", "--identity", "cli")
        self.assertEqual(r.returncode, 0, r.stderr)
        r = run("key", "generate", "--type", "ec:P-256", "--identity", "cli", "--deliverable")
        self.assertRegex(r.stdout, r"Deliverable: +yes")
        self.issue("cli", key=False)
        self.delivered("cli")
        r = run("component", "show", "cli")
        self.assertRegex(r.stdout, r"Delivery: +delivered")
        self.assertEqual(run("component", "deliver", "cli").returncode, 0)
        self.delivered("cli")
        self.assertIn("cli", run("component", "targets").stdout)
        self.assertEqual(run("component", "remove", "cli").returncode, 0)
        self.assertEqual(run("component", "show", "cli").returncode, 8)


class List(unittest.TestCase):
    """What is in the list decides what runs as root: who could change it?"""

    def setUp(self):
        self.host = Folder()
        self.addCleanup(self.host.close)
        self.host.program("reload", "exit 0\n")

    def start(self, text, mode=0o644):
        path = self.host.write("targets", text, mode)
        return House(options=["--targets", path])

    def entry(self, name="web", *lines):
        return "[%s]\nkind = files\ncombined = %s\n%s\n" % (
            name, self.host.file(name + ".pem"), "\n".join(lines))

    def refused(self, why, text, mode=0o644):
        with self.assertRaises(RuntimeError) as c:
            self.start(text, mode).close()
        self.assertIn(why, str(c.exception))
        self.assertIn("ended with 2", str(c.exception))

    def test_a_list_that_others_can_change_is_refused(self):
        self.refused("others may write to", self.entry(), 0o664)
        os.chmod(self.host.path, 0o777)
        self.refused("others may write to", self.entry())

    def test_a_program_that_others_can_change_is_refused(self):
        os.chmod(self.host.file("reload"), 0o775)
        self.refused("others may write to", self.entry("web", "reload = " +
                                                       self.host.file("reload")))

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_what_belongs_to_somebody_else_is_refused(self):
        os.chown(self.host.file("reload"), 12345, 0)
        self.refused("belongs to another user",
                     self.entry("web", "reload = " + self.host.file("reload")))

    def test_a_folder_that_is_not_there_is_said(self):
        self.refused("No such file", "[web]\nkind = files\ncombined = /nowhere/at/all/web.pem\n")

    def test_a_line_that_is_wrong_is_named(self):
        self.refused("targets line 4: unknown setting: colour", self.entry("web", "colour = red"))

    def test_without_a_list_nothing_runs_and_nothing_can_be_added(self):
        with House() as house:
            self.assertIsNone(house.child("certwright-deliver"))
            house.admin("root")
            a = house.api("POST", "/components", {"name": "a", "target": "a", "identity": "portal"})
            self.assertEqual((a.status, a.json["id"]), (400, "component.target"))
            self.assertEqual(house.api("GET", "/targets").json["targets"], [])

    def test_SIGHUP_reads_it_again_and_a_wrong_one_leaves_the_old(self):
        def names():
            return [t["name"] for t in house.api("GET", "/targets").json["targets"]]
        with self.start(self.entry("one")) as house:
            house.admin("root")
            self.host.write("targets", self.entry("one") + self.entry("two"))
            os.kill(house.process.pid, signal.SIGHUP)
            wait_until(lambda: names() == ["one", "two"])
            self.host.write("targets", "nonsense")
            os.kill(house.process.pid, signal.SIGHUP)
            wait_until(lambda: "the list of targets was not taken" in house.errors())
            self.assertEqual(names(), ["one", "two"])

    def test_when_it_ends_all_end(self):
        with self.start(self.entry()) as house:
            os.kill(house.child("certwright-deliver"), signal.SIGKILL)
            self.assertEqual(house.process.wait(10), 1)


class RealNginx(BesideNginx):
    def test_V41_nginx_serves_what_was_installed_without_a_dropped_connection(self):
        self.identity("web")
        self.add("web", address="127.0.0.1:%d" % self.nginx.port)
        errors, rounds = [], []
        end = threading.Event()

        def ask():
            while not end.is_set():
                try:
                    served(self.nginx.port)
                    rounds.append(1)
                except (OSError, ssl.SSLError) as e:
                    errors.append(e)

        def waits():
            context = ssl._create_unverified_context()
            s = socket.create_connection(("127.0.0.1", self.nginx.port), timeout=20)
            return context.wrap_socket(s, server_hostname="shop.example.com")

        client = threading.Thread(target=ask)
        client.start()
        try:
            with waits() as old:
                for _ in range(2):
                    cert = ssl.PEM_cert_to_DER_cert(norm(self.issue("web")))
                    self.delivered("web")
                    wait_until(lambda: served(self.nginx.port) == cert)
                old.sendall(b"GET / HTTP/1.0\r\n\r\n")
                self.assertIn(b"here", old.recv(4096) + old.recv(4096))
        finally:
            end.set()
            client.join()
        self.assertEqual(errors, [])
        self.assertGreater(len(rounds), 1)

        # a configuration that nginx refuses: what it had comes back, and is served
        before = cert
        conf = self.nginx.read("nginx.conf")
        self.nginx.write("nginx.conf", conf + "nonsense;\n")
        self.issue("web")
        self.failed("web", "nginx: ")
        # workers of before the last reload answer some connections more
        wait_until(lambda: served(self.nginx.port) == before)
        self.nginx.write("nginx.conf", conf)
        self.deliver("web")
        self.delivered("web")
        wait_until(lambda: served(self.nginx.port) != before)


@unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
class RenewedNginx(BesideNginx):
    def test_P37_an_nginx_presents_what_was_renewed_by_itself(self):
        self.assertEqual(self.house.api("POST", "/cas", {"name": "house"}).status, 201)
        self.identity("web")
        self.add("web", address="127.0.0.1:%d" % self.nginx.port)
        self.house.api("POST", "/identities/web/keys", {"type": "ec:P-256"})
        csr = self.house.regenerate("web", common_name="shop.example.com").json["pem"]
        made = self.house.api("POST", "/authorities/house/requests", {"csr": csr, "days": 6}).json
        a = self.house.api("POST", "/identities/web/certificates", {"request": made["id"]})
        self.assertEqual(a.status, 201, a.text)
        old = ssl.PEM_cert_to_DER_cert(norm(made["certificate"]))
        wait_until(lambda: served(self.nginx.port) == old)
        self.house.at(4 * 86400)
        wait_until(lambda: self.house.api("GET", "/renewals/web").json["renewed"])
        pem = self.house.api("GET", "/identities/web/certificate").json["pem"]
        new = ssl.PEM_cert_to_DER_cert(norm(pem))
        self.assertNotEqual(new, old)
        wait_until(lambda: served(self.nginx.port) == new)
        self.delivered("web")


class SideBySide(Delivering):
    """Targets whose reload waits until the test lets it go."""

    names = ["w%d" % i for i in range(5)]

    @classmethod
    def listed(cls):
        text = cls.files("good")
        for name in cls.names + ["twice", "w5"]:
            host = cls.host.file(name)
            cls.host.program(name, "echo begin >> %s.log\nwhile ! test -e %s.go; do sleep 0.05; done\n"
                             "echo end >> %s.log\n" % (host, host, host))
            text += cls.files(name, "reload = " + host, "timeout = 60")
        return text

    def log(self, name):
        try:
            return self.host.read(name + ".log").split()
        except FileNotFoundError:
            return []

    def let_go(self, *names):
        for name in names:
            self.host.write(name + ".go", "")

    def test_V41_a_target_that_hangs_keeps_no_other_waiting_and_four_are_under_way(self):
        for name in self.names[:3]:
            self.make(name)
        wait_until(lambda: all(self.log(n) for n in self.names[:3]))
        began = time.monotonic()
        cert = self.make("good")
        self.delivered("good")
        self.assertLess(time.monotonic() - began, 10)
        self.has_pair("good", cert)
        # the list is read meanwhile, and takes nothing back that is under way
        os.kill(self.house.process.pid, signal.SIGHUP)
        wait_until(lambda: self.house.errors().count("the list of targets was read") > 0)
        self.assertEqual([self.log(n) for n in self.names[:3]], [["begin"]] * 3)
        # two more: one of them waits for a place
        for name in self.names[3:]:
            self.make(name)
        wait_until(lambda: any(self.log(n) for n in self.names[3:]))
        time.sleep(1)
        self.assertEqual(sum(self.log(n) == ["begin"] for n in self.names), 4)
        self.let_go(*self.names)
        for name in self.names:
            self.delivered(name)
        self.assertEqual([self.log(n) for n in self.names], [["begin", "end"]] * 5)
        self.assertEqual(self.left(), [])

    def test_never_two_to_the_same_target_at_once(self):
        self.make("twice")
        wait_until(lambda: self.log("twice"))
        again = self.issue("twice")
        # the same target, as another component's
        self.assertEqual(self.house.api("DELETE", "/components/twice").status, 200)
        a = self.house.api("POST", "/components", {"name": "other", "target": "twice",
                                                   "identity": "twice"})
        self.assertEqual(a.status, 201, a.text)
        time.sleep(1)
        self.assertEqual(self.log("twice"), ["begin"])
        self.let_go("twice")
        self.delivered("other")
        self.has_pair("twice", again)
        self.assertEqual(self.log("twice"), ["begin", "end"] * 2)

    def test_a_delivery_that_was_cut_off_with_its_process_is_made_again(self):
        self.make("w5")
        wait_until(lambda: self.log("w5"))
        os.kill(self.house.child("certwright-deliver"), signal.SIGKILL)
        self.assertEqual(self.house.process.wait(10), 1)
        self.let_go("w5")
        self.house.stop()
        self.house.start()
        self.delivered("w5")
        self.assertEqual(self.left(), [])


class WithoutAList(Delivering):
    @classmethod
    def listed(cls):
        return cls.files("lost")

    def test_a_daemon_without_the_list_says_so(self):
        self.make("lost")
        self.delivered("lost")
        self.house.stop()
        kept, self.house.options = self.house.options, []
        self.house.start()
        self.deliver("lost")
        self.failed("lost", "no list of targets")
        self.house.stop()
        self.house.options = kept
        self.house.start()
        self.deliver("lost")
        self.delivered("lost")


class RealHAProxy(Delivering):
    @classmethod
    def build(cls):
        cls.proxy = HAProxy()
        return super().build()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.proxy.close()

    @classmethod
    def listed(cls):
        return cls.proxy.target("front", "combined = " + cls.proxy.file("site.pem")) + \
            cls.proxy.target("other").replace(cls.proxy.file("site.pem"), "nowhere.pem")

    def test_V41_HAProxy_presents_what_was_installed_and_after_a_restart_too(self):
        cert = ssl.PEM_cert_to_DER_cert(norm(self.make("front")))
        self.delivered("front")
        self.assertEqual(served(self.proxy.port), cert)
        again = ssl.PEM_cert_to_DER_cert(norm(self.issue("front")))
        self.delivered("front")
        self.assertEqual(served(self.proxy.port), again)
        self.proxy.restart()
        self.assertEqual(served(self.proxy.port), again)

    def test_a_name_that_HAProxy_does_not_know_is_its_own_words(self):
        self.make("other")
        self.failed("other", "HAProxy: ")


tap.main()
