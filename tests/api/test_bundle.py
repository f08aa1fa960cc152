"""The security bundle: a whole installation in one file, and the reset (V47, V48)."""

import json
import os
import signal
import socket
import stat
import subprocess
import tempfile
import unittest
import zipfile

import tap
from ca import openssl
from case import Case
from house import FIELDS, Browser, House, free_port

WORDS = "correct horse battery staple"


class Bundles(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dir = tempfile.mkdtemp(prefix="bundle-")
        cls.secret = cls.file("passphrase", WORDS + "\n")
        cls.house.api("POST", "/cas", {"name": "house"})
        cls.house.api("PUT", "/names/base", {"domain": "vc.example.com"})
        cls.house.api("POST", "/tenants", {"name": "acme"})
        for inside, name in (("", "portal.example.com"), ("/t/acme", "acme.vc.example.com")):
            cls.house.api("POST", inside + "/identities/portal/keys", {"type": "ec:P-256"})
            csr = cls.house.api("POST", inside + "/identities/portal/requests", {**FIELDS, "common_name": name}).json
            issued = cls.house.api("POST", inside + "/authorities/house/requests", {"csr": csr["pem"]}).json
            a = cls.house.api("POST", inside + "/identities/portal/certificates", {"request": issued["id"]})
            assert a.status in (200, 201), a.text

    @classmethod
    def file(cls, name, text):
        path = os.path.join(cls.dir, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def bundle(self, name, house=None, rc=0):
        path = os.path.join(self.dir, name)
        run = (house or self.house).cli("bundle", "export", "-o", path, "--passphrase-file", self.secret)
        self.assertEqual(run.returncode, rc, run.stdout + run.stderr)
        return path

    def state(self, house):
        """What people would miss."""
        seen = {}
        for inside in ("", "/t/acme"):
            at = inside + "/identities/portal"
            seen[inside] = (house.api("GET", at + "/key").json, house.api("GET", at + "/certificates").json)
        seen["issued"] = house.api("GET", "/issued").json
        seen["cas"] = house.api("GET", "/cas").json
        return seen

    def test_V47_on_a_second_host_the_same_keys_and_chains_are_served(self):
        path = self.bundle("whole.zip")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        before, leaf = self.state(self.house), self.house.served()
        self.assertEqual(self.events("bundle.export")[0]["outcome"], "done")
        self.assertEqual(self.house.api("GET", "/backups").json["backups"], [], "the copy is gone")
        with House() as other:
            other.admin("somebody")
            own = other.served()
            run = other.cli("bundle", "import", path, "--passphrase-file", self.secret)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            self.assertEqual(other.served(), own, "not before the next start")
            for name in ("kek", "journal", "sign-journal", "certwright.db"):
                brought = os.stat(os.path.join(other.data, "next." + name))
                replaced = os.stat(os.path.join(other.data, name))
                self.assertEqual((brought.st_uid, stat.S_IMODE(brought.st_mode)), (replaced.st_uid, 0o600), name)
            planned = other.api("GET", "/backups").json["next"]
            self.assertIn("the bundle made", planned["what"])
            other.restart()
            self.assertEqual(other.served(), leaf)
            self.assertEqual(self.state(other), before)
            self.assertEqual(Browser(other).sign_in("root").path, "/components")
            self.assertTrue(other.api("GET", "/audit/verify").json["whole"])
            self.assertFalse(other.api("GET", "/backups").json["stopped"], "it is no old one")
            csr = other.api("POST", "/identities/portal/requests", FIELDS).json
            a = other.api("POST", "/authorities/house/requests", {"csr": csr["pem"], "keep_key": "a test"})
            self.assertEqual(a.status, 201, a.text)
            self.assertEqual(self.events("system.replaced", other)[0]["object"], planned["what"])
            kept = os.path.join(other.data, planned["kept"])
            self.assertLessEqual({"certwright.db", "kek", "journal", "sign-journal"}, set(os.listdir(kept)))

    def test_V47_the_page_says_how_and_takes_back_what_is_planned(self):
        b = self.signed_in()
        path = self.bundle("page.zip")
        page = b.get("/settings/security/advanced")
        self.assertIn("The last security bundle was made", page.text)
        self.assertIn("bundle export -o FILE", page.text)
        self.assertIsNotNone(self.house.api("GET", "/bundles").json["last_bundle"])
        run = self.house.cli("bundle", "import", path, "--passphrase-file", self.secret)
        self.assertEqual(run.returncode, 0, run.stderr)
        page = b.get("/settings/security/advanced")
        self.assertIn("the bundle made", page.text)
        page = b.post("/settings/security/advanced/cancel", {}, page)
        self.assertEqual(page.path, "/settings/security/advanced")
        self.assertNotIn("planned for the next start", page.text)
        self.assertFalse([n for n in os.listdir(self.house.data) if n.startswith("next.")])
        self.assertEqual(self.events("restore.cancel")[0]["actor"], "root")

    def test_V47_into_an_empty_folder_before_the_first_start(self):
        path = self.bundle("first.zip")
        with House(start=False) as other:
            run = other.cli("bundle", "import", path, "--passphrase-file", self.secret)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            other.start()
            self.assertIsNone(other.setup_path(), "it has its accounts")
            self.assertEqual(other.served(), self.house.served())

    def test_P6_what_was_revoked_since_an_older_bundle_stays_revoked(self):
        with House() as house:
            house.admin("root")
            house.api("POST", "/cas", {"name": "house"})
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            csr = house.regenerate().json["pem"]
            serial = house.api("POST", "/authorities/house/requests", {"csr": csr}).json["serial"]
            path = self.bundle("older.zip", house=house)
            a = house.api("POST", "/issued/revoke", {"serial": serial, "reason": "superseded"})
            self.assertEqual(a.status, 200, a.text)
            run = house.cli("bundle", "import", path, "--passphrase-file", self.secret)
            self.assertEqual(run.returncode, 0, run.stderr)
            house.stop(signal.SIGKILL)  # it is in the write-ahead log alone
            house.start()
            again = house.api("GET", "/issued/" + serial).json
            self.assertEqual((again["state"], again["reason"]), ("revoked", "superseded"))
            self.assertFalse([n for n in os.listdir(house.data) if n.startswith("next.")])

    def test_V47_the_format_is_open(self):
        """docs/bundle.md: unzip and openssl are enough."""
        path = self.bundle("open.zip")
        out = tempfile.mkdtemp(dir=self.dir)
        with zipfile.ZipFile(path) as z:
            self.assertIsNone(z.testzip())
            z.extractall(out)
        def decrypt(name, *how):
            return openssl("cms", "-decrypt", "-inform", "DER", "-in", os.path.join(out, name), *how)
        key = decrypt("key.cms", "-pwri_password", WORDS).decode()
        self.assertRegex(key, r"\A[0-9a-f]{64}\Z")
        plain = {name: decrypt(name, "-secretkey", key) for name in os.listdir(out)
                 if name.endswith(".cms") and name != "key.cms"}
        manifest = json.loads(plain["manifest.cms"])["certwright-bundle"]
        with open(os.path.join(self.house.data, "kek"), "rb") as f:
            self.assertTrue(f.read() == plain["kek.1.cms"], "the key-encryption key")
        for f in manifest["files"]:
            data = plain[f["name"] + ".1.cms"]
            digest = openssl("dgst", "-sha256", "-binary", stdin=data).hex()
            self.assertEqual((len(data), digest), (f["size"], f["sha256"]), f["name"])

    def test_P14_without_the_passphrase_it_gives_nothing(self):
        path = self.bundle("sealed.zip")
        with open(path, "rb") as f:
            data = f.read()
        for name in ("kek", "journal"):
            with open(os.path.join(self.house.data, name), "rb") as f:
                self.assertFalse(f.read() in data, name)
        self.assertFalse(b"portal.example.com" in data or b"acme" in data or b"SQLite" in data, "a name is there")

    def refuses(self, words, *args, house=None, rc=6):
        run = (house or self.house).cli("bundle", *args)
        self.assertEqual(run.returncode, rc, run.stdout + run.stderr)
        self.assertRegex(run.stderr, words)

    def test_each_wrong_bundle_is_refused_and_changes_nothing(self):
        path = self.bundle("good.zip")
        wrong = self.file("wrong", WORDS + "!\n")
        self.refuses("does not open the bundle", "import", path, "--passphrase-file", wrong)
        self.refuses("is no bundle", "import", self.secret, "--passphrase-file", self.secret)
        self.refuses("could not read", "import", path + ".none", "--passphrase-file", self.secret)
        with zipfile.ZipFile(path) as z:
            members = {n: z.read(n) for n in z.namelist()}
        cases = (("manifest.cms", None, "is no bundle"), ("kek.1.cms", None, "kek.1.cms is missing"),
                 ("kek.1.cms", members["journal.1.cms"], "kek.1.cms is missing or cut off"),
                 ("journal.1.cms", members["kek.1.cms"], "journal.1.cms is missing or cut off"),
                 ("certwright.db.1.cms", self.flipped(members["certwright.db.1.cms"]), "does not decrypt"),
                 ("manifest.cms", self.unauthenticated(members["kek.1.cms"]), "does not decrypt"),
                 ("key.cms", None, "key.cms is missing"), ("key.cms", members["kek.1.cms"], "does not decrypt"),
                 ("key.cms", self.unauthenticated(b"0" * 64), "does not decrypt"))
        for name, instead, words in cases:
            bad = os.path.join(self.dir, "bad.zip")
            with zipfile.ZipFile(bad, "w") as z:
                for n, data in members.items():
                    if n != name:
                        z.writestr(n, data)
                    elif instead is not None:
                        z.writestr(n, instead)
            self.refuses(words, "import", bad, "--passphrase-file", self.secret)
            self.refuses(words, "verify", bad, "--passphrase-file", self.secret)
            self.assertFalse([n for n in os.listdir(self.house.data) if n.startswith("next.")], words)
        run = self.house.cli("bundle", "verify", path, "--passphrase-file", self.secret)
        self.assertEqual((run.returncode, "whole, made" in run.stdout), (0, True), run.stderr)

    def test_a_wrong_bundle_leaves_what_was_planned(self):
        made = self.house.api("POST", "/backups").json
        self.assertEqual(self.house.cli("backup", "restore", made["name"]).returncode, 0)
        planned = self.house.api("GET", "/bundles").json["next"]
        wrong = self.file("wrong", WORDS + "!\n")
        path = self.bundle("instead.zip")
        self.refuses("does not open the bundle", "import", path, "--passphrase-file", wrong)
        self.refuses("could not read", "import", path + ".none", "--passphrase-file", self.secret)
        self.assertEqual(self.house.api("GET", "/bundles").json["next"], planned)
        self.assertTrue(os.path.exists(os.path.join(self.house.data, "next.certwright.db")))
        run = self.house.cli("bundle", "import", path, "--passphrase-file", self.secret)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertIn("the backup %s, which was planned, does not take place" % made["name"], run.stdout)
        self.assertIn("the bundle made", self.house.api("GET", "/bundles").json["next"]["what"])
        self.assertEqual(self.house.cli("backup", "restore", "--cancel").returncode, 0)
        self.assertEqual(self.house.api("DELETE", "/backups/" + made["name"]).status, 200)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_P14_the_front_never_has_the_key_encryption_key_of_an_import(self):
        def owner(name):
            return os.stat(os.path.join(house.data, name)).st_uid
        with House() as house:
            house.admin("root")
            path = self.bundle("owned.zip", house=house)
            run = house.cli("bundle", "import", path, "--passphrase-file", self.secret)
            self.assertEqual(run.returncode, 0, run.stderr)
            front, keeper = owner("certwright.db"), owner("kek")
            self.assertNotEqual(front, keeper)
            for name in ("kek", "journal", "sign-journal"):
                self.assertEqual(owner("next." + name), keeper, name)
            self.assertEqual((owner("next.certwright.db"), owner("next.plan")), (front, front))
            house.stop()
            os.unlink(os.path.join(house.data, "next.plan"))
            os.chown(os.path.join(house.data, "next.kek"), 0, 0)
            house.start()
            self.assertEqual(owner("next.kek"), keeper, "nor of one that was cut short")

    def flipped(self, data):
        return data[:-30] + bytes([data[-30] ^ 1]) + data[-29:]

    def unauthenticated(self, text):
        """Under the right passphrase, but nothing says that it was not changed."""
        return openssl("cms", "-encrypt", "-binary", "-outform", "DER", "-aes256", "-pwri_password", WORDS,
                       stdin=text)

    def test_what_a_bundle_takes(self):
        short = self.file("short", "elevenchars\n")
        self.refuses("at least 12 characters", "export", "-o", os.path.join(self.dir, "s.zip"),
                     "--passphrase-file", short)
        there = self.file("there.zip", "mine")
        self.refuses("is there already", "export", "-o", there, "--passphrase-file", self.secret, rc=9)
        with open(there) as f:
            self.assertEqual(f.read(), "mine")
        self.refuses("goes to a file", "export", "-o", "-", "--passphrase-file", self.secret, rc=2)
        self.assertEqual(self.house.api("GET", "/backups").json["backups"], [])

    def test_V48_reset_asks_for_the_name_and_makes_a_bundle_first(self):
        with House() as house:
            house.admin("root")
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            key, leaf = house.api("GET", "/identities/portal/key").json, house.served()
            path = os.path.join(self.dir, "before.zip")
            rest = ("-o", path, "--passphrase-file", self.secret)
            self.refuses("nothing was done", "reset", "another-host", *rest, house=house)
            self.assertFalse(os.path.exists(path))
            run = house.cli("bundle", "reset", socket.gethostname(), *rest)
            self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
            self.assertEqual(house.served(), leaf)
            with open(os.path.join(house.data, "kek"), "rb") as f:
                kek = f.read()
            house.restart()
            self.assertIsNotNone(house.setup_path(), "there is no account")
            self.assertNotEqual(house.served(), leaf)
            text = openssl("x509", "-inform", "DER", "-noout", "-subject", "-issuer", stdin=house.served()).decode()
            subject, issuer = [line.split("=", 1)[1] for line in text.strip().split("\n")]
            self.assertEqual(subject, issuer, "self-signed")
            self.assertFalse([n for n in os.listdir(house.data) if n.startswith("replaced")], "nothing is left of it")
            with open(os.path.join(house.data, "kek"), "rb") as f:
                self.assertFalse(f.read() == kek, "a key-encryption key of its own")
            run = house.cli("bundle", "import", path, "--passphrase-file", self.secret)
            self.assertEqual(run.returncode, 0, run.stderr)
            house.restart()
            self.assertEqual((house.api("GET", "/identities/portal/key").json, house.served()), (key, leaf))

    def test_a_large_file_goes_in_parts(self):
        """Each part is encrypted by itself: memory does not grow with the database."""
        with House() as house:
            house.stop()
            path = os.path.join(house.data, "certwright.db")
            subprocess.run(["sqlite3", path, "CREATE TABLE stuffing (b BLOB);"
                            "INSERT INTO stuffing VALUES (randomblob(40000000)), (randomblob(30000000))"], check=True)
            house.start()
            bundle = self.bundle("large.zip", house=house)
            with zipfile.ZipFile(bundle) as z:
                self.assertIn("certwright.db.3.cms", z.namelist())
            run = house.cli("bundle", "import", bundle, "--passphrase-file", self.secret)
            self.assertEqual(run.returncode, 0, run.stderr)
            house.restart()
            self.assertIsNone(house.api("GET", "/backups").json["next"])
            self.assertEqual(self.events("system.replaced", house)[0]["role"], "system")


if __name__ == "__main__":
    tap.main()
