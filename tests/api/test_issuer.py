"""V36: an issuer that the CA did not send is fetched from where the certificate
says that it is: on request only, by the outbound rules, and if it signed this."""

import os
import unittest

import tap
from ca import CA, openssl
from case import Case
from house import House
from outside import A, Names, Web


class IssuerCase(Case):
    @classmethod
    def build(cls):
        cls.names = Names({("ca.example", A): ["127.0.0.1"], ("inside.example", A): ["10.0.0.1"]})
        cls.web = Web()
        cls.ca, cls.other = CA(), CA()
        cls.web.put("/inter.cer", cls.ca.der(cls.ca.inter))
        cls.web.put("/inter.p7c", cls.ca.pkcs7(cls.ca.inter, form="DER"))
        cls.web.put("/other.cer", cls.ca.der(cls.other.inter))
        cls.web.put("/text", b"no certificate")
        return House(options=["--resolver", cls.names.address, "--outbound-allow", "127.0.0.0/8"])

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        assert cls.house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"}).status == 201
        cls.csr = cls.house.regenerate().json["pem"]

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.names.shutdown()
        cls.web.shutdown()
        cls.ca.close()
        cls.other.close()

    def at(self, path, host="ca.example"):
        return "http://%s:%d%s" % (host, self.web.port, path)

    def leaf(self, aia):
        return self.ca.sign(self.csr, aia=aia)

    def check(self, leaf, fetch=True, **more):
        return self.house.api("POST", "/identities/portal/certificates/check", {
            "answer": leaf.decode(), "fetch_issuer": fetch, **more})


class Issuer(IssuerCase):
    def test_V36_it_is_said_and_fetched_on_request_only(self):
        leaf = self.leaf(self.at("/inter.cer"))
        before = len(self.web.asked)
        a = self.check(leaf, fetch=False)
        self.assertEqual((a.status, len(a.json["chain"])), (200, 1), a.text)
        self.assertIn(self.at("/inter.cer"), " ".join(a.json["notes"]))
        self.assertEqual(len(self.web.asked), before)
        a = self.check(leaf)
        self.assertEqual((a.status, len(a.json["chain"])), (200, 2), a.text)
        notes = " ".join(a.json["notes"])
        self.assertIn("was fetched from " + self.at("/inter.cer"), notes)
        self.assertNotIn("is missing", notes)
        self.assertEqual(len(self.web.asked), before + 1)

    def test_V36_in_a_container_too(self):
        a = self.check(self.leaf(self.at("/inter.p7c")))
        self.assertEqual((a.status, len(a.json.get("chain", []))), (200, 2), a.text)

    def test_V36_one_after_another(self):
        key = self.ca.new_key("below")
        csr = openssl("req", "-new", "-key", key, "-subj", "/CN=Below")
        below = self.ca.sign(csr, names=["DNS:below.example"], ca=True, eku="", aia=self.at("/inter.cer"))
        self.web.put("/below.cer", self.ca.der(below))
        leaf = openssl("x509", "-req", "-CA", self.ca.write("below.pem", below), "-CAkey", key, "-set_serial", "77",
                       "-days", "9", "-copy_extensions", "copy", "-extfile",
                       self.ca.write("aia.ext", ("authorityInfoAccess=caIssuers;URI:" + self.at("/below.cer")).encode()),
                       stdin=self.csr.encode())
        a = self.check(leaf)
        self.assertEqual((a.status, len(a.json["chain"])), (200, 3), a.text)
        notes = " ".join(a.json["notes"])
        for path in ("/below.cer", "/inter.cer"):
            self.assertIn("was fetched from " + self.at(path), notes)
        self.assertEqual(notes.count("the chain ends at"), 1, notes)
        del self.web.files["/inter.cer"]
        a = self.check(leaf)
        self.web.put("/inter.cer", self.ca.der(self.ca.inter))
        self.assertEqual((a.status, len(a.json["chain"])), (200, 2), a.text)
        self.assertIn("was not fetched: the issuer's certificate is not at", " ".join(a.json["notes"]))

    def test_V36_what_did_not_sign_it_is_refused(self):
        a = self.check(self.leaf(self.at("/other.cer")))
        self.refused(a, 502, "issuer.other", "files")

    def test_V36_what_is_not_there_or_no_certificate_is_said(self):
        self.refused(self.check(self.leaf(self.at("/none"))), 502, "issuer.none", "files")
        a = self.check(self.leaf(self.at("/text")))
        self.assertEqual(a.status, 400, a.text)
        self.refused(self.check(self.leaf(None)), 409, "issuer.nowhere", "files")

    def test_P34_V36_an_address_inside_is_not_asked(self):
        self.refused(self.check(self.leaf(self.at("/inter.cer", "inside.example"))), 403, "fetch.forbidden")
        self.refused(self.check(self.leaf("ldap://ca.example/cn=x")), 400, "fetch.target")
        self.refused(self.check(self.leaf("https://ca.example/x")), 400, "fetch.target")

    def test_V36_nothing_is_asked_when_nothing_is_missing(self):
        before = len(self.web.asked)
        a = self.house.api("POST", "/identities/portal/certificates/check", {
            "answer": (self.leaf(self.at("/inter.cer")) + self.ca.inter + self.ca.root).decode(), "fetch_issuer": True})
        self.assertEqual((a.status, len(a.json["chain"])), (200, 2), a.text)
        self.assertEqual(len(self.web.asked), before)


class Installed(IssuerCase):
    def test_V36_from_the_page_and_the_command_line(self):
        b = self.signed_in()
        leaf = self.leaf(self.at("/inter.cer")).decode()
        page = b.post("/settings/security/certificate/check", {"answer": leaf}, b.get("/settings/security/certificate"))
        self.assertIn("Fetch the missing issuer", page.text)
        self.assertIn(self.at("/inter.cer"), page.text)
        page = b.post("/settings/security/certificate/check", {"answer": leaf, "fetch_issuer": "true"}, page)
        self.assertEqual(page.status, 200)
        self.assertIn("was fetched from", page.text)
        path = os.path.join(self.ca.dir, "cli-leaf.pem")
        with open(path, "w") as f:
            f.write(leaf)
        r = self.house.cli("certificate", "check", path, "--fetch-issuer")
        self.assertIn("was fetched from " + self.at("/inter.cer"), r.stdout, r.stderr)
        r = self.house.cli("certificate", "install", path, "--fetch-issuer")
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        served = self.house.api("GET", "/identities/portal/certificate").json
        self.assertEqual(served["state"], "active")


if __name__ == "__main__":
    tap.main()
