"""CAs that others signed or that come with their key; a root's key out and back."""

import hashlib
import os
import re
import subprocess
import unittest

import tap
from ca import CA, openssl
from test_ca import CaCase

PASSPHRASE = "a ceremony in the vault"


class Others(CaCase):
    def setUp(self):
        self.corporate = CA("Corporate")
        self.addCleanup(self.corporate.close)

    def sign_ca(self, csr, ca_true=True, more=""):
        ext = self.write("x.ext", "basicConstraints=critical,%s\nkeyUsage=critical,%s\n"
                         "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n" % (
                             ("CA:TRUE,pathlen:0", "keyCertSign,cRLSign") if ca_true else
                             ("CA:FALSE", "digitalSignature")) + more)
        return openssl("x509", "-req", "-extfile", ext, "-days", "900", "-CA",
                       self.write("c.pem", self.corporate.root), "-CAkey", self.corporate.root_key,
                       "-set_serial", str(int.from_bytes(os.urandom(8), "big")), stdin=csr.encode()).decode()

    def test_a_corporate_root_signs_ours(self):
        r = self.house.api("POST", "/cas/csr", {"name": "below"})
        self.assertEqual((r.status, r.json["state"]), (201, "requested"), r.text)
        self.assertIn("CN = below Issuing CA",
                      openssl("req", "-noout", "-subject", "-verify", stdin=r.json["csr"].encode()).decode())
        self.assertEqual(self.submit(authority="below").status, 404)
        answer = self.sign_ca(r.json["csr"]) + self.corporate.root.decode()
        a = self.house.api("POST", "/cas/install", {"answer": answer})
        self.assertEqual((a.status, a.json["state"]), (200, "active"), a.text)
        self.root = self.write("corporate.pem", self.corporate.root)
        self.issuing = self.write("below.pem", a.json["issuing"])
        made = self.submit(authority="below").json
        self.assertTrue(self.verifies(made["certificate"])[0])
        self.assertEqual(len(made["chain"]), 2)
        self.refused(self.house.api("POST", "/cas/install", {"answer": answer}), 409, "ca.no-request")
        self.refused(self.house.api("POST", "/cas/below/rollover"), 409, "ca.no-root", "under")
        # another one takes its place, under the same name
        again = self.house.api("POST", "/cas/csr", {"name": "below"}).json
        b = self.house.api("POST", "/cas/install", {"answer": self.sign_ca(again["csr"])})
        self.assertEqual({c["state"] for c in b.json["certificates"]}, {"active", "retired"}, b.text)

    def apart(self, name, more):
        """A CA from elsewhere whose certificate has these extensions, too."""
        key = openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256").decode()
        csr = openssl("req", "-new", "-key", self.write("apart.key", key), "-subj", "/CN=Apart").decode()
        a = self.house.api("POST", "/cas/import", {"name": name, "answer": self.sign_ca(csr, more=more), "key": key})
        self.assertEqual(a.status, 201, a.text)

    def refused_alike(self, csr, name, rule, **more):
        """When it is sent as before it is, and by the same rule."""
        refused = self.submit(csr, authority=name, **more)
        self.assertEqual(refused.status, 422, refused.text)
        seen = self.house.api("POST", "/csr/preview", dict(more, csr=csr, authority=name)).json
        for sheet in refused.json, seen:
            self.assertEqual([d["rule"] for d in sheet["dispositions"] if d["outcome"] == "refused"], [rule])

    def test_a_subject_outside_of_its_constraints_is_refused_beforehand(self):
        self.apart("apart4", "nameConstraints=critical,permitted;dirName:only\n[only]\nC=US\n")
        made = self.submit(self.csr("/C=US/O=Example"), authority="apart4")
        self.assertEqual(made.status, 201, made.text)
        self.refused_alike(self.csr("/C=DE/O=Example"), "apart4", "lint.issuer.names")
        self.apart("apart5", "nameConstraints=critical,permitted;email:example.com\n")
        made = self.submit(self.csr("/O=Example", "email:a@example.com"), authority="apart5", profile="client")
        self.assertEqual(made.status, 201, made.text)
        self.refused_alike(self.csr("/O=Example", "email:a@example.org"), "apart5", "issue.name-constraints",
                           profile="client")

    def test_OCSP_answers_for_a_CA_that_is_bound_to_a_subject(self):
        self.apart("apart7", "nameConstraints=critical,permitted;dirName:only\n[only]\nC=US\nO=Example\n")
        made = self.submit(self.csr("/C=US/O=Example"), authority="apart7").json
        self.issuing = self.write("apart7.pem", made["chain"][-1])
        url = re.search(r"URI:(\S+/ocsp/\S+)", self.text(made["certificate"], "-text")).group(1)
        r = subprocess.run(["openssl", "ocsp", "-issuer", self.issuing, "-cert", self.write("l.pem", made["certificate"]),
                            "-CAfile", self.write("c.pem", self.corporate.root), "-verify_other", self.issuing,
                            "-url", url], capture_output=True, text=True)
        self.assertIn("Response verify OK", r.stderr)
        self.assertIn(": good\n", r.stdout)

    def test_what_its_own_purposes_do_not_cover_is_refused_beforehand(self):
        self.apart("apart6", "extendedKeyUsage=clientAuth\n")
        made = self.submit(authority="apart6", profile="client")
        self.assertEqual(made.status, 201, made.text)
        self.refused_alike(self.csr(), "apart6", "lint.issuer.purposes")

    def test_a_name_outside_of_its_constraints_is_refused_beforehand(self):
        for name, constraints, good, bad in (
                ("apart1", "permitted;DNS:.example.com", "DNS:a.example.com", "DNS:a.example.org"),
                ("apart2", "excluded;DNS:example.com", "DNS:a.example.org", "DNS:a.example.com"),
                ("apart3", "permitted;IP:192.0.2.0/255.255.255.0", "IP:192.0.2.1", "IP:198.51.100.1")):
            self.apart(name, "nameConstraints=critical," + constraints + "\n")
            made = self.submit(self.csr("/O=Example", good), authority=name)
            self.assertEqual(made.status, 201, made.text)
            self.refused_alike(self.csr("/O=Example", bad), name, "issue.name-constraints")

    def test_an_answer_that_is_no_CA_is_refused(self):
        csr = self.house.api("POST", "/cas/csr", {"name": "leafy"}).json["csr"]
        self.refused(self.house.api("POST", "/cas/install", {"answer": self.sign_ca(csr, False)}),
                     400, "ca.certificate", "certificate")
        self.assertEqual(self.house.api("GET", "/cas/leafy").json["state"], "retired")

    def test_a_CA_comes_with_its_key(self):
        with open(self.corporate.inter_key, encoding="ascii") as f:
            key = f.read()
        files = (self.corporate.inter + self.corporate.root).decode()
        with open(self.corporate.root_key, encoding="ascii") as f:
            other = f.read()
        a = self.house.api("POST", "/cas/import", {"name": "moved", "answer": self.corporate.root.decode(),
                                                   "key": key})
        self.refused(a, 409, "ca.other-key", "key")
        a = self.house.api("POST", "/cas/import", {"name": "moved", "answer": files, "key": key})
        self.assertEqual((a.status, a.json["state"]), (201, "active"), a.text)
        self.root = self.write("corporate.pem", self.corporate.root)
        self.issuing = self.write("moved.pem", a.json["issuing"])
        made = self.submit(authority="moved").json
        self.assertTrue(self.verifies(made["certificate"])[0])
        # two CAs of one name and key would each have a list of their own
        for name in ("moved", "twice"):
            b = self.house.api("POST", "/cas/import", {"name": name, "answer": files, "key": key})
            self.refused(b, 409, "ca.exists", "key")
        # once retired, it comes back as the one it was
        self.assertEqual(self.house.api("POST", "/cas/moved/retire").status, 200)
        b = self.house.api("POST", "/cas/import", {"name": "moved", "answer": files, "key": key})
        self.assertEqual((b.status, len(b.json["certificates"])), (201, 1), b.text)
        self.assertEqual(b.json["certificates"][0]["id"], a.json["certificates"][0]["id"])
        self.assertEqual(self.submit(authority="moved").status, 201)
        del other


class Offline(CaCase):
    def out(self, name="house"):
        return self.house.api("POST", "/cas/%s/offline" % name, {"passphrase": PASSPHRASE})

    def test_out_and_back_for_a_ceremony(self):
        a = self.out()
        self.assertEqual(a.status, 200, a.text)
        pem = a.json["pem"]
        self.assertIn("ENCRYPTED PRIVATE KEY", pem)
        self.refused(self.house.api("POST", "/cas/house/offline", {"sha256": "0" * 64}),
                     409, "ca.offline-hash", "sha256")
        # it is still here: nothing is lost on the way
        self.assertEqual(self.house.api("POST", "/cas/house/rollover").status, 200)
        digest = hashlib.sha256(pem.encode()).hexdigest()
        self.assertEqual(self.house.api("POST", "/cas/house/offline", {"sha256": digest}).status, 200)
        root = [c for c in self.house.api("GET", "/cas/house").json["certificates"] if c["role"] == "root"][0]
        self.assertEqual((root["state"], root["key"]), ("offline", "offline"))
        self.refused(self.house.api("POST", "/cas/house/rollover"), 409, "ca.offline", "under")
        self.refused(self.out(), 409, "ca.offline")
        self.house.restart()
        self.assertEqual(self.submit().status, 201) # the issuing CA goes on
        self.assertIn(b"", self.fetch(root["crl"])) # and the root's last list is there
        self.refused(self.house.api("POST", "/cas/house/online", {"key": self.other(), "key_passphrase": "x" * 20}),
                     409, "ca.other-key", "key")
        # what its last list cannot say any more is not done
        issuing = [c for c in self.house.api("GET", "/cas/house").json["certificates"] if c["state"] == "active"][0]
        self.refused(self.house.api("POST", "/issued/revoke", {"serial": issuing["serial"]}), 409, "ca.offline")
        self.assertEqual(self.house.api("GET", "/issued/" + issuing["serial"]).json["state"], "issued")
        b = self.house.api("POST", "/cas/house/online", {"key": pem, "key_passphrase": PASSPHRASE})
        self.assertEqual(b.status, 200, b.text)
        self.refused(self.house.api("POST", "/cas/house/online", {"key": pem, "key_passphrase": PASSPHRASE}),
                     409, "ca.online")
        self.assertEqual(self.house.api("POST", "/cas/house/rollover").status, 200)
        self.house.restart()
        self.issuing = self.write("i.pem", self.house.api("GET", "/cas/house").json["issuing"])
        self.assertTrue(self.verifies(self.submit().json["certificate"])[0])

    def other(self):
        return openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-aes256", "-pass",
                       "pass:" + "x" * 20).decode()

    def test_a_short_passphrase_is_refused(self):
        self.house.api("POST", "/cas", {"name": "short"})
        self.refused(self.house.api("POST", "/cas/short/offline", {"passphrase": "short"}),
                     400, "key.export.passphrase", "passphrase")


if __name__ == "__main__":
    tap.main()
