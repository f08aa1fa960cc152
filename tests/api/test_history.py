"""A CA that was kept with OpenSSL moves here, and nothing that it issued or
revoked is forgotten."""

import base64
import calendar
import json
import os
import re
import shutil
import subprocess
import time
import unittest

import tap
from ca import openssl
from house import BUILD
from test_ca import CaCase

CONFIG = """
[ca]
default_ca = it
[it]
dir = %(dir)s
database = $dir/index.txt
new_certs_dir = $dir/newcerts
certificate = $dir/ca.crt
private_key = $dir/private/ca.key
serial = $dir/serial
crlnumber = $dir/crlnumber
default_md = sha256
default_days = 300
default_crl_days = 30
policy = any
unique_subject = no
email_in_dn = no
x509_extensions = leaf
[any]
commonName = supplied
[leaf]
basicConstraints = CA:FALSE
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
"""


class Old:
    """A CA as people have it: a folder, openssl ca(1), an index.txt."""

    def __init__(self, folder, name="Old"):
        self.dir = folder
        self.name = name
        for sub in ("newcerts", "private"):
            os.makedirs(os.path.join(folder, sub))
        self.write("openssl.cnf", CONFIG % {"dir": folder})
        self.write("index.txt", "")
        self.write("crlnumber", "2A\n")
        self.key("private/ca.key")
        openssl("req", "-new", "-key", self.path("private/ca.key"), "-subj", "/CN=%s CA" % name,
                "-out", self.path("ca.csr"), "-config", self.path("openssl.cnf"))
        self.ca("-create_serial", "-selfsign", "-extensions", "root", "-days", "3000", "-in", self.path("ca.csr"),
                "-keyfile", self.path("private/ca.key"), "-out", self.path("ca.crt"))

    def path(self, name):
        return os.path.join(self.dir, name)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as f:
            f.write(text)

    def read(self, name):
        with open(self.path(name), encoding="utf-8") as f:
            return f.read()

    def key(self, name):
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.path(name))

    def ca(self, *args):
        openssl("ca", "-batch", "-notext", "-config", self.path("openssl.cnf"), *args)

    def issue(self, name, *args):
        """Serial number of the new one; its file is NAME.crt."""
        self.key(name + ".key")
        openssl("req", "-new", "-key", self.path(name + ".key"), "-subj", "/CN=" + name, "-out",
                self.path(name + ".csr"), "-config", self.path("openssl.cnf"))
        self.ca("-in", self.path(name + ".csr"), "-out", self.path(name + ".crt"), *args)
        return openssl("x509", "-noout", "-serial", "-in", self.path(name + ".crt")).decode().strip().split("=")[1]

    def revoke(self, name, *args):
        self.ca("-revoke", self.path(name + ".crt"), *args)

    def pem(self, name):
        return self.read(name + ".crt")


class History(CaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        old = cls.old = Old(os.path.join(cls.dir, "old"))
        cls.serial = {n: old.issue(n) for n in ("good", "plain", "lost", "held", "gone", "unlisted")}
        cls.serial["ended"] = old.issue("ended", "-startdate", "20200101000000Z", "-enddate", "20200201000000Z")
        old.revoke("plain")
        old.revoke("lost", "-crl_compromise", "20250102030405Z")
        old.revoke("held", "-crl_hold", "holdInstructionReject")
        old.revoke("gone", "-crl_reason", "superseded")
        old.ca("-updatedb")
        # of one only the line is left, of one only the certificate
        os.unlink(old.path("newcerts/%s.pem" % cls.serial["gone"]))
        os.unlink(old.path("gone.crt"))
        lines = [line for line in old.read("index.txt").splitlines() if "CN=unlisted" not in line]
        old.write("index.txt", "\n".join(lines) + "\n")

    def move(self, name, old=None):
        """The CA comes: certificate and key, nothing else."""
        old = old or self.old
        a = self.house.api("POST", "/cas/import", {"name": name, "answer": old.read("ca.crt"),
                                                   "key": old.read("private/ca.key")})
        self.assertEqual(a.status, 201, a.text)
        return a.json

    def take(self, name, path, *args, code=0):
        r = self.house.cli("ca", "import-history", name, path, *args, json_out=True)
        self.assertEqual(r.returncode, code, r.stdout + r.stderr)
        return json.loads(r.stdout)

    def counts(self, answer):
        return {k: answer[k] for k in ("imported", "completed", "revoked", "known", "skipped")}

    def history(self, name, **body):
        files = [{"name": n, "content": base64.b64encode(d if isinstance(d, bytes) else d.encode()).decode()}
                 for n, d in body.pop("files", {}).items()]
        a = self.house.api("POST", "/cas/%s/history" % name, dict(body, files=files))
        self.assertEqual(a.status, 200, a.text)
        return a.json

    def crl(self, ca):
        url = [c["crl"] for c in ca["certificates"]][0]
        return openssl("crl", "-inform", "DER", "-noout", "-text", "-crlnumber", stdin=self.fetch(url)).decode()

    def entry(self, crl, serial):
        """(time, reason or None) of this serial number on the list; None: it is not."""
        for part in crl.split("Serial Number: ")[1:]:
            if part.split("\n")[0].strip() == serial:
                at = re.search(r"Revocation Date: (.*) GMT", part).group(1)
                why = re.search(r"X509v3 CRL Reason Code: \n\s+(.*)", part)
                return calendar.timegm(time.strptime(at, "%b %d %H:%M:%S %Y")), why and why.group(1).strip()
        return None

    def ocsp(self, ca, serial):
        path = self.write("moved.pem", ca["issuing"])
        url = ca["certificates"][0]["crl"].replace("/crl/", "/ocsp/").replace(".crl", "")
        r = subprocess.run(["openssl", "ocsp", "-issuer", path, "-serial", "0x" + serial, "-CAfile", path, "-url", url],
                           capture_output=True, text=True, timeout=30)
        self.assertIn("Response verify OK", r.stderr)
        return r.stdout

    def dates(self):
        """{serial: seconds} of what index.txt says of the revoked."""
        out = {}
        for line in self.old.read("index.txt").splitlines():
            f = line.split("\t")
            if f[0] == "R":
                out[f[3]] = calendar.timegm(time.strptime(f[2].split(",")[0], "%y%m%d%H%M%SZ"))
        return out

    def test_P6_a_CA_of_openssl_moves_here_with_all_that_it_revoked(self):
        ca = self.move("moved")
        self.assertIn(": unknown\n", self.ocsp(ca, self.serial["good"]))
        before = self.house.api("GET", "/issued?ca=" + ca["certificates"][0]["id"]).text
        dry = self.take("moved", self.old.dir, "--dry-run", code=3)
        self.assertTrue(dry["dry_run"])
        self.assertEqual(self.house.api("GET", "/issued?ca=" + ca["certificates"][0]["id"]).text, before)
        got = self.take("moved", self.old.dir, code=3)
        self.assertEqual(self.counts(got), {"imported": 7, "completed": 0, "revoked": 0, "known": 0, "skipped": 1})
        self.assertEqual(self.counts(dry), self.counts(got))
        self.assertEqual(dry["items"], got["items"])
        self.assertEqual([(i["source"], i["reason"]) for i in got["items"] if i["action"] == "skipped"],
                         [("ca.crt", "it is the CA's own certificate")])
        crl, dates = self.crl(ca), self.dates()
        self.assertIn("crlNumber=0x2A", crl)  # the first that the other CA did not use
        for name, why in (("plain", None), ("lost", "Key Compromise"), ("held", "Certificate Hold"),
                          ("gone", "Superseded")):
            serial = self.serial[name]
            self.assertEqual(self.entry(crl, serial), (dates[serial], why), name)
            said = self.ocsp(ca, serial)
            self.assertIn(": revoked\n", said)
            self.assertIn(time.strftime("%b %e %H:%M:%S %Y GMT", time.gmtime(dates[serial])), said)
        for name in ("good", "unlisted", "ended"):
            self.assertIsNone(self.entry(crl, self.serial[name]))
            self.assertIn(": good\n", self.ocsp(ca, self.serial[name]))
        again = self.take("moved", self.old.dir, code=3)
        self.assertEqual(self.counts(again), {"imported": 0, "completed": 0, "revoked": 0, "known": 7, "skipped": 1})
        self.assertEqual(self.crl(ca).split("Revoked Certificates:")[1], crl.split("Revoked Certificates:")[1])
        self.found_and_handled(ca)

    def found_and_handled(self, ca):
        """In the inventory as those of our own; a key that others have is refused."""
        one = self.house.api("GET", "/issued/" + self.serial["good"]).json
        self.assertEqual((one["state"], one["profile"], one["subject"]), ("issued", "imported", "CN=good"))
        self.assertEqual(one["pem"].strip(), self.old.pem("good").strip())
        bare = self.house.api("GET", "/issued/" + self.serial["gone"]).json
        self.assertEqual((bare["state"], bare["pem"], bare["not_before"]), ("revoked", None, None))
        self.assertEqual(bare["reason"], "superseded")
        found = self.house.api("GET", "/issued?text=unlisted").json["issued"]
        self.assertIn(self.serial["unlisted"].lower(), [i["serial"] for i in found])
        with open(self.old.path("lost.csr"), encoding="ascii") as f:
            self.refused(self.submit(f.read(), authority="moved"), 422, "submit.refused")
        r = self.house.api("POST", "/issued/revoke", {"serial": self.serial["good"], "reason": "superseded"})
        self.assertEqual(r.status, 200, r.text)
        self.assertIn(": revoked\n", self.ocsp(ca, self.serial["good"]))
        r = self.house.api("POST", "/issued/release", {"serial": self.serial["held"]})
        self.assertEqual((r.status, r.json["state"]), (200, "issued"), r.text)
        # what the other CA believes does not take a revocation back
        line = [l for l in self.old.read("index.txt").splitlines() if l.endswith("CN=good")]
        self.assertEqual(self.history("moved", index="\n".join(line))["known"], 1)
        self.assertIn(": revoked\n", self.ocsp(ca, self.serial["good"]))
        events = self.events("ca.import-history")
        self.assertEqual(sum(len(e["detail"]["revoked"]) for e in events), 4)
        self.assertEqual(sum(len(e["detail"]["serials"]) for e in events), 3)
        made = self.submit(self.fresh_csr(), authority="moved")
        self.assertEqual(made.status, 201, made.text)

    def other(self, name):
        """Another old CA; the folder is removed with the rest."""
        return Old(os.path.join(self.dir, name), name)

    def test_in_any_order_and_in_parts(self):
        old = self.other("parts")
        serials = [old.issue("p%d.example.com" % i) for i in range(3)]
        old.revoke("p1.example.com", "-crl_reason", "keyCompromise")
        ca = self.move("parts", old)
        lines = [l for l in old.read("index.txt").splitlines() if "example.com" in l]
        got = self.history("parts", index="\n".join(lines) + "\n", first_line=2)
        self.assertEqual(self.counts(got)["imported"], 3)
        self.assertEqual([(i["source"], i["state"]) for i in got["items"]],
                         [("index.txt line 2", "presumed"), ("index.txt line 3", "revoked"),
                          ("index.txt line 4", "presumed")])
        self.assertIn(": good\n", self.ocsp(ca, serials[0]))
        self.assertIn(": revoked\n", self.ocsp(ca, serials[1]))
        got = self.history("parts", files={n: old.pem(n) for n in ("p0.example.com", "p1.example.com")})
        self.assertEqual(self.counts(got), {"imported": 0, "completed": 2, "revoked": 0, "known": 0, "skipped": 0})
        self.assertEqual([i["state"] for i in got["items"]], ["issued", "revoked"])
        self.assertIn(": revoked\n", self.ocsp(ca, serials[1]))
        one = self.house.api("GET", "/issued/" + serials[0]).json
        self.assertEqual((one["state"], one["pem"].strip()), ("issued", old.pem("p0.example.com").strip()))
        with open(old.path("p1.example.com.csr"), encoding="ascii") as f:
            self.refused(self.submit(f.read(), authority="parts"), 422, "submit.refused")
        # revoked there later; one on hold becomes final, and keeps its time
        old.revoke("p2.example.com", "-crl_hold", "holdInstructionNone")
        hold = self.history("parts", index=old.read("index.txt"))
        self.assertEqual(self.counts(hold), {"imported": 0, "completed": 0, "revoked": 1, "known": 2, "skipped": 1})
        at = self.house.api("GET", "/issued/" + serials[2]).json
        self.assertEqual(at["state"], "held")
        final = re.sub(r"\d{12}Z,holdInstruction,holdInstructionNone", "250101000000Z,cessationOfOperation",
                       old.read("index.txt"))
        self.assertEqual(self.history("parts", index=final)["revoked"], 1)
        now = self.house.api("GET", "/issued/" + serials[2]).json
        self.assertEqual((now["state"], now["reason"], now["revoked"]),
                         ("revoked", "cessationOfOperation", at["revoked"]))

    def test_each_that_is_skipped_says_why(self):
        old, stranger = self.other("skips"), self.other("stranger")
        old.issue("a.example.com")
        stranger.issue("b.example.com")
        self.move("skips", old)
        twin = self.twin(old)
        ours = self.issue(authority="skips")
        files = {"other.pem": stranger.pem("b.example.com"), "none.pem": "nothing", "twin.pem": twin,
                 "cut.der": openssl("x509", "-outform", "DER", "-in", old.path("a.example.com.crt"))[:-1],
                 "root.pem": old.read("ca.crt"), "ours.pem": ours["certificate"]}
        index = ["V\t990101000000Z\t\t", "X\t290101000000Z\t\t01\tunknown\t/CN=a", "V\t29\t\t01\tunknown\t/CN=a",
                 "R\t290101000000Z\t\t01\tunknown\t/CN=a", "V\t290101000000Z\t\t-01\tunknown\t/CN=a",
                 "V\t290101000000Z\t\t%s\tunknown\t/CN=a" % ("1" * 41), "", "x" * 5000,
                 "E\t200101000000Z\t\t77\tunknown\t/CN=a", "R\t290101000000Z\t250101000000Z\t%s\tunknown\t/CN=a" %
                 ours["serial"].upper(),
                 "R\t290101000000Z\t250101000000Z,aACompromise\t78\tunknown\t/CN=\x1b[31m\u202e"]
        got = self.history("skips", files=files, index="\r\n".join(index))
        said = {i["source"]: i["reason"] for i in got["items"]}
        number = "its serial number is none of 1 to 20 octets (RFC 5280 section 4.1.2.2)"
        self.assertEqual(said, {
            "other.pem": "its issuer is another CA", "none.pem": "this is no certificate, neither PEM nor DER",
            "twin.pem": "the CA's key did not sign it", "root.pem": "it is the CA's own certificate",
            "cut.der": "this is not valid DER, or more than one object",
            "ours.pem": "this serial number was issued here",
            "index.txt line 1": "it is no line of an index.txt: six fields, tabs between them",
            "index.txt line 2": "it does not begin with V, R or E", "index.txt line 3": "its end is no time",
            "index.txt line 4": "the time of its revocation is none", "index.txt line 5": number,
            "index.txt line 6": number, "index.txt line 8": "the line is too long",
            "index.txt line 9": "it has ended, and its certificate is not here",
            "index.txt line 11": 'the reason "aACompromise" is kept as unspecified'})
        self.assertEqual(self.counts(got), {"imported": 1, "completed": 0, "revoked": 0, "known": 0, "skipped": 14})
        odd = self.house.api("GET", "/issued/78").json
        self.assertEqual((odd["state"], odd["reason"]), ("revoked", "unspecified"))
        self.assertNotRegex(odd["subject"], "[\x00-\x1f\u202e]")
        self.assertEqual(self.house.api("GET", "/issued/" + ours["serial"]).json["state"], "issued")

    def twin(self, old):
        """Signed by another key of the same name."""
        key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
        openssl("req", "-x509", "-new", "-key", self.write("twin.key", key), "-subj", "/CN=%s CA" % old.name,
                "-out", os.path.join(self.dir, "twin.pem"))
        return openssl("x509", "-req", "-in", old.path("a.example.com.csr"), "-CA",
                       os.path.join(self.dir, "twin.pem"), "-CAkey", os.path.join(self.dir, "twin.key"),
                       "-set_serial", "99").decode()

    def test_limits_and_what_is_not_there(self):
        self.refused(self.house.api("POST", "/cas/nobody/history", {"index": ""}), 404, "not-found")
        line = "V\t290101000000Z\t\t%X\tunknown\t/CN=a\n"
        many = "".join(line % (i + 1) for i in range(501))
        self.refused(self.house.api("POST", "/cas/house/history", {"index": many}), 400, "history.too-many", "index")
        files = [{"name": "x", "content": ""}] * 51
        self.refused(self.house.api("POST", "/cas/house/history", {"files": files}), 400, "history.too-many", "files")
        for number in ("xyz", "ff" * 8, "-1"):
            self.refused(self.house.api("POST", "/cas/house/history", {"crl_number": number}),
                         400, "history.crl-number", "crl_number")

    def test_an_easy_rsa_tree(self):
        old = self.other("easy")
        serials = {n: old.issue(n) for n in ("server", "client")}
        old.revoke("client", "-crl_reason", "keyCompromise")
        pki = os.path.join(self.dir, "tree", "pki")
        for sub in ("issued", "certs_by_serial", "revoked/certs_by_serial", "private", "reqs"):
            os.makedirs(os.path.join(pki, sub))
        for what, to in (("server.crt", "issued/server.crt"), ("server.key", "private/server.key"),
                         ("newcerts/%s.pem" % serials["server"], "certs_by_serial/%s.pem" % serials["server"]),
                         ("client.crt", "revoked/certs_by_serial/%s.crt" % serials["client"]),
                         ("client.csr", "reqs/client.req"), ("ca.crt", "ca.crt"), ("index.txt", "index.txt"),
                         ("private/ca.key", "private/ca.key")):
            shutil.copy(old.path(what), os.path.join(pki, to))
        ca = self.move("easy", old)
        r = self.house.cli("ca", "import-history", "easy", os.path.dirname(pki))
        self.assertEqual(r.returncode, 3, r.stderr)
        self.assertRegex(r.stdout, r"imported +2\n")
        self.assertIn("it is the CA's own certificate", r.stdout)
        self.assertEqual(self.house.api("GET", "/issued/" + serials["client"]).json["pem"].strip(),
                         old.pem("client").strip())
        self.assertIn(": revoked\n", self.ocsp(ca, serials["client"]))
        self.assertIn(": good\n", self.ocsp(ca, serials["server"]))

    def test_many_and_more_than_one_request(self):
        old = self.other("many")
        ca = self.move("many", old)
        lines = ["R\t290101000000Z\t250101000000Z,superseded\t%06X\tunknown\t/CN=n%d.example.com" % (i + 4096, i)
                 for i in range(1234)]
        path = self.write("many.txt", "\n".join(lines) + "\n")
        self.assertEqual(self.take("many", path)["imported"], 1234)
        self.assertEqual(self.take("many", path)["known"], 1234)
        self.assertEqual(self.crl(ca).count("Serial Number:"), 1234)
        self.assertEqual(self.crl(ca).count("Superseded"), 1234)

    def test_nothing_is_there(self):
        for path in (os.path.join(self.dir, "not-there"), os.path.join(self.dir, "old", "private")):
            r = self.house.cli("ca", "import-history", "house", path)
            self.assertEqual(r.returncode, 6, r.stderr)


if __name__ == "__main__":
    tap.main()
