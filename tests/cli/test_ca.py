"""Our own authority from the command line: the seven fields signed and served."""

import json
import os
import ssl
import subprocess
import tempfile
import threading
import time
import unittest

import tap
from ca import openssl
from house import BUILD, TOP, House, free_port

FIELDS = ["--country", "US", "--state", "New Jersey", "--locality", "Hackensack", "--organization",
          "Example Video, Inc.", "--unit", "R&D", "--common-name", "portal.example.com", "--email",
          "pki@example.com"]


class OwnAuthority(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = House(options=["--http-listen", "127.0.0.1:%d" % free_port()])
        cls.dir = tempfile.mkdtemp(prefix="cli-ca-")
        cls.run_("ca", "create", "--name", "house")
        cls.run_("key", "generate", "--type", "ec:P-256")
        cls.run_("csr", "regenerate", *FIELDS)

    @classmethod
    def tearDownClass(cls):
        cls.house.close()

    @classmethod
    def run_(cls, *args, code=0):
        r = subprocess.run([os.path.join(BUILD, "certwright"), "--data-dir", cls.house.data] + list(args),
                           capture_output=True, text=True, timeout=60)
        assert r.returncode == code, (args, r.returncode, r.stdout, r.stderr)
        return r

    def json(self, *args, code=0):
        return json.loads(self.run_(*args, "--json", code=code).stdout)

    def file(self, name, text):
        path = os.path.join(self.dir, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def test_P21_a_batch_ends_with_the_worst_of_its_elements(self):
        good = self.file("good.csr", self.run_("csr", "download").stdout)
        der = self.file("der.csr", "")
        self.run_("csr", "download", "--der", "-o", der)
        bad = self.file("bad.csr", openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                                           "-nodes", "-keyout", os.path.join(self.dir, "bad.pem"), "-subj",
                                           "/CN=x", "-addext", "subjectAltName=DNS:a_b.example.com").decode())
        for files, code, states in (([good, der], 0, [201, 201]), ([good, bad, der], 5, [201, 422, 201]),
                                    ([bad, self.file("no.csr", "no CSR")], 6, [422, 400])):
            a = self.json("request", "batch", *files, "--authority", "house", code=code)
            self.assertEqual([r["status"] for r in a["results"]], states, a)
        out = self.run_("request", "batch", good, bad, "--authority", "house", code=5).stdout
        self.assertRegex(out, r"good\.csr +issued +[0-9a-f]{32} ")
        self.assertRegex(out, r"bad\.csr +refused +- +- +house refuses it: san\.dns:a_b")
        self.run_("request", "batch", good, code=2)
        held = self.json("request", "batch", good, "--authority", "private", "--note", "by hand", code=4)
        self.assertEqual(self.json("request", "show", held["results"][0]["id"])["note"], "by hand")

    def test_three_lines_from_the_CSR_to_what_is_served(self):
        made = self.json("request", "submit", "--authority", "house")
        self.run_("certificate", "install", "--request", made["id"])
        served = ssl.get_server_certificate(("127.0.0.1", self.house.port))
        self.assertEqual(served.strip(), made["certificate"].strip())
        roots = self.file("house.pem", self.run_("ca", "show", "house").stdout)
        context = ssl.create_default_context(cafile=roots)
        import socket
        with socket.create_connection(("127.0.0.1", self.house.port)) as s, \
                context.wrap_socket(s, server_hostname="portal.example.com") as t:
            self.assertEqual(t.version(), "TLSv1.3")

    def test_V18_V19_V20_each_verdict_has_its_exit_code(self):
        key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").decode()
        path = self.file("k.pem", key)
        for subject, names, code in (("/CN=a.example.com", "DNS:a.example.com", 0),
                                     ("/CN=a.example.com/title=x", "DNS:a.example.com", 3),
                                     ("/CN=a.example.com", "DNS:a_b.example.com", 5)):
            csr = openssl("req", "-new", "-key", path, "-subj", subject, "-addext",
                          "subjectAltName=" + names).decode()
            o = self.json("request", "submit", self.file("x.csr", csr), "--authority", "house", code=code)
            self.assertEqual(o["verdict"], {0: "issue", 3: "amend", 5: "refuse"}[code])
            r = self.run_("request", "submit", self.file("x.csr", csr), "--authority", "house", code=code)
            self.assertIn({0: "Verdict: issue (issued as asked)", 3: "Verdict: amend (issued, not as asked)",
                           5: "house refuses it: san.dns:a_b.example.com"}[code], r.stdout + r.stderr)
            if code != 5:
                self.assertIn("issued", self.run_("request", "show", o["id"]).stdout.split("Verdict:")[1][:30])

    def test_M25_wait_ends_when_it_is_decided(self):
        with open(os.path.join(TOP, "share/authorities/private.json"), encoding="utf-8") as f:
            card = json.load(f)
        card["profiles"][1]["approval"] = {"persons": 1, "reason": "people look at it first",
                                           "reference": "our own", "checked": "2026-11-26"}
        self.run_("profile", "set", self.file("policy.json", json.dumps(card)))
        submit = ("request", "submit", "--authority", "house", "--profile", "client")
        held = self.json(*submit, code=4)
        r = self.run_("request", "show", held["id"], "--wait", "--timeout", "1", code=4)
        self.assertIn("nobody decided", r.stderr)
        for act, code in (("approve", 0), ("reject", 5)):
            known = {s["id"] for s in self.json("request", "list")["submissions"]}
            done = []
            t = threading.Thread(target=lambda: done.append(
                subprocess.run([os.path.join(BUILD, "certwright"), "--data-dir", self.house.data, *submit,
                                "--wait", "--json"], capture_output=True, text=True, timeout=60)))
            t.start()
            new = set()
            while not new:
                time.sleep(0.05)
                new = {s["id"] for s in self.json("request", "list")["submissions"]} - known
            self.assertTrue(t.is_alive())
            self.run_("request", act, new.pop())
            t.join()
            self.assertEqual(done[0].returncode, code, done[0].stdout + done[0].stderr)
        self.assertIn("profile set", self.run_("profile", "--help").stdout)

    def test_M29_profiles_are_listed_shown_and_tried(self):
        rows = self.json("profile", "list", "--authority", "house")["profiles"]
        self.assertEqual([r["name"] for r in rows if r["default"]], ["server"])
        self.assertEqual(self.json("profile", "show", "client", "--authority", "house")["name"], "client")
        self.run_("profile", "show", "nosuch", code=8)
        with open(os.path.join(TOP, "share/authorities/private.json"), encoding="utf-8") as f:
            card = json.load(f)
        for profile in card["profiles"]:
            profile["keys"]["allow"] = ["rsa:4096"]
        path = self.file("strict.json", json.dumps(card))
        said = self.json("profile", "set", path, "--dry-run", code=5)
        self.assertEqual([i["identity"] for i in said["identities"] if i["fails"]], ["portal"])
        self.run_("profile", "set", self.file("no.json", "{}"), code=6)

    def test_M24_the_policy_in_force_is_written_and_set_again(self):
        text = self.run_("profile", "export", "--authority", "house").stdout
        card = json.loads(text)
        card["profiles"][0]["summary"] = "Changed."
        self.run_("profile", "set", self.file("again.json", json.dumps(card)))
        self.assertEqual(self.json("profile", "export")["card"], card)
        self.run_("profile", "export", "--authority", "nobody", code=8)

    def test_revoke_by_serial_or_file_and_release(self):
        one = self.json("request", "submit", "--authority", "house")
        self.assertEqual(self.json("certificate", "revoke", one["serial"].upper(), "--reason",
                                   "certificateHold")["state"], "held")
        self.assertEqual(self.json("certificate", "release", "00" + one["serial"])["state"], "issued")
        path = self.file("one.pem", self.run_("certificate", "export", one["serial"]).stdout)
        self.assertEqual(self.json("certificate", "revoke", path)["state"], "revoked")
        der = os.path.join(self.dir, "one.der")
        openssl("x509", "-in", path, "-outform", "DER", "-out", der)
        self.run_("certificate", "revoke", der, code=9)
        self.run_("certificate", "revoke", "123456", code=8)
        self.run_("certificate", "revoke", "nonsense", code=6)
        chain = self.run_("certificate", "export", one["serial"], "--chain").stdout
        self.assertEqual(chain.count("BEGIN CERTIFICATE"), 2)
        self.assertIn(one["serial"], self.run_("certificate", "issued", "--state", "revoked").stdout)

    def test_M32_what_was_issued_is_written_as_a_file(self):
        one = self.json("request", "submit", "--authority", "house", "--days", "9")
        path = os.path.join(self.dir, "all.csv")
        self.run_("certificate", "issued", "--export", "csv", "-o", path)
        with open(path, encoding="utf-8", newline="") as f:
            self.assertIn(one["serial"], f.read())
        soon = json.loads(self.run_("certificate", "issued", "--state", "soon", "--export", "json").stdout)
        self.assertEqual([i["serial"] for i in soon["issued"]], [one["serial"]])
        self.run_("certificate", "issued", "--export", "xls", code=6)

    def test_a_roots_key_goes_out_and_comes_back(self):
        self.run_("ca", "create", "--name", "vault")
        words = self.file("words", "a ceremony in the vault\n")
        path = os.path.join(self.dir, "root.key")
        self.run_("ca", "offline", "vault", "--passphrase-file", words, "-o", path)
        self.assertEqual(os.stat(path).st_mode & 0o777, 0o600)
        self.run_("ca", "rollover", "vault", code=9)
        self.run_("ca", "online", "vault", path, code=6)
        self.run_("ca", "online", "vault", path, "--passphrase-file", words)
        self.run_("ca", "rollover", "vault")

    def test_a_CA_elsewhere_signs_ours_or_comes_with_its_key(self):
        from ca import CA
        corporate = CA("Corporate")
        self.addCleanup(corporate.close)
        csr = self.run_("ca", "csr", "--name", "below").stdout
        ext = self.file("ca.ext", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n")
        root = self.file("corporate.pem", corporate.root.decode())
        pem = openssl("x509", "-req", "-extfile", ext, "-days", "900", "-CA", root, "-CAkey",
                      corporate.root_key, "-set_serial", "77", stdin=csr.encode()).decode()
        self.run_("ca", "install", self.file("answer.pem", pem), root)
        self.run_("request", "submit", "--authority", "below")
        inter = self.file("inter.pem", corporate.inter.decode())
        self.run_("ca", "import", corporate.inter_key, inter, root, "--name", "moved")
        self.run_("request", "submit", "--authority", "moved")

    def test_what_is_not_given_is_said(self):
        for args, code in ((("certificate", "install"), 2), (("ca", "create"), 2),
                           (("ca", "create", "--name", "a", "--name", "b"), 2),
                           (("ca", "create", "--name", "a", "--days", "x"), 2), (("ca", "show", "nobody"), 8),
                           (("ca", "create", "--name", "letsencrypt"), 9),
                           (("certificate", "install", "--request", "nobody"), 8)):
            self.assertTrue(self.run_(*args, code=code).stderr.startswith("certwright: "), args)


if __name__ == "__main__":
    tap.main()
