"""Bad input, whoever sends it: a message at its field, a status of its own, a
line in the audit, and nothing lost or half-done."""

import base64
import json
import re
import subprocess

import tap
import weakkeys
from ca import CA, openssl
from case import Case
from house import BUILD, FIELDS, Browser

# what each field refuses: (field, value, id of the refusal)
VALUES = [(field, "", "field.required") for field in FIELDS] + [
    ("country", "UK", "name.country.unknown"), ("country", "USA", "name.country.length"),
    ("country", "us", "name.country.case"), ("country", "XX", "name.country.unknown"),
    ("state", "x" * 129, "name.too-long"), ("locality", "x" * 129, "name.too-long"),
    ("organization", "x" * 65, "name.too-long"), ("unit", "x" * 65, "name.too-long"),
    ("organization", "x" * 300, "field.long"),
    ("organization", "a\u202eb", "text.bidi"), ("unit", "a\x07b", "text.control"),
    ("common_name", "a\u2066b.example.com", "text.bidi"),
    ("common_name", "portal", "name.dns.single-label"), ("common_name", "https://x.example.com", "name.dns.url"),
    ("common_name", "192.0.2.1", "name.dns.ip"), ("common_name", "2001:db8::1", "name.dns.ip"),
    ("common_name", "x.example.com:443", "name.dns.port"), ("common_name", "a_b.example.com", "name.dns.underscore"),
    ("common_name", "a.*.example.com", "name.wildcard.place"),
    ("common_name", "*.co.uk", "name.wildcard.public-suffix"),
    ("common_name", "w*.example.com", "name.wildcard.place"),
    ("common_name", "a" * 40 + "." + "b" * 20 + ".example.com", "name.too-long"),
    ("email", "pki", "name.email.malformed"), ("email", "a@b@example.com", "name.email.malformed"),
    ("email", "p ki@example.com", "name.email.malformed"),
    ("names", ["b_c.example.com"], "name.dns.underscore"),
    ("names", ["n%d.example.com" % n for n in range(101)], "name.too-many"),
]


def routes():
    r = subprocess.run([BUILD + "/certwrightd", "--dump-routes"], capture_output=True, check=True)
    return [row for row in json.loads(r.stdout) if row["method"] != "GET"]


class Refusals(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = CA()
        cls.addClassCleanup(cls.ca.close)

    def state(self, *identities):
        """All that a refused act must leave as it was."""
        paths = ["/accounts", "/identities", "/trust", "/tokens", "/password-policy"]
        for i in identities or ("portal",):
            paths += ["/identities/%s/%s" % (i, what) for what in ("keys", "requests", "certificates")]
        # a sign-in moves the account's "last seen"
        return [re.sub('"last_[a-z_]*":[^,}]*', "", self.house.api("GET", p).text) for p in paths], self.house.served()

    def last(self, count=1):
        return [(e["action"], e["outcome"]) for e in self.house.api("GET", "/audit").json["events"][:count]]

    def sequence(self):
        return self.house.api("GET", "/status").json["audit"]["sequence"]

    def test_P28_every_write_that_is_refused_leaves_one_line_and_nothing_else(self):
        tried = 0
        for row in routes():
            if not row["api_path"]:
                continue
            tried += 1
            path = "/api/v1" + re.sub(r"{\w+}", "nobody", row["api_path"].removeprefix("/api/v1"))
            bodies = [None] if row["method"] == "DELETE" else [b'{"a":', b'{"a":1}']
            for body in bodies:
                with self.subTest(path=path, body=body):
                    before, line = self.state(), self.sequence()
                    a = self.house.request(row["method"], path, body, {"Content-Type": "application/json"} if body
                                           else {}, unix=True)
                    self.assertEqual(a.status // 100, 4, a.text)
                    self.assertEqual(self.last(), [(row["audit"], a.json["id"])])
                    self.assertEqual((self.sequence() - line, self.state()), (1, before))
        self.assertGreater(tried, 25)

    def test_P25_P28_a_form_without_its_token_leaves_one_line_and_nothing_else(self):
        b = self.signed_in()
        before = self.state()
        for row in routes():
            if row["portal_path"]:
                with self.subTest(path=row["portal_path"]):
                    line = self.sequence()
                    a = b.post(re.sub(r"{\w+}", "nobody", row["portal_path"]), {"understood": "on"}, follow=False)
                    self.assertEqual(a.status, 403)
                    self.assertEqual((self.last(), self.sequence() - line), ([(row["audit"], "csrf")], 1))
        self.assertEqual(self.state(), before)

    def test_V8_V9_V10_each_wrong_value_has_its_own_refusal_and_exit_code(self):
        self.identity("values", "ec:P-256")
        self.house.regenerate("values")
        before = self.state("values")
        options = {"common_name": "--common-name", "names": "--name"}
        b = self.signed_in()
        path = "/settings/security/csr?identity=values"
        page = b.get(path)
        for field, value, refusal in VALUES:
            with self.subTest(field=field, value=value[:30]):
                a = self.house.regenerate("values", **{field: value})
                self.refused(a, 400, refusal, field)
                self.assertTrue(a.json["detail"], a.text)
                self.assertTrue(a.json.get("hint") or refusal == "field.long", a.text)
                e = self.house.api("GET", "/audit").json["events"][0]
                self.assertEqual((e["action"], e["object"], e["outcome"]), ("csr.regenerate", "values", refusal))
                shown = b.post(path, dict(FIELDS, **{field: "\n".join(value) if field == "names" else value}), page)
                self.assertEqual((shown.status, bool(self.wrong(shown, field))), (400, True))
                e = self.house.api("GET", "/audit").json["events"][0]
                self.assertEqual((e["object"], e["actor"], e["outcome"]), ("values", "root", refusal))
                option = options.get(field, "--" + field)
                r = self.house.cli("csr", "regenerate", "--identity", "values", *(
                    w for v in (value if isinstance(value, list) else [value]) for w in (option, v)))
                self.assertEqual(r.returncode, 6, r.stderr)
                self.assertIn(option, r.stderr)
        self.assertEqual(self.state("values"), before)

    def test_P19_a_weak_key_is_refused_on_every_path(self):
        self.identity("weak")
        before = self.state("weak")
        conf = self.ca.write("weak.cnf", b"[req]\ndistinguished_name=d\n[d]\n[v3]\nbasicConstraints=critical,CA:TRUE\n")
        for what, key, refusal in weakkeys.each():
            with self.subTest(what=what):
                file = self.ca.write("weak.key", key)
                subject = ("-new", "-key", file, "-config", conf, "-subj", "/CN=weak.example.com")
                csr = openssl("req", *subject)
                own = openssl("req", "-x509", *subject, "-extensions", "v3", "-days", "30")
                a = self.house.api("POST", "/identities/weak/keys/import", {"file": base64.b64encode(key).decode()})
                self.refused(a, 400, refusal, "file")
                self.assertEqual(self.last(), [("key.import", refusal)])
                a = self.house.api("POST", "/trust", {"content": base64.b64encode(own).decode()})
                self.refused(a, 400, refusal, "content")
                self.assertEqual(self.last(), [("trust.add", refusal)])
                for path, more in (("/csr/check", {}), ("/csr/preview", {"authority": "private"})):
                    a = self.house.api("POST", path, dict(more, csr=csr.decode()))
                    self.assertEqual((a.status, a.json["verdict"]), (200, "refuse"), a.text)
                    keys = [d for d in a.json["dispositions"] if d["item"] in ("key", "key.size")]
                    self.assertIn("refused", [d["outcome"] for d in keys], path)
                self.assertEqual(self.house.cli("csr", "check", "-", stdin=csr.decode()).returncode, 5)
        self.assertEqual(self.state("weak"), before)

    def test_what_is_no_private_key_stands_at_its_field_and_in_the_audit(self):
        key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        locked = openssl("pkcs8", "-topk8", "-passout", "pass:secret", stdin=key)
        before = self.state()
        for what, data, more, field in (
                ("empty", b"", {}, "file"), ("prose", b"hello", {}, "file"),
                ("a public key", openssl("pkey", "-pubout", stdin=key), {}, "file"),
                ("a certificate", self.ca.root, {}, "file"), ("no passphrase", locked, {}, "passphrase"),
                ("a wrong passphrase", locked, {"passphrase": "wrong"}, "passphrase")):
            with self.subTest(what=what):
                a = self.house.api("POST", "/identities/portal/keys/import",
                                   dict(more, file=base64.b64encode(data).decode()))
                self.assertEqual((a.status, a.json["field"]), (400, field), a.text)
                self.assertEqual(self.last(), [("key.import", a.json["id"])])
                name = self.ca.write("k", data)
                secret = ["--passphrase-file", self.ca.write("p", b"wrong")] if more else []
                r = self.house.cli("key", "import", name, *secret)
                self.assertEqual(r.returncode, 6, r.stderr)
        self.assertEqual(self.state(), before)

    def test_an_answer_that_cannot_be_installed_changes_nothing(self):
        name = self.identity("answers", "ec:P-256")
        csr = self.house.regenerate(name).json["pem"]
        foreign = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                          "-keyout", self.ca.path("f.key"), "-subj", "/CN=portal.example.com")
        leaf = self.ca.sign(csr)
        forged = bytearray(base64.b64decode("".join(leaf.decode().split("-----")[2].split())))
        forged[-1] ^= 1
        before = self.state(name)
        for what, answer, code in (
                ("for another key", self.ca.sign(foreign) + self.ca.inter, 5),
                ("two for the same key", leaf + self.ca.sign(csr) + self.ca.inter, 6),
                ("without a server's certificate", self.ca.inter + self.ca.root, 6),
                ("with a broken signature", weakkeys.pem(b"CERTIFICATE", bytes(forged)) + self.ca.inter, 5)):
            for override in ({}, {"override": "I insist"}):
                with self.subTest(what=what, override=bool(override)):
                    a = self.house.install(answer, identity=name, **override)
                    self.assertEqual(a.status // 100, 4, a.text)
                    e = self.house.api("GET", "/audit").json["events"][0]
                    self.assertEqual((e["action"], e["object"]), ("certificate.install", name))
                    self.assertNotEqual(e["outcome"], "done")
            r = self.house.cli("certificate", "install", self.ca.write("answer.pem", answer), "--identity", name)
            self.assertEqual(r.returncode, code, "%s: %s%s" % (what, r.stdout, r.stderr))
        self.assertEqual(self.state(name), before)
        self.assertEqual(self.house.install(leaf + self.ca.inter, identity=name).status, 201, "the right one")

    def test_what_no_field_reads_is_refused_and_not_left_out(self):
        a = self.house.api("POST", "/accounts", {"name": "second", "email": "second@example.com",
                                                 "password": "Ufer-Tanne-Kamel-33!", "roles": "auditor"})
        self.refused(a, 400, "field.unknown", "roles")
        self.assertIn("name, ", a.json["hint"])
        self.assertNotIn("second", self.house.api("GET", "/accounts").text)

    def test_a_refused_sign_in_or_set_up_is_on_record(self):
        for form, outcome in (({"name": "root", "password": "wrong"}, "sign-in.wrong"),
                              ({"name": "", "password": "x"}, "field.required"),
                              ({"name": "x" * 300, "password": "x"}, "field.long")):
            b = Browser(self.house)
            a = b.post("/sign-in", form, b.get("/super"))
            self.assertEqual(a.status // 100, 4)
            self.assertEqual(self.last(), [("session.sign-in", outcome)])


if __name__ == "__main__":
    tap.main()
