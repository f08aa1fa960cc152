"""Tenants have their requests signed by the system's own authorities, and see nothing of each other."""

import re
import urllib.request

import tap
from ca import openssl
from case import Case
from house import Browser, House, free_port
from tenant import Tenant

ASK = "/authorities/house/requests"


def foreign_csr(cn, *names):
    alternatives = ["-addext", "subjectAltName=" + ",".join(names)] if names else []
    return openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                   "-keyout", "/dev/null", "-subj", "/O=Example/CN=" + cn, *alternatives).decode()


class OurOwn(Case):
    @classmethod
    def build(cls):
        return House(options=["--http-listen", "127.0.0.1:%d" % free_port()])

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.house.api("POST", "/cas", {"name": "house"})
        cls.acme, cls.zeta = Tenant(cls.house, "acme"), Tenant(cls.house, "zeta")
        for t in (cls.acme, cls.zeta):
            t.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})

    def issue(self, t, **more):
        a = t.api("POST", ASK, dict({"csr": t.request()["pem"], "keep_key": "a test"}, **more))
        self.assertEqual(a.status, 201, a.text)
        return a.json

    def test_asked_issued_installed_and_served(self):
        made = self.issue(self.acme)
        a = self.acme.api("POST", "/identities/portal/certificates", {"request": made["id"]})
        self.assertEqual(a.status, 201, a.text)
        served = self.house.served(name="portal.acme.example")
        self.assertEqual(served, openssl("x509", "-outform", "DER", stdin=made["certificate"].encode()))
        events = self.acme.api("GET", "/audit?limit=100").json["events"]
        self.assertIn("certificate.issue", {e["action"] for e in events})

    def test_P22_each_sees_its_own_and_the_system_all(self):
        ours, theirs = self.issue(self.acme), self.issue(self.zeta)
        for t, own, other in ((self.acme, ours, theirs), (self.zeta, theirs, ours)):
            listed = {i["serial"] for i in t.api("GET", "/issued?limit=1000").json["issued"]}
            self.assertIn(own["serial"], listed)
            self.assertNotIn(other["serial"], listed)
            self.assertEqual(t.api("GET", "/issued/" + own["serial"]).json["tenant"], None)
            found = t.api("GET", "/issued?text=%s" % other["serial"]).json["issued"]
            self.assertEqual(found, [])
            self.assertNotIn(other["serial"], t.api("GET", "/issued/export?format=csv").text)
        whose = {i["serial"]: i["tenant"] for i in
                 self.house.api("GET", "/issued?limit=1000").json["issued"]}
        self.assertEqual((whose[ours["serial"]], whose[theirs["serial"]]), ("acme", "zeta"))

    def test_P22_a_foreign_serial_is_as_one_that_is_nobodys(self):
        theirs = self.issue(self.zeta)
        nobodys = "%040x" % (int(theirs["serial"], 16) ^ 0xff)
        for method, path, body in (("GET", "/issued/%s", None), ("POST", "/issued/revoke", "serial"),
                                   ("POST", "/issued/release", "serial"), ("GET", "/submissions/%s", None)):
            answers = []
            for serial in (theirs["serial"], nobodys):
                what = theirs["id"] if "submissions" in path and serial == theirs["serial"] else serial
                a = self.acme.api(method, path % what if "%" in path else path, body and {body: serial})
                answers.append((a.status, a.json["id"], a.json["detail"].replace(what, "")))
            self.assertEqual(answers[0], answers[1], path)
        pem = theirs["certificate"]
        self.assertEqual(self.acme.api("POST", "/issued/revoke", {"certificate": pem}).status, 404)
        self.assertEqual(self.zeta.api("GET", "/issued/" + theirs["serial"]).json["state"], "issued")

    def test_its_own_is_revoked_in_the_list_of_the_CA(self):
        made = self.issue(self.acme)
        a = self.acme.api("POST", "/issued/revoke", {"serial": made["serial"], "reason": "superseded"})
        self.assertEqual((a.status, a.json["state"]), (200, "revoked"), a.text)
        self.assertEqual(self.house.api("GET", "/issued/" + made["serial"]).json["state"], "revoked")
        url = [u for u in re.findall(r"URI:(\S+)", openssl("x509", "-noout", "-text", stdin=made["certificate"].encode())
                                     .decode()) if "/crl/" in u][0]
        with urllib.request.urlopen(url, timeout=20) as r:
            text = openssl("crl", "-inform", "DER", "-noout", "-text", stdin=r.read()).decode().lower()
        self.assertIn(made["serial"], text)

    def test_M28_no_way_to_a_foreign_name(self):
        for csr in (foreign_csr("portal.zeta.example", "DNS:portal.acme.example"),
                    foreign_csr("portal.zeta.example"),
                    foreign_csr("portal.acme.example", "DNS:portal.acme.example", "DNS:portal.zeta.example"),
                    foreign_csr("portal.acme.example", "DNS:portal.acme.example", "IP:192.0.2.1"),
                    foreign_csr("*.example", "DNS:*.example")):
            a = self.acme.api("POST", ASK, {"csr": csr})
            self.assertIn(a.status, (400, 422), a.text)
            self.assertIn(a.json["id"], ("names.foreign", "submit.refused"))
        for uri in ("spiffe://zeta.example/x", "tag:zeta.example:x.acme.example", "urn:x.acme.example",
                    "mailto:ceo@zeta.example?x=://acme.example", "https://zeta.example:x.acme.example/",
                    "https://u@zeta.example/@x.acme.example", "https://zeta.example\\\\.acme.example/"):
            a = self.acme.api("POST", ASK, {"profile": "client", "csr": foreign_csr(
                "portal.acme.example", "DNS:portal.acme.example", "URI:" + uri)})
            self.assertIn((a.status, a.json["id"]), ((400, "names.foreign"), (422, "submit.refused")), uri)
        a = self.acme.api("POST", ASK, {"csr": foreign_csr("zeta.example:x.acme.example", "DNS:x.acme.example")})
        self.assertIn((a.status, a.json["id"]), ((400, "names.foreign"), (422, "submit.refused")))
        a = self.acme.api("POST", ASK, {"profile": "client", "csr": foreign_csr(
            "portal.acme.example", "DNS:portal.acme.example", "URI:spiffe://x.acme.example/y")})
        self.assertEqual(a.status, 201, a.text)
        a = self.acme.api("POST", ASK, {"profile": "client", "csr": foreign_csr(
            "jane", "email:jane@zeta.example")})
        self.refused(a, 400, "names.foreign", "names")
        a = self.acme.api("POST", ASK, {"profile": "client", "csr": foreign_csr(
            "jane", "email:jane@acme.example")})
        self.assertEqual(a.status, 201, a.text)

    def test_a_tenant_gets_nothing_that_speaks_for_the_authority(self):
        csr = foreign_csr("portal.acme.example", "DNS:portal.acme.example")
        for profile in ("sub-ca", "ocsp-signer"):
            a = self.acme.api("POST", ASK, {"csr": csr, "profile": profile})
            self.refused(a, 403, "profile.system", "profile")

    def test_limits_count_what_comes_from_elsewhere(self):
        t = Tenant(self.house, "limits")
        self.house.api("PUT", "/tenants/limits", {"max_requests": 1})
        csr = foreign_csr("www.limits.example", "DNS:www.limits.example")
        self.assertEqual(t.api("POST", ASK, {"csr": csr}).status, 201)
        self.refused(t.api("POST", ASK, {"csr": csr}), 429, "tenant.quota")

    def test_what_is_held_is_decided_by_people_of_the_system(self):
        card = self.house.api("GET", "/cas/house/policy").json["card"]
        name = card["profiles"][0]["name"]
        card["profiles"][0]["approval"] = {"persons": 1, "reason": "people look first", "reference": "ours",
                                           "checked": "2026-11-26"}
        t = Tenant(self.house, "held")
        t.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        a = self.house.api("POST", "/cas/house/policy", card)
        self.assertEqual(a.status, 200, a.text)
        a = t.api("POST", ASK, {"csr": t.request()["pem"], "profile": name})
        self.assertEqual(a.status, 202, a.text)
        path = "/submissions/%s/" % a.json["id"]
        for act in ("approve", "reject"):
            self.refused(t.api("POST", path + act), 403, "capability")
        waits = self.house.api("GET", "/submissions").json["submissions"]
        self.assertEqual([(s["tenant"], s["state"]) for s in waits if s["id"] == a.json["id"]],
                         [("held", "held")])
        done = t.inside("POST", path + "approve")
        self.assertEqual(done.status, 201, done.text)
        self.assertIn(done.json["serial"], {i["serial"] for i in t.api("GET", "/issued").json["issued"]})
        del card["profiles"][0]["approval"]
        self.assertEqual(self.house.api("POST", "/cas/house/policy", card).status, 200)

    def test_the_pages_of_a_tenant(self):
        made = self.issue(self.acme)
        b = self.acme.browser()
        page = b.get("/certificates")
        self.assertIn(made["serial"], page.text)
        page = b.get("/certificates/" + made["serial"])
        self.assertIn("BEGIN CERTIFICATE", page.text)
        self.house.admin("boss")
        b = Browser(self.house)
        b.sign_in("boss")
        self.assertIn("acme", b.get("/certificates/" + made["serial"]).text)
        page = b.get("/t/acme/certificates")
        self.assertIn('href="/t/acme/certificates/%s"' % made["serial"], page.text)


tap.main()
