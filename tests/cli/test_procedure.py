"""The whole procedure on the command line, against the daemon and a CA made
with OpenSSL: what is printed, and how it ends."""

import hashlib
import json
import os
import re
import subprocess
import unittest

import tap
from ca import CA, openssl
from house import BUILD, PASSWORD, House

TYPES = ["rsa:2048", "rsa:3072", "rsa:4096", "ec:P-256", "ec:P-384", "ec:P-521", "ed25519"]
FIELDS = ["--country", "US", "--state", "New Jersey", "--locality", "Hackensack",
          "--organization", "Example Video, Inc.", "--unit", "R&D",
          "--common-name", "portal.example.com", "--email", "pki@example.com"]


class Base(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ca = CA()
        cls.house = House()

    @classmethod
    def tearDownClass(cls):
        cls.house.close()
        cls.ca.close()

    def file(self, name, data):
        path = os.path.join(self.house.base, name)
        with open(path, "wb") as f:
            f.write(data if isinstance(data, bytes) else data.encode())
        return path

    def cli(self, *args, code=0, stdin=None):
        r = subprocess.run([os.path.join(BUILD, "certwright"), "--data-dir", self.house.data] +
                           list(args), input=stdin, capture_output=True, timeout=120, cwd="/")
        self.assertEqual(r.returncode, code, "%s: %s%s" % (
            " ".join(args), r.stdout.decode(errors="replace"), r.stderr.decode(errors="replace")))
        if code in (0, 3):
            self.assertEqual(r.stderr, b"", args)
        elif not r.stdout:
            self.assertTrue(r.stderr.startswith(b"certwright: "), r.stderr)
        self.said = r.stderr.decode()
        return r.stdout.decode(errors="surrogateescape")

    def json(self, *args, **more):
        return json.loads(self.cli(*args, "--json", **more))

    def identity(self, name, key="ec:P-256", csr=True):
        """Options that name a fresh identity, with a key and a CSR."""
        self.cli("identity", "create", name)
        of = ["--identity", name]
        if key:
            self.cli("key", "generate", "--type", key, *of)
        if csr:
            self.cli("csr", "regenerate", *FIELDS, *of)
        return of


class Procedure(Base):
    def test_the_five_lines(self):
        self.cli("admin", "create", "--user", "admin", "--email", "admin@example.com",
                 "--password-file", self.file("pw", PASSWORD + "\n"))
        first = self.house.served()
        self.assertIn("EC P-256", self.cli("key", "generate", "--type", "ec:P-256"))
        self.assertIn("BEGIN CERTIFICATE REQUEST", self.cli("csr", "regenerate", *FIELDS))
        csr = self.cli("csr", "download")
        subject = openssl("req", "-noout", "-subject", "-nameopt", "RFC2253", stdin=csr.encode()).decode()
        for part in ("C=US", "ST=New Jersey", "O=Example Video\\, Inc.", "OU=R&D", "CN=portal.example.com"):
            self.assertIn(part, subject)
        leaf = self.ca.sign(csr)
        answer = self.file("answer.pem", self.ca.root + leaf + self.ca.inter)
        out = self.cli("certificate", "check", answer, code=self.verdict(answer))
        self.assertIn("subject.O", out)
        self.assertEqual(self.house.served(), first, "a check changes nothing")
        self.assertIn("installed: ", self.cli("certificate", "install", answer))
        self.assertEqual(self.house.served(), self.ca.der(leaf))
        self.assertEqual(self.cli("certificate", "download").strip(), leaf.decode().strip())
        chain = self.cli("certificate", "download", "--chain")
        self.assertEqual(chain.count("BEGIN CERTIFICATE"), 2)
        self.cli("certificate", "rollback", "--reason", "test")
        self.assertEqual(self.house.served(), first)
        self.cli("certificate", "rollback")
        self.assertEqual(self.house.served(), self.ca.der(leaf))

    def verdict(self, *files):
        r = subprocess.run([os.path.join(BUILD, "certwright"), "--data-dir", self.house.data, "--json",
                            "certificate", "check"] + list(files), capture_output=True)
        return {"same": 0, "harmless": 3, "breaking": 5}[json.loads(r.stdout)["verdict"]]

    def test_V23_keys_of_every_type(self):
        for key in TYPES:
            with self.subTest(key=key):
                of = self.identity("type-" + re.sub("[^a-z0-9]", "-", key.lower()), key)
                shown = self.json("key", "show", *of)
                self.assertEqual(shown["type"], key)
                r = subprocess.run(["openssl", "req", "-noout", "-verify"], capture_output=True,
                                   input=self.cli("csr", "download", *of).encode())
                self.assertIn(b"verify OK", r.stdout + r.stderr)
                der = os.path.join(self.house.base, "x.der")
                self.cli("csr", "download", "--der", "-o", der, *of)
                if key == "ed25519":  # has a digest of its own: not left out silently
                    self.cli("csr", "regenerate", "--digest", "sha384", *of, code=6)
                    self.assertIn("(--digest)", self.said)
                openssl("req", "-inform", "DER", "-in", der, "-noout")
        self.cli("key", "generate", "--type", "rsa:1024", code=6)
        self.cli("key", "generate", "--type", "ec:P-256", "--identity", "nobody", code=8)

    def test_V10_refused_fields_are_named_and_save_nothing(self):
        of = self.identity("refused", csr=False)
        for option, value, pattern in (("--country", "UK", "GB"), ("--country", "USA", "US"),
                                       ("--common-name", "https://x.example.com", "URL"),
                                       ("--common-name", "10.0.0.1", "IP"),
                                       ("--common-name", "a_b.example.com", "underscore"),
                                       ("--organization", "", "required|empty"),
                                       ("--locality", "a\u202eb", "direction|bidi|U.202E")):
            with self.subTest(option=option, value=value):
                fields = list(FIELDS)
                fields[fields.index(option) + 1] = value
                self.cli("csr", "regenerate", *fields, *of, code=6)
                self.assertRegex(self.said, pattern)
                self.assertIn("(%s)" % option, self.said)
        self.cli("csr", "show", *of, code=8)
        self.assertIn("the identity refused has no request yet", self.said)
        self.assertIn("certwright csr regenerate", self.said)
        self.assertEqual(self.json("csr", "list", *of)["requests"], [])

    def test_V16_options_not_given_keep_their_saved_values(self):
        of = self.identity("kept")
        one = self.json("csr", "show", *of)
        two = self.json("csr", "regenerate", "--unit", "Other", "--name", "www.example.com", *of)
        self.assertEqual(two["subject"]["OU"], "Other")
        self.assertEqual(two["subject"]["O"], "Example Video, Inc.")
        self.assertIn("www.example.com", two["names"])
        three = self.json("csr", "regenerate", "--name", "", *of)
        self.assertNotIn("www.example.com", three["names"])
        self.assertEqual(one["spki_sha256"], two["spki_sha256"])
        self.assertEqual(len(self.json("csr", "list", *of)["requests"]), 3)
        self.assertEqual(self.cli("csr", "download", one["id"]), one["pem"])

    def test_M19_an_international_name_is_shown_both_ways(self):
        of = self.identity("idn", csr=False)
        fields = list(FIELDS)
        fields[fields.index("--common-name") + 1] = "bücher.example.com"
        out = self.cli("csr", "regenerate", *fields, *of)
        self.assertIn("xn--bcher-kva.example.com", out)
        self.assertIn("bücher.example.com", out)

    def test_V26_a_wildcard_is_Common_Name_and_alternative_name(self):
        of = self.identity("wildcard")
        fields = list(FIELDS)
        fields[fields.index("--common-name") + 1] = "*.portal.example.com"
        self.cli("csr", "regenerate", *fields, *of)
        text = openssl("req", "-noout", "-text", stdin=self.cli("csr", "download", *of).encode()).decode()
        self.assertRegex(text, r"Subject: .*CN ?= ?\*\.portal\.example\.com")
        self.assertIn("DNS:*.portal.example.com", text)

    def test_M3_a_certificate_for_another_key_says_so_first(self):
        of = self.identity("stranger")
        leaf = self.ca.sign(openssl("req", "-new", "-newkey", "ec", "-pkeyopt",
                                    "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                                    self.ca.path("stranger.key"), "-subj", "/CN=x.example.com"))
        answer = self.file("stranger.pem", leaf + self.ca.inter)
        self.assertEqual(self.json("certificate", "check", answer, *of, code=5)["verdict"], "breaking")
        self.cli("certificate", "install", answer, *of, "--override", "no", code=5)
        self.assertIn("for another key", self.said)
        elsewhere = self.identity("elsewhere")
        mine = self.file("mine.pem", self.ca.sign(self.cli("csr", "download", *of)) + self.ca.inter)
        sheet = self.json("certificate", "check", mine, *elsewhere, code=5)
        self.assertTrue(any("of stranger" in n for n in sheet["notes"]), sheet["notes"])

    def test_an_answer_before_there_is_a_key_is_told_what_to_do(self):
        of = self.identity("keyless", None, False)
        self.cli("certificate", "check", self.file("root.pem", self.ca.root), *of, code=8)
        self.assertIn("no private key", self.said)

    def test_V22_import_of_a_key(self):
        key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        locked = openssl("pkcs8", "-topk8", "-passout", "pass:secret", stdin=key)
        of = self.identity("imported", None, False)
        path = self.file("locked.pem", locked)
        self.cli("key", "import", path, *of, code=6)
        self.assertIn("passphrase", self.said)
        self.cli("key", "import", path, "--passphrase-file", self.file("bad", "wrong"), *of, code=6)
        out = self.cli("key", "import", path, "--passphrase-file", self.file("good", "secret\n"), *of)
        self.assertIn(openssl("pkey", "-pubout", stdin=key).decode(), out)
        self.cli("key", "import", "-", *of, stdin=key, code=9)
        self.cli("key", "import", "-", *of, stdin=openssl("pkey", "-pubout", stdin=key), code=6)
        self.assertIn("public", self.said)
        self.cli("key", "import", "/nonexistent", *of, code=6)

    def test_M34_export_and_P16_destroy(self):
        of = self.identity("exported", None, False)
        fixed = self.json("key", "generate", "--type", "ec:P-256", *of)["id"]
        free = self.json("key", "generate", "--type", "ec:P-256", "--exportable", *of)
        secret, out = self.file("pw2", "twelve-chars\n"), os.path.join(self.house.base, "out.pem")
        self.cli("key", "export", fixed, "--passphrase-file", secret, code=7)
        self.cli("key", "export", free["id"], "--passphrase-file", secret, "-o", out)
        self.assertEqual(os.stat(out).st_mode & 0o777, 0o600)
        public = openssl("pkey", "-in", out, "-passin", "pass:twelve-chars", "-pubout")
        self.assertEqual(public.decode(), free["public_key"])
        export = ["key", "export", free["id"], "--passphrase-file", secret, "-o", out]
        for legacy in ([], ["--legacy"]):
            self.cli(*export, "--format", "pkcs12", *legacy)
            self.assertEqual(os.stat(out).st_mode & 0o777, 0o600)
            text = openssl("pkcs12", "-in", out, "-noenc", "-passin", "pass:twelve-chars")
            self.assertEqual(openssl("pkey", "-pubout", stdin=text).decode(), free["public_key"])
        self.cli(*export, "--legacy", code=6)
        self.assertIn("pkcs12", self.said)
        self.cli("key", "destroy", free["id"])
        self.cli("key", "export", free["id"], "--passphrase-file", secret, code=9)

    def test_csr_check_gives_the_verdict(self):
        self.assertIn("subject.CN", self.cli("csr", "check", "-", stdin=openssl(
            "req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", self.ca.path("k"), "-subj",
            "/CN=a.example.com", "-addext", "subjectAltName=DNS:a.example.com")))
        of = self.identity("proof")
        der = bytearray(openssl("req", "-outform", "DER", stdin=self.cli("csr", "download", *of).encode()))
        der[-3] ^= 1
        out = self.cli("csr", "check", self.file("bad.der", bytes(der)), "--json", code=5)
        self.assertEqual(json.loads(out)["verdict"], "refuse")
        self.cli("csr", "check", self.file("no.csr", b"hello"), code=6)

    def test_certificate_check_and_install_give_the_verdict(self):
        of = self.identity("verdicts")
        csr = self.cli("csr", "download", *of)
        same = self.file("same.pem", self.ca.sign(csr) + self.ca.inter)
        less = self.file("less.pem", self.ca.sign(csr, subject="/CN=portal.example.com") + self.ca.inter)
        wrong = self.file("wrong.pem", self.ca.sign(csr, eku="clientAuth") + self.ca.inter)
        out = self.cli("certificate", "check", less, *of, code=3)
        self.assertIn("subject.O dropped", out)
        self.assertEqual(self.json("certificate", "check", wrong, *of, code=5)["verdict"], "breaking")
        self.cli("certificate", "install", wrong, *of, code=5)
        self.assertIn("certwright: ", self.said)
        self.cli("certificate", "show", *of, code=8)
        self.assertTrue(self.json("certificate", "install", less, *of)["installed"])
        self.cli("certificate", "install", same, *of)
        listed = self.json("certificate", "list", *of)["certificates"]
        self.assertEqual({c["state"] for c in listed}, {"active", "previous"})
        self.cli("certificate", "install", wrong, *of, "--override", "until Monday")
        self.assertIn("until Monday", self.cli("audit", "list", "--text", "until Monday"))
        other = self.identity("another")
        self.cli("certificate", "install", same, *other, "--override", "no", code=5)
        self.cli("certificate", "check", self.file("junk", b"hello"), *of, code=6)

    def test_several_files_and_a_passphrase(self):
        of = self.identity("several")
        leaf = self.ca.sign(self.cli("csr", "download", *of))
        files = [self.file("server.crt", self.ca.root), self.file("inter.pem", leaf),
                 self.file("zzz", self.ca.der(self.ca.inter))]
        sheet = self.json("certificate", "check", *files, *of, code=self.code(files, of))
        self.assertEqual(len(sheet["chain"]), 2)
        p12 = self.file("x.p12", self.ca.pkcs12(leaf, self.ca.inter, passphrase="secret"))
        self.cli("certificate", "check", p12, *of, code=6)
        self.cli("certificate", "install", p12, "--passphrase-file", self.file("p", "secret\n"), *of)

    def code(self, files, of):
        return subprocess.run([os.path.join(BUILD, "certwright"), "--data-dir", self.house.data,
                               "certificate", "check"] + files + of, capture_output=True).returncode

    def test_trust(self):
        path = self.file("root.pem", self.ca.root)
        self.cli("trust", "add", path)
        listed = self.json("trust", "list")["trust"]
        want = hashlib.sha256(self.ca.der(self.ca.root)).hexdigest()
        found = [t for t in listed if t["sha256"].replace(":", "").lower() == want]
        self.assertEqual(len(found), 1)
        self.assertIn("Root R1", self.cli("trust", "list"))
        self.assertIn("was here already", self.cli("trust", "add", path))
        self.cli("trust", "remove", found[0]["id"])
        self.cli("trust", "remove", found[0]["id"], code=8)
        self.cli("trust", "add", self.file("nocert", b"hello"), code=6)

    def test_identities(self):
        self.cli("identity", "create", "shop")
        self.cli("identity", "create", "shop", code=9)
        self.assertIn("shop", self.cli("identity", "list"))
        self.assertIn("Name:", self.cli("identity", "show", "shop"))
        self.cli("identity", "delete", "shop")
        self.cli("identity", "show", "shop", code=8)
        self.cli("identity", "delete", "portal", code=9)


class People(Base):
    def admin(self, name):
        self.cli("admin", "create", "--user", name, "--email", name + "@example.com",
                 "--password-file", self.file("pw", PASSWORD))

    def test_V53_accounts(self):
        self.admin("one")
        self.cli("admin", "disable", "one", code=9)
        self.cli("admin", "delete", "one", code=9)
        self.admin("two")
        self.cli("admin", "disable", "two")
        self.assertFalse([a for a in self.json("admin", "list")["accounts"] if a["name"] == "two"][0]["enabled"])
        self.cli("admin", "enable", "two")
        self.cli("admin", "password", "two", "--password-file", self.file("new", "Ganz-Anders-und-lang-81!"))
        self.cli("admin", "password", "two", "--password-file", self.file("new", "short"), code=6)
        self.cli("admin", "reset-totp", "two")
        self.cli("admin", "delete", "two")
        self.cli("admin", "delete", "two", code=8)
        self.cli("admin", "create", "--user", "x y", "--email", "no", "--password-file", "-",
                 stdin=PASSWORD.encode(), code=6)

    def test_a_token_over_HTTPS(self):
        made = self.json("token", "create", "--days", "1")
        self.assertRegex(made["token"], r"^[A-Za-z0-9_-]+$")
        token = self.file("token", made["token"] + "\n")
        remote = [os.path.join(BUILD, "certwright"), "--server", self.house.url, "--token-file", token,
                  "--fingerprint", hashlib.sha256(self.house.served()).hexdigest(), "status", "--json"]
        r = subprocess.run(remote, capture_output=True)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(json.loads(r.stdout)["instance"], self.json("status")["instance"])
        self.assertIn(made["id"], self.cli("token", "list"))
        self.cli("token", "revoke", made["id"])
        r = subprocess.run(remote, capture_output=True)
        self.assertEqual((r.returncode, r.stdout), (7, b""), r.stderr)
        self.cli("token", "create", "--days", "0", code=6)

    def test_P29_the_audit_here_and_offline(self):
        self.cli("identity", "create", "audited")
        self.assertIn("identity.create", self.cli("audit", "list", "--text", "audited"))
        self.cli("audit", "verify")
        out = os.path.join(self.house.base, "audit.ndjson")
        self.cli("audit", "export", "-o", out)
        head = re.search(r"head: (\d+:[0-9a-f]{64})", self.cli("audit", "verify", out)).group(1)
        self.cli("identity", "create", "audited-later")
        self.cli("audit", "export", "-o", out)
        self.cli("audit", "verify", out, "--head", head)
        with open(out) as f:
            lines = f.read().splitlines()
        cut = self.file("cut", "\n".join(lines[:2] + lines[3:]) + "\n")
        self.cli("audit", "verify", cut, code=5)
        last = json.loads(lines[-1])["head"]
        self.cli("audit", "verify", self.file("old", "\n".join(lines[:-2]) + "\n"),
                 "--head", "%d:%s" % (last["sequence"], last["hash"]), code=5)

    def test_the_rest_is_for_people_too(self):
        self.assertIn("Sandbox of the keeper", self.cli("status"))
        self.assertIn("listen = 127.0.0.1:%d" % self.house.port, self.cli("config", "show"))
        self.assertIn("127.0.0.1:%d" % self.house.port, self.cli("component", "list"))
        for command in (["status"], ["config", "show"], ["component", "list"], ["audit", "verify"]):
            self.assertTrue(self.json(*command))


if __name__ == "__main__":
    tap.main()
