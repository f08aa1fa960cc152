"""The profiles that come with an authority of our own: what each grants, who
approves it, and what no other profile can make."""

import copy
import hashlib
import re

import tap
from ca import openssl
from test_policy import PolicyCase

ALL = ["server", "client", "server-client", "baseline", "acme", "est", "ocsp-signer", "sub-ca"]
SEVEN = "/C=US/ST=New Jersey/L=Hackensack/O=Example Video/OU=Conf/CN=www.example.com"


class Profiles(PolicyCase):
    def approve(self, id_, *tokens):
        for token in tokens:
            a = self.house.request("POST", "/api/v1/submissions/%s/approve" % id_, json_body={},
                                   headers={"Authorization": "Bearer " + token})
        return a

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tokens = []
        for name in ("ann", "ben"):
            cls.house.admin(name)
            cls.tokens.append(cls.house.api("POST", "/tokens", {"user": name}).json["token"])

    def make(self, csr, profile, persons=0, **more):
        a = self.submit(csr, profile=profile, **more)
        if persons == 0:
            self.assertEqual(a.status, 201, a.text)
            return a.json
        self.assertEqual((a.status, a.json["verdict"]), (202, "hold"), a.text)
        id_ = a.json["id"]
        for n in range(1, persons):
            self.assertEqual(self.approve(id_, self.tokens[n - 1]).status, 202)
        a = self.approve(id_, self.tokens[persons - 1])
        self.assertEqual(a.status, 201, a.text)
        return a.json

    def whole(self, made):
        return self.text(made["certificate"], "-text")

    def usages(self, made):
        text = self.whole(made)
        found = re.findall(r"X509v3 (?:Extended )?Key Usage: ?(?:critical)?\n +(.*)\n", text)
        return [sorted(f.split(", ")) for f in found]

    def test_P17_each_is_there_and_says_what_it_grants(self):
        shown = self.house.api("GET", "/authorities/house").json
        self.assertEqual([p["name"] for p in shown["profiles"]], ALL)
        self.assertEqual([p["rules"] for p in shown["profiles"]].count("dv"), 1)
        self.assertEqual({p["name"]: p["approval"]["persons"] for p in shown["profiles"] if "approval" in p},
                         {"ocsp-signer": 1, "sub-ca": 2})

    def test_P17_usages_are_those_of_the_profile(self):
        server, client = "TLS Web Server Authentication", "TLS Web Client Authentication"
        for profile, eku in (("server", [server]), ("client", [client]), ("server-client", [client, server]),
                             ("baseline", [server]), ("acme", [server]), ("est", [client, server])):
            made = self.make(self.csr(SEVEN, "DNS:www.example.com", "keyUsage=keyAgreement", "extendedKeyUsage=codeSigning"),
                             profile)
            self.assertEqual(self.usages(made), [["Digital Signature"], sorted(eku)], profile)
            self.assertIn("CA:FALSE", self.whole(made))
            self.assertEqual(self.outcomes(made)["eku.codeSigning"], "dropped")

    def test_P17_acme_and_est_take_what_their_protocols_prove(self):
        made = self.make(self.csr(SEVEN, "DNS:www.example.com,DNS:b.example.com"), "acme")
        self.assertEqual(self.text(made["certificate"], "-subject").strip(), "subject=CN = www.example.com")
        self.assertEqual([d["granted"] for d in made["dispositions"] if d["item"] == "validity.days"], ["90"])
        first = self.make(self.csr("/", "DNS:c.example.com,DNS:d.example.com"), "acme")
        self.assertIn("CN = c.example.com", self.text(first["certificate"], "-subject"))
        device = self.make(self.csr("/O=Example/CN=device 7/serialNumber=0007", "URI:urn:dev:mac:0024befffe804ff1"), "est")
        self.assertIn("serialNumber = 0007", self.text(device["certificate"], "-subject"))
        self.assertIn("URI:urn:dev:mac", self.whole(device))

    def test_P17_baseline_follows_the_rules_of_the_day(self):
        made = self.make(self.csr(SEVEN), "baseline")
        self.assertEqual(self.text(made["certificate"], "-subject").strip(), "subject=CN = www.example.com")
        found = {d["item"]: d for d in made["dispositions"]}
        self.assertEqual((found["validity.days"]["granted"], found["validity.days"]["set_by"]),
                         ("199", "authority profile"))
        self.assertEqual(found["subject.O"]["rule"], "public.subject.dv")
        apart = self.make(self.csr("/CN=The shop", "DNS:www.example.com"), "baseline")
        self.assertEqual(self.outcomes(apart)["subject.CN"], "dropped")
        for names in ("DNS:printer.local", "IP:10.0.0.1", "DNS:a_b.example.com"):
            self.refused(self.submit(self.csr("/", names), profile="baseline"), 422, "submit.refused")
        asked = self.make(self.csr(), "baseline", days=7)
        self.assertEqual([d["granted"] for d in asked["dispositions"] if d["item"] == "validity.days"], ["7"])

    def test_P17_baseline_is_never_on_hold(self):
        held = {"serial": self.make(self.csr(), "baseline")["serial"], "reason": "certificateHold"}
        self.refused(self.house.api("POST", "/issued/revoke", held), 422, "revoke.hold", "reason")
        self.assertEqual(self.house.api("GET", "/issued/" + held["serial"]).json["state"], "issued")
        self.assertEqual(self.house.api("POST", "/issued/revoke", dict(held, reason="superseded")).status, 200)
        held["serial"] = self.make(self.csr(), "server")["serial"]
        self.assertEqual(self.house.api("POST", "/issued/revoke", held).status, 200)

    def test_P17_who_answers_OCSP_is_approved_and_short_lived(self):
        made = self.make(self.csr("/O=Example/CN=ocsp.example.com", "DNS:ocsp.example.com"), "ocsp-signer", persons=1)
        text = self.whole(made)
        self.assertEqual(self.usages(made), [["Digital Signature"], ["OCSP Signing"]])
        self.assertIn("OCSP No Check", text)
        for absent in ("CRL Distribution", "Authority Information Access", "Subject Alternative Name"):
            self.assertNotIn(absent, text)
        self.assertIn("CN = ocsp.example.com", self.text(made["certificate"], "-subject"))
        self.assertEqual([d["granted"] for d in made["dispositions"] if d["item"] == "validity.days"], ["30"])

    def test_P17_a_CA_below_comes_from_the_root_by_two_persons(self):
        made = self.make(self.csr("/O=Example/CN=Branch CA", "DNS:x.example.com", "basicConstraints=CA:TRUE,pathlen:4"),
                         "sub-ca", persons=2)
        text = self.whole(made)
        self.assertRegex(text, r"CA:TRUE, pathlen:0")
        self.assertEqual(self.usages(made), [["CRL Sign", "Certificate Sign"]])
        self.assertEqual(self.outcomes(made)["basicConstraints.pathlen"], "amended")
        self.assertIn("house Root CA", self.text(made["certificate"], "-issuer"))
        self.assertNotIn("Subject Alternative Name", text)
        leaf = self.write("below.pem", made["certificate"])
        r = openssl("verify", "-x509_strict", "-CAfile", self.root, leaf).decode()
        self.assertIn("OK", r)
        self.assertEqual(made["chain"], [made["certificate"]])
        a = self.house.api("POST", "/issued/revoke", {"serial": made["serial"], "reason": "cessationOfOperation"})
        self.assertEqual(a.status, 200, a.text)
        root = openssl("crl", "-inform", "DER", "-noout", "-text",
                       stdin=self.fetch(re.search(r"URI:(\S+/crl/\S+)", text).group(1))).decode()
        self.assertIn(made["serial"].upper().lstrip("0"), root.replace(":", ""))

    def test_M30_what_is_held_shows_all_that_will_be_issued(self):
        csr = self.csr("/CN=Branch CA", None, "crlDistributionPoints=URI:http://elsewhere.example/crl")
        preview = self.house.api("POST", "/csr/preview", {"csr": csr, "authority": "house", "profile": "sub-ca"}).json
        held = self.submit(csr, profile="sub-ca").json
        made = self.make(csr, "sub-ca", persons=2)
        self.assertEqual(preview["verdict"], "hold")
        for sheet in (held, made):
            self.assertEqual(self.outcomes(sheet), self.outcomes(preview))
        self.assertEqual(self.outcomes(held)["ext.2.5.29.31"], "amended")

    def test_P18_what_the_lint_finds_is_refused_before_people_look_at_it(self):
        policy = copy.deepcopy(self.card)
        fact = {"reason": "a mistake", "reference": "none", "checked": "2026-11-26"}
        [p for p in policy["profiles"] if p["name"] == "ocsp-signer"][0]["adds"].append(
            dict(fact, item="subject.C", value="usa"))
        self.set(policy)
        try:
            a = self.submit(self.csr("/CN=ocsp.example.com", None), profile="ocsp-signer")
            self.assertEqual((a.status, a.json["verdict"]), (422, "refuse"), a.text)
            self.assertIn("capital letters", a.json["detail"])
        finally:
            self.set(self.card)

    def test_P17_a_CA_needs_a_name_and_a_root_that_is_here(self):
        a = self.submit(self.csr("/", "DNS:x.example.com"), profile="sub-ca")
        self.refused(a, 422, "submit.refused")
        self.assertEqual(self.outcomes(a.json)["subject"], "refused")
        name = "rootless"
        self.assertEqual(self.house.api("POST", "/cas", {"name": name}).status, 201)
        passphrase = "Ganz-Anders-und-lang-81!"
        pem = self.house.api("POST", "/cas/%s/offline" % name, {"passphrase": passphrase}).json["pem"]
        csr = self.csr("/CN=Branch CA", "")
        a = self.house.api("POST", "/cas/%s/offline" % name, {"sha256": hashlib.sha256(pem.encode()).hexdigest()})
        self.assertEqual(a.status, 200, a.text)
        a = self.submit(csr, authority=name, profile="sub-ca")
        self.refused(a, 422, "submit.refused")
        found = [d for d in a.json["dispositions"] if d["outcome"] == "refused"]
        self.assertEqual([(d["item"], d["rule"]) for d in found], [("basicConstraints.pathlen", "issue.path-length")])
        self.assertEqual(self.house.api("POST", "/csr/preview", {"csr": csr, "authority": name, "profile": "sub-ca"})
                         .json["verdict"], "refuse")
        a = self.house.api("POST", "/cas/%s/online" % name, {"key": pem, "key_passphrase": passphrase})
        self.assertEqual(a.status, 200, a.text)
        self.assertEqual(self.submit(csr, authority=name, profile="sub-ca").status, 202)

    def test_P17_no_grant_makes_a_CA(self):
        policy = copy.deepcopy(self.card)
        for p in [policy] + policy["profiles"]:
            p["grants"] = [g for g in p["grants"] if not g["item"].startswith(("basic", "ku"))]
        fact = {"effect": "grant", "reason": "a mistake", "reference": "none", "checked": "2026-11-26"}
        policy["grants"] += [dict(fact, item=i) for i in ("basicConstraints.*", "ku.*")]
        policy["profiles"][0]["adds"] = [a for a in policy["profiles"][0]["adds"] if a["item"][:5] != "basic"]
        self.set(policy)
        try:
            made = self.issue(self.csr("/CN=www.example.com", "DNS:www.example.com",
                                       "basicConstraints=critical,CA:TRUE,pathlen:0",
                                       "keyUsage=digitalSignature,keyCertSign,cRLSign"))
        finally:
            self.set(self.card)
        for item in ("basicConstraints.ca", "basicConstraints.pathlen", "ku.keyCertSign", "ku.cRLSign"):
            self.assertEqual(self.outcomes(made)[item], "dropped", item)
        self.assertNotIn("CA:TRUE", self.whole(made))

    def test_P18_what_the_lint_finds_is_refused_with_its_row(self):
        policy = copy.deepcopy(self.card)
        fact = {"reason": "a mistake", "reference": "none", "checked": "2026-11-26"}
        policy["profiles"][0]["adds"].append(dict(fact, item="subject.C", value="usa"))
        policy["profiles"][1]["adds"].append(dict(fact, item="ku.keyAgreement", value="TRUE"))
        policy["profiles"][1]["keys"]["allow"].append("ed25519")
        self.set(policy)
        try:
            preview = self.house.api("POST", "/csr/preview", {"csr": self.csr(), "authority": "house"}).json
            a = self.submit()
            self.refused(a, 422, "issue.lint")
            self.assertIn("(lint.subject.country, RFC 5280 appendix A.1)", a.json["detail"])
            for sheet in (preview, a.json):
                found = [d for d in sheet["dispositions"] if d["outcome"] == "refused"]
                self.assertEqual([(d["item"], d["rule"], d["granted"]) for d in found],
                                 [("subject.C", "lint.subject.country", None)])
                self.assertEqual(sheet["verdict"], "refuse")
            self.assertEqual(len(self.events("issue.lint")), 1)
            one = self.house.api("POST", "/submissions", {"requests": [{"authority": "house", "csr": self.csr()}]})
            self.assertEqual([(r["status"], r["id"], r["verdict"]) for r in one.json["results"]],
                             [(422, "issue.lint", "refuse")])
            self.assertEqual(self.submit(profile="client").status, 201)
            openssl("genpkey", "-algorithm", "ED25519", "-out", self.dir + "/ed.pem")
            self.refused(self.submit(self.csr(key="ed.pem"), profile="client"), 422, "issue.lint")
        finally:
            self.set(self.card)

    def test_P18_a_warning_of_the_lint_is_said(self):
        policy = copy.deepcopy(self.card)
        baseline = [p for p in policy["profiles"] if p["name"] == "baseline"][0]
        baseline["life"]["steps"] = [{"days": 398}]
        self.set(policy)
        try:
            made = self.make(self.csr(), "baseline", days=200)
        finally:
            self.set(self.card)
        days = [d for d in made["dispositions"] if d["item"] == "validity.days"][0]
        self.assertEqual((days["outcome"], days["rule"]), ("granted", "lint.baseline.life-margin"))
        self.assertTrue([n for n in made["notes"] if "lint.baseline.life-margin, BR 6.3.2" in n], made["notes"])

    def test_P17_a_profile_for_CAs_wants_two_persons_and_a_path_a_CA(self):
        policy = copy.deepcopy(self.card)
        policy["profiles"][-1]["approval"]["persons"] = 1
        a = self.house.api("POST", "/cas/house/policy", policy)
        self.assertEqual(a.status, 400)
        self.assertIn("two persons", a.json["detail"])
        policy = copy.deepcopy(self.card)
        policy["profiles"][0]["adds"].append(dict(policy["adds"][0], item="basicConstraints.pathlen", value="0"))
        a = self.house.api("POST", "/cas/house/policy", policy)
        self.assertEqual(a.status, 400)
        self.assertIn("for a CA only", a.json["detail"])

    def test_P17_a_pattern_limits_what_is_granted(self):
        policy = copy.deepcopy(self.card)
        fact = {"reason": "our own domain only", "reference": "house rule", "checked": "2026-11-26"}
        policy["profiles"][0]["grants"] = [
            dict(fact, item="san.dns", effect="grant", like="*.Example.com"),
            dict(fact, item="san.dns", effect="refuse")] + policy["profiles"][0]["grants"]
        policy["profiles"][0]["adds"].append(dict(fact, item="subject.O", value="Example Video, Inc."))
        self.set(policy)
        try:
            made = self.issue(self.csr("/O=Another/CN=a.example.com", "DNS:a.example.com,DNS:b.c.example.com"))
            self.assertEqual(self.outcomes(made)["subject.O"], "amended")
            self.assertIn("O = \"Example Video, Inc.\"", self.text(made["certificate"], "-subject"))
            a = self.submit(self.csr("/CN=a.example.com", "DNS:a.example.com,DNS:a.example.org"))
            self.refused(a, 422, "submit.refused")
            self.assertEqual({i for i, o in self.outcomes(a.json).items() if o == "refused"}, {"san.dns:a.example.org"})
            page = self.signed_in().get("/settings/security/policy?authority=house").text
            self.assertIn("DNS names like *.Example.com", page)
            self.assertIn("Rules by date", page)
        finally:
            self.set(self.card)


if __name__ == "__main__":
    tap.main()
