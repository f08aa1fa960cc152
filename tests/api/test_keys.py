"""Identities and private keys: every refusal at its field, generations,
export, destruction, and what the pages show; against the real daemon."""

import base64
import hashlib
import os
import re
import shutil
import sqlite3
import subprocess

import tap
import weakkeys
from ca import CA, openssl
from case import Case
from house import Browser, House

P256 = ["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
PASSPHRASE = "correct horse battery"


def b64(data):
    return base64.b64encode(data).decode()


def spki(pem):
    return openssl("pkey", "-pubout", "-outform", "DER", stdin=pem)


class Base(Case):
    @classmethod
    def build(cls):
        house = House(start=False)
        # a list of the site, there before the start
        os.makedirs(os.path.join(house.data, "weak-keys"))
        cls.listed = openssl(*P256)
        with open(os.path.join(house.data, "weak-keys", "site.txt"), "w") as f:
            f.write(hashlib.sha256(spki(cls.listed)).hexdigest() + "\n")
        return house.start()

    def generate(self, identity, kind="ec:P-256", **more):
        a = self.house.api("POST", "/identities/%s/keys" % identity, dict(more, type=kind))
        self.assertEqual(a.status, 201, a.text)
        return a.json

    def take(self, identity, file=None, **more):
        if file is not None:
            more["file"] = b64(file)
        return self.house.api("POST", "/identities/%s/keys/import" % identity, more)

    def database(self):
        return sqlite3.connect(os.path.join(self.house.data, "certwright.db"))


class Identities(Base):
    def test_their_names_are_plain(self):
        for name in ("", "-x", ".x", "_x", "a b", "a/b", "ä", "x" * 65, "a\"b"):
            with self.subTest(name=name):
                a = self.house.api("POST", "/identities", {"name": name})
                self.assertEqual((a.status, a.json["field"]), (400, "name"), a.text)
        self.refused(self.house.api("POST", "/identities", {"name": "a b"}), 400, "identity.name", "name")
        for name in ("a", "0", "A.b_c-d", "x" * 64):
            self.identity(name)
        self.refused(self.house.api("POST", "/identities", {"name": "a"}), 409, "identity.exists", "name")

    def test_a_new_one_is_empty_and_is_found_by_name_and_id(self):
        made = self.house.api("POST", "/identities", {"name": "shape"}).json
        self.assertEqual(set(made), {"id", "name", "subject", "names", "digest", "active", "previous",
                                     "next", "created", "keys"})
        self.assertEqual((made["subject"], made["names"], made["keys"]), ({}, [], []))
        for one in ("shape", made["id"]):
            self.assertEqual(self.house.api("GET", "/identities/" + one).json, made)
        listed = self.house.api("GET", "/identities").json["identities"]
        self.assertIn("portal", [i["name"] for i in listed])
        self.assertIn(made["id"], [i["id"] for i in listed])

    def test_portal_and_those_with_keys_stay(self):
        self.refused(self.house.api("DELETE", "/identities/portal"), 409, "identity.portal")
        self.identity("keyed")
        key = self.generate("keyed")
        self.refused(self.house.api("DELETE", "/identities/keyed"), 409, "identity.in-use")
        self.house.api("DELETE", "/keys/" + key["id"])
        self.refused(self.house.api("DELETE", "/identities/keyed"), 409, "identity.in-use")
        self.identity("empty")
        self.assertEqual(self.house.api("DELETE", "/identities/empty").status, 200)
        self.refused(self.house.api("GET", "/identities/empty"), 404, "not-found")
        acts = {(e["action"], e["outcome"]) for e in self.events("empty")}
        self.assertIn(("identity.create", "done"), acts)
        self.assertIn(("identity.delete", "done"), acts)
        self.assertIn(("identity.delete", "identity.portal"),
                      {(e["action"], e["outcome"]) for e in self.events("portal")})


class Keys(Base):
    def test_V23_each_type_says_type_and_size(self):
        self.identity("types")
        for kind, label, bits in (
                ("rsa:2048", "RSA 2048 bits", 2048), ("rsa:3072", "RSA 3072 bits", 3072),
                ("ec:P-256", "EC P-256", 256), ("ec:P-384", "EC P-384", 384),
                ("ec:P-521", "EC P-521", 521), ("ed25519", "Ed25519", 256)):
            with self.subTest(kind=kind):
                k = self.generate("types", kind)
                self.assertEqual(set(k), {"id", "label", "type", "bits", "identity", "state", "generation",
                                          "origin", "exportable", "deliverable", "spki_sha256", "public_key", "created"})
                self.assertEqual((k["type"], k["label"], k["bits"]), (kind, label, bits))
                der = openssl("pkey", "-pubin", "-outform", "DER", stdin=k["public_key"].encode())
                self.assertEqual(k["spki_sha256"], hashlib.sha256(der).hexdigest())
        self.refused(self.house.api("POST", "/identities/types/keys", {"type": "rsa:1024"}), 400,
                     "field.choice", "type")
        self.refused(self.house.api("POST", "/identities/nobody/keys", {"type": "ed25519"}), 404, "not-found")

    def test_V24_a_new_key_is_the_next_generation_and_destroys_nothing(self):
        name = self.identity("generations")
        self.refused(self.house.api("GET", "/identities/%s/key" % name), 404, "key.none")
        one = self.generate(name)
        two = self.generate(name, "rsa:2048")
        self.assertEqual((one["generation"], two["generation"]), (1, 2))
        shown = self.house.api("GET", "/identities/" + name).json
        self.assertEqual(shown["next"], two["id"])
        self.assertEqual(shown["keys"], [two, one])
        self.assertEqual(self.house.api("GET", "/identities/%s/key" % name).json["id"], two["id"])
        self.assertEqual(self.house.api("GET", "/keys/" + one["id"]).json, one)
        self.house.api("DELETE", "/keys/" + two["id"])
        self.assertEqual(self.house.api("GET", "/identities/%s/key" % name).json["id"], one["id"])
        self.assertEqual(self.generate(name)["generation"], 3, "a number is used once")

    def test_the_listeners_own_key_makes_no_CSR_and_stays(self):
        own = self.house.api("GET", "/identities/portal/keys").json["keys"][-1]
        self.assertEqual((own["generation"], own["origin"], own["state"]), (0, "self-signed", "active"))
        self.refused(self.house.api("DELETE", "/keys/" + own["id"]), 409, "key.in-use")
        self.refused(self.house.api("POST", "/keys/%s/export" % own["id"], {"passphrase": PASSPHRASE}),
                     403, "key.not-exportable")

    def test_P19_M36_weak_keys_are_refused_with_their_reason(self):
        name = self.identity("weak")
        for what, key, refusal in weakkeys.each():
            with self.subTest(what=what):
                openssl("pkey", "-noout", "-check", stdin=key)  # consistent, so it is the weakness
                self.refused(self.take(name, key), 400, refusal, "file")
        with self.subTest(what="on a list of the site"):
            self.refused(self.take(name, self.listed), 400, "key.listed", "file")
        with self.subTest(what="on another curve"):
            other = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp256k1")
            self.assertEqual(self.take(name, other).status, 400)
        self.assertEqual(self.house.api("GET", "/identities/%s/keys" % name).json["keys"], [])
        self.assertIn(("key.import", "key.roca"), {(e["action"], e["outcome"]) for e in self.events("weak")})

    def test_a_file_comes_in_one_way(self):
        name = self.identity("ways")
        key = openssl(*P256)
        self.refused(self.take(name), 400, "field.required", "file")
        self.refused(self.take(name, key, text=key.decode()), 400, "key-file.several", "file")
        self.refused(self.house.api("POST", "/identities/%s/keys/import" % name, {"file": "a b"}), 400,
                     "text.base64", "file")
        self.refused(self.take(name, sealed="====="), 400, "text.base64", "sealed")
        self.refused(self.take(name, sealed=b64(b"x" * 300)), 400, "seal.malformed", "sealed")
        self.refused(self.take(name, b"x" * (256 * 1024 + 1)), 413, "file.too-large", "file")
        self.refused(self.take(name, text="hello"), 400, "key-file.none", "text")
        self.refused(self.take("nobody", key), 404, "not-found")
        a = self.take(name, text=key.decode())
        self.assertEqual((a.status, a.json["origin"]), (201, "imported"), a.text)
        self.assertRegex(a.json["found"], "PKCS#8")

    def test_the_same_key_again_says_where_it_is(self):
        first, second = self.identity("again"), self.identity("again-too")
        key = openssl(*P256)
        made = self.take(first, key).json
        a = self.take(second, key)
        self.refused(a, 409, "key.exists", "file")
        self.assertIn("generation 1 of again", a.json["detail"])
        self.house.api("DELETE", "/keys/" + made["id"])
        a = self.take(first, key)
        self.refused(a, 409, "key.exists", "file")
        self.assertIn("destroyed", a.json["detail"])

    def test_V22_a_sealed_file_with_its_passphrase(self):
        name = self.identity("sealed")
        key = openssl(*P256)
        locked = openssl("pkcs8", "-topk8", "-passout", "pass:secret", stdin=key)
        for secret, code in (("wrong", 6), ("secret", 0)):
            path = os.path.join(self.house.base, secret)
            with open(path, "w") as f:
                f.write(secret + "\n")
            r = self.house.cli("key", "import", "-", "--passphrase-file", path, "--identity", name, stdin=locked)
            self.assertEqual(r.returncode, code, r.stderr)
        # what was sealed is the keeper's, not the front's
        self.assertEqual(len(base64.b64decode(self.house.api("GET", "/import-key").json["key"])), 32)

    def test_M34_export_asks_for_a_passphrase_that_is_worth_it(self):
        name = self.identity("export")
        fixed, free = self.generate(name), self.generate(name, exportable=True)
        path = "/keys/%s/export" % free["id"]
        self.refused(self.house.api("POST", path, {}), 400, "field.required", "passphrase")
        self.refused(self.house.api("POST", path, {"passphrase": "elevenchars"}), 400,
                     "key.export.passphrase", "passphrase")
        self.refused(self.house.api("POST", "/keys/%s/export" % fixed["id"], {"passphrase": PASSPHRASE}),
                     403, "key.not-exportable")
        a = self.house.api("POST", path, {"passphrase": PASSPHRASE})
        self.assertEqual(a.status, 200, a.text)
        text = openssl("asn1parse", stdin=a.json["pem"].encode()).decode()
        for word in ("PBES2", "PBKDF2", "hmacWithSHA256", "aes-256-cbc", "0927C0"):
            self.assertIn(word, text, "600,000 rounds of PBKDF2, AES-256")
        found = self.events(free["id"])
        self.assertIn(("key.export", "done"), {(e["action"], e["outcome"]) for e in found})

    def test_M34_PKCS12_with_its_certificates_modern_and_legacy(self):
        name = self.identity("pkcs12")
        self.house.regenerate(name)
        ca = CA()
        self.addCleanup(ca.close)
        for kind in ("ec:P-256", "rsa:2048"):
            key = self.generate(name, kind, exportable=True)
            path = "/keys/%s/export" % key["id"]
            leaf = ca.sign(self.house.regenerate(name).json["pem"])
            a = self.house.install(leaf, ca.inter, identity=name)
            self.assertEqual(a.status, 201, a.text)
            for legacy, mac, cipher, rounds in ((False, "sha256", "AES-256-CBC", 600000),
                                                (True, "sha1", "3-KeyTripleDES", 100000)):
                with self.subTest(kind=kind, legacy=legacy):
                    a = self.house.api("POST", path, {"passphrase": PASSPHRASE, "format": "pkcs12", "legacy": legacy})
                    self.assertEqual((a.status, a.json["pem"]), (200, None), a.text)
                    self.assertEqual(a.json["format"], "pkcs12-legacy" if legacy else "pkcs12")
                    file = ca.write("x.p12", base64.b64decode(a.json["pkcs12"]))
                    read = ["pkcs12", "-in", file, "-noenc", "-passin"]
                    r = subprocess.run(["openssl"] + read + ["pass:" + PASSPHRASE, "-info"], capture_output=True,
                                       text=True)
                    self.assertEqual(r.returncode, 0, r.stderr)
                    self.assertRegex(r.stderr, r"MAC: %s, Iteration %d\n" % (mac, rounds))
                    found = re.findall(r"(?:Encrypted data|Shrouded Keybag): (.*)", r.stderr)
                    self.assertEqual(len(found), 2, r.stderr)
                    for line in found:
                        self.assertRegex(line, cipher)
                        self.assertIn("Iteration %d" % rounds, line)
                        if not legacy:
                            self.assertRegex(line, "PBES2, PBKDF2, AES-256-CBC, .*hmacWithSHA256")
                    certs = re.findall(r"-----BEGIN CERT.*?-----END CERTIFICATE-----\n", r.stdout, re.S)
                    self.assertEqual(certs, [leaf.decode(), ca.inter.decode()])
                    self.assertEqual(openssl("pkey", "-pubout", stdin=r.stdout.encode()).decode(), key["public_key"])
                    with self.assertRaises(RuntimeError):
                        openssl(*read, "pass:" + PASSPHRASE + ".")
                    self.others_read(file)
        acts = {e["detail"].get("format") for e in self.events(key["id"]) if e["action"] == "key.export"}
        self.assertEqual(acts, {"pkcs12", "pkcs12-legacy"})

    def others_read(self, file):
        """GnuTLS, and Java where it is: a key with a chain of two."""
        r = subprocess.run(["certtool", "--inder", "--p12-info", "--infile", file, "--password", PASSPHRASE],
                           capture_output=True, text=True)
        self.assertEqual((r.returncode, r.stdout.count("BEGIN CERTIFICATE"), r.stdout.count("PRIVATE KEY--")),
                         (0, 2, 2), r.stdout + r.stderr)
        if shutil.which("keytool"):
            r = subprocess.run(["keytool", "-list", "-v", "-keystore", file, "-storepass", PASSPHRASE],
                               capture_output=True, text=True)
            self.assertIn("Certificate chain length: 2", r.stdout, r.stderr)

    def test_M34_legacy_is_of_PKCS12_alone(self):
        key = self.generate(self.identity("legacy"), exportable=True)
        path = "/keys/%s/export" % key["id"]
        for more in ({}, {"format": "pkcs8"}):
            self.refused(self.house.api("POST", path, dict(more, passphrase=PASSPHRASE, legacy=True)), 400,
                         "key.export.format", "legacy")
        self.refused(self.house.api("POST", path, {"passphrase": PASSPHRASE, "format": "jks"}), 400,
                     "field.choice", "format")
        a = self.house.api("POST", path, {"passphrase": PASSPHRASE, "format": "pkcs12"})
        text = openssl("pkcs12", "-noenc", "-passin", "pass:" + PASSPHRASE, stdin=base64.b64decode(a.json["pkcs12"]))
        self.assertNotIn(b"CERTIFICATE", text, "there is none yet")

    def test_M34_the_wrapping_decides_and_not_the_database(self):
        key = self.generate(self.identity("forged"))
        with self.database() as db:
            db.execute("UPDATE key SET exportable = 1 WHERE id = ?", (key["id"],))
        self.refused(self.house.api("POST", "/keys/%s/export" % key["id"], {"passphrase": PASSPHRASE}),
                     403, "key.not-exportable")

    def test_P16_destroyed_is_destroyed_with_a_record(self):
        name = self.identity("gone")
        key = self.generate(name, exportable=True)
        with self.database() as db:
            blob = db.execute("SELECT blob FROM key WHERE id = ?", (key["id"],)).fetchone()[0]
        a = self.house.api("DELETE", "/keys/" + key["id"])
        self.assertEqual((a.status, a.json["state"]), (200, "destroyed"), a.text)
        with self.database() as db:
            row = db.execute("SELECT blob, destroyed_at FROM key WHERE id = ?", (key["id"],)).fetchone()
        self.assertIsNone(row[0])
        self.assertGreater(row[1], 0)
        self.refused(self.house.api("DELETE", "/keys/" + key["id"]), 409, "key.destroyed")
        export = ("POST", "/keys/%s/export" % key["id"], {"passphrase": PASSPHRASE})
        self.refused(self.house.api(*export), 409, "key.destroyed")
        # somebody puts the blob back: the keeper's journal knows better, after a start too
        with self.database() as db:
            db.execute("UPDATE key SET blob = ?, state = 0 WHERE id = ?", (blob, key["id"]))
        self.refused(self.house.api(*export), 409, "key.destroyed")
        self.house.restart()
        self.refused(self.house.api(*export), 409, "key.destroyed")
        a = self.house.regenerate(identity=name)
        self.assertEqual((a.status, a.json["id"]), (500, "csr.sign"))
        self.assertIn("this key was destroyed", a.json["detail"], "and what is wrong is said")
        # and destroying again completes the row
        self.assertEqual(self.house.api("DELETE", "/keys/" + key["id"]).json["state"], "destroyed")

    def test_P30_no_secret_gets_into_database_or_log(self):
        name = self.identity("quiet")
        key = openssl(*P256)
        locked = openssl("pkcs8", "-topk8", "-passout", "pass:swordfish-in", stdin=key)
        made = self.take(name, locked, passphrase="swordfish-in", exportable=True).json
        self.house.api("POST", "/keys/%s/export" % made["id"], {"passphrase": "swordfish-out"})
        self.take(name, locked, passphrase="swordfish-bad")
        detail = next(e["detail"] for e in self.events(made["id"]) if e["action"] == "key.import")
        self.assertEqual(set(detail), {"identity", "generation", "type", "bits", "exportable", "deliverable", "spki"})
        scalar = re.search(rb"priv:\n((?: +[0-9a-f:]+\n)+)", openssl("pkey", "-noout", "-text", stdin=key))
        raw = bytes.fromhex(re.sub(rb"[^0-9a-f]", b"", scalar.group(1)).decode())[-32:]
        for file in os.listdir(self.house.data):
            path = os.path.join(self.house.data, file)
            if os.path.isfile(path):
                with open(path, "rb") as f:
                    data = f.read()
                for what in (b"swordfish", raw, raw.hex().encode()):
                    self.assertNotIn(what, data, file)
        self.assertNotIn("swordfish", self.house.errors())


class Page(Base):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.browser = Browser(cls.house)
        cls.browser.sign_in()

    def post(self, path, fields, files=()):
        """A form with files, as a browser sends it."""
        page = self.browser.get("/settings/security/key")
        fields = dict(fields, csrf=self.browser.csrf(page))
        body = b""
        for name, value in fields.items():
            body += b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (
                name.encode(), value.encode())
        for name, data in files:
            body += b'--b\r\nContent-Disposition: form-data; name="%s"; filename="k"\r\n' \
                b"Content-Type: application/octet-stream\r\n\r\n%s\r\n" % (name.encode(), data)
        return self.browser.go("POST", path, body + b"--b--\r\n",
                               {"Content-Type": "multipart/form-data; boundary=b"})

    def test_V22_a_file_is_imported_and_each_fault_stands_at_its_field(self):
        key = openssl(*P256)
        locked = openssl("pkcs8", "-topk8", "-passout", "pass:secret", stdin=key)
        path = "/settings/security/key/import"
        self.assertIn("required", self.wrong(self.post(path, {"text": "", "passphrase": ""}), "file"))
        a = self.post(path, {"text": ""}, [("file", spki(key))])
        self.assertIn("public half", self.wrong(a, "file"))
        a = self.post(path, {"text": openssl("pkey", "-pubout", stdin=key).decode()})
        self.assertIn("public half", self.wrong(a, "text"))
        a = self.post(path, {"text": locked.decode(), "passphrase": "wrong"})
        self.assertIn("does not open", self.wrong(a, "passphrase"))
        self.assertNotIn("PRIVATE KEY", a.text, "a refused key is not shown again")
        a = self.post(path, {"text": "", "passphrase": "secret"}, [("file", locked)])
        self.assertEqual((a.status, a.path), (200, "/settings/security/key"), a.text)
        self.assertIn("imported", a.text)
        self.assertNotIn("PRIVATE KEY", a.text)

    def test_regenerate_shows_the_key_of_its_identity(self):
        self.identity("shop")
        page = self.browser.get("/settings/security/key?identity=shop")
        self.assertIn("no private key", page.text)
        a = self.browser.post("/settings/security/key?identity=shop", {"type": "ec:P-384"}, page)
        self.assertEqual(a.path, "/settings/security/key?identity=shop")
        self.assertIn("The next CSR is made from generation 1, EC P-384", a.text)
        a = self.browser.post("/settings/security/key?identity=shop", {"type": "rsa:1"}, page)
        self.assertIn("cannot be", self.wrong(a, "type"))
        self.assertIn("generation 1, EC P-384", a.text, "still the page of shop")
        self.assertEqual(self.browser.get("/settings/security/key?identity=nobody").status, 404)

    def test_destroying_is_never_one_click(self):
        key = self.generate(self.identity("clicks"))
        path = "/settings/security/key/" + key["id"]
        page = self.browser.get(path)
        a = self.browser.post(path + "/destroy", {}, page)
        self.assertIn("cannot be undone", self.wrong(a, "understood"))
        self.assertEqual(self.house.api("GET", "/keys/" + key["id"]).json["state"], "ready")
        a = self.browser.post(path + "/destroy", {"understood": "true"}, page)
        self.assertEqual(a.path, "/settings/security/key?identity=clicks")
        self.assertEqual(self.house.api("GET", "/keys/" + key["id"]).json["state"], "destroyed")
        self.assertNotIn("/destroy", self.browser.get(path).text)

    def test_export_is_a_download(self):
        name = self.identity("download")
        key, fixed = self.generate(name, exportable=True), self.generate(name)
        path = "/settings/security/key/" + key["id"]
        page = self.browser.get(path)
        a = self.browser.post(path + "/export", {"passphrase": "short"}, page)
        self.assertIn("12", self.wrong(a, "passphrase"))
        a = self.browser.post(path + "/export", {"passphrase": PASSPHRASE}, page)
        self.assertIn("attachment", a.headers["Content-Disposition"])
        self.assertTrue(a.text.startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----"))
        a = self.browser.post(path + "/export", {"passphrase": PASSPHRASE, "legacy": "true"}, page)
        self.assertIn("PKCS#12 only", self.wrong(a, "legacy"))
        a = self.browser.post(path + "/export", {"passphrase": PASSPHRASE, "format": "pkcs12"}, page)
        self.assertIn('filename="key-%s.p12"' % key["id"], a.headers["Content-Disposition"])
        self.assertIn(b"PRIVATE KEY", openssl("pkcs12", "-noenc", "-passin", "pass:" + PASSPHRASE, stdin=a.body))
        self.assertNotIn("/export", self.browser.get("/settings/security/key/" + fixed["id"]).text)


if __name__ == "__main__":
    tap.main()
