"""The coverage plan: which certificates the names need, and Apply makes them."""

import hashlib
import re

import tap
from case import Case
from house import FIELDS
from tenant import Tenant

BASE = "vc.example.com"
ORGANIZATION = {k: v for k, v in FIELDS.items() if k != "common_name"}


class Plans(Case):
    """A house with three tenants under one base domain, and a CA of its own."""

    ca = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if cls.ca:
            cls.house.api("POST", "/cas", {"name": "house"})
        cls.house.api("PUT", "/names/base", {"domain": BASE})
        cls.tenants = [Tenant(cls.house, n) for n in ("t1", "t2", "t3")]

    def plan(self, query=""):
        a = self.house.api("GET", "/names/plan" + query)
        self.assertEqual(a.status, 200, a.text)
        return a.json

    def apply(self, **body):
        a = self.house.api("POST", "/names/plan", dict(ORGANIZATION, **body))
        self.assertEqual(a.status, 200, a.text)
        return a.json

    def name(self, plan, name):
        return next(n for n in plan["names"] if n["name"] == name)

    def identities(self):
        return [i["name"] for i in self.house.api("GET", "/identities").json["identities"]]

    def served(self, name):
        return hashlib.sha256(self.house.served(name=name)).hexdigest()

    def certificate(self, identity):
        a = self.house.api("GET", "/identities/%s/certificate" % identity)
        self.assertEqual(a.status, 200, a.text)
        return a.json


class Planned(Plans):
    """Nothing is changed here."""

    def test_V25_V28_three_tenants_and_what_a_wildcard_leaves_out(self):
        self.tenants[0].inside("POST", "/names", {"name": "shop.t1.example"})
        p = self.plan()
        self.assertEqual((p["authority"], p["profile"], p["days"], p["max_names"], p["base"]),
                         ("house", "server", 398, 100, BASE))
        self.assertEqual((p["strategy"], p["recommended"]), ("wildcard", "wildcard"))
        wild = next(c for c in p["certificates"] if c["wildcard"])
        self.assertEqual((wild["identity"], wild["names"], wild["state"], wild["covers"], wild["tenants"]),
                         ("wildcard." + BASE, ["*." + BASE, BASE], "new", 4, 0))
        for t in ("t1", "t2", "t3"):
            n = self.name(p, "%s.%s" % (t, BASE))
            self.assertEqual((n["tenant"], n["certificate"], n["covered"]),
                             (t, "wildcard." + BASE, False))
        self.assertEqual(self.name(p, BASE)["left_out_by"], None)

    def test_V28_the_name_above_and_a_deeper_one_are_left_out(self):
        self.house.api("POST", "/identities", {"name": "deep"})
        self.house.api("POST", "/identities/deep/keys", {"type": "ec:P-256"})
        a = self.house.regenerate("deep", common_name="a.t1." + BASE)
        self.assertEqual(a.status, 201, a.text)
        n = self.name(self.plan(), "a.t1." + BASE)
        self.assertEqual((n["tenant"], n["certificate"], n["left_out_by"]), ("t1", "deep", "*." + BASE))

    def test_three_strategies_and_the_effort_of_a_year(self):
        p = self.plan("?strategy=shared")
        self.assertEqual([s["strategy"] for s in p["strategies"]], ["wildcard", "shared", "each"])
        wild, shared, each = p["strategies"]
        self.assertLess(shared["certificates"], wild["certificates"])
        self.assertLess(wild["certificates"], each["certificates"])
        self.assertEqual((wild["exposed"], each["exposed"], shared["exposed"] > 0), (0, 0, True))
        n = each["certificates"]
        self.assertEqual([(e["days"], e["renewals"]) for e in each["effort"]],
                         [(d, -(-n * 365 * 3 // (2 * d))) for d in (200, 100, 47, 398)])
        self.assertEqual(max(c["tenants"] for c in p["certificates"]), 3)

    def test_the_limits_are_those_of_the_authority(self):
        p = self.plan("?authority=letsencrypt&profile=tlsserver")
        self.assertEqual((p["authority"], p["profile"], p["max_names"], p["days"]),
                         ("letsencrypt", "tlsserver", 25, 45))
        self.refused(self.house.api("GET", "/names/plan?authority=nobody"), 404, "authority.unknown",
                     "authority")
        self.refused(self.house.api("GET", "/names/plan?strategy=best"), 400, "names.strategy",
                     "strategy")

    def test_what_an_authority_does_not_issue_is_said(self):
        self.house.api("POST", "/cas", {"name": "narrow", "permit": ["example.org"]})
        p = self.plan("?authority=narrow")
        self.assertEqual((p["uncovered"], p["to_make"]), (p["total"], 0))
        self.assertIn("outside", self.name(p, "t2." + BASE)["reason"])

    def test_P22_a_tenant_plans_its_own_names_only(self):
        p = self.tenants[1].api("GET", "/names/plan?authority=private").json
        self.assertEqual({n["name"] for n in p["names"]}, {"t2." + BASE, "t2.example"})
        self.assertEqual(p["strategy"], "shared")
        self.assertNotIn("t1", str(p))

    def test_what_is_no_certificate_of_a_server_is_not_offered(self):
        for page in (self.signed_in().get("/settings/security/names/plan"),
                     self.tenants[0].browser().get("/settings/security/names/plan")):
            choices = re.findall(r'<option value="([^"]*:[^"]*)"', page.text)
            self.assertIn("house:server", choices)
            self.assertIn("public-dv:server", choices)
            for profile in ("client", "sub-ca", "ocsp-signer"):
                self.assertNotIn("house:" + profile, choices)
            for profile in ("sub-ca", "ocsp-signer"):
                self.assertNotIn("private:" + profile, choices)

    def test_roles(self):
        t = self.tenants[2]
        token = t.person("reads", "auditor")
        self.assertEqual(t.api("GET", "/names/plan", token=token).status, 200)
        self.refused(t.api("POST", "/names/plan", ORGANIZATION, token=token), 403, "capability")

    def test_the_page_says_it(self):
        page = self.signed_in().get("/settings/security/names/plan")
        for words in ("names are covered now", "wildcard." + BASE, "Recommended: wildcard",
                      "Renewals a year at 47 days"):
            self.assertIn(words, page.text)
        page = self.signed_in().get("/settings/security/names/plan?strategy=each&choice=private:server")
        self.assertIn("8 names", page.text.replace("9 names", "8 names"))
        self.assertIn("Coverage plan", self.signed_in().get("/settings/security/names").text)
        page = self.tenants[0].browser().get("/settings/security/names/plan?strategy=each")
        self.assertIn("t1." + BASE, page.text)
        self.assertNotIn("t2." + BASE, page.text)


class Empty(Case):
    def test_no_names_yet(self):
        p = self.house.api("GET", "/names/plan").json
        self.assertEqual((p["total"], p["certificates"], p["names"], p["reason"], p["authority"]),
                         (0, [], [], "there are no names yet", "public-dv"))
        self.assertEqual(self.house.cli("names", "plan", "--json").returncode, 0)
        self.assertIn("There are no names yet", self.signed_in().get(
            "/settings/security/names/plan").text)
        a = self.house.api("POST", "/names/plan", {})
        self.assertEqual((a.status, a.json["made"], a.json["left"]), (200, [], 0))


class Applied(Plans):
    def test_V29_applied_served_and_a_new_tenant_needs_nothing(self):
        made = self.apply()
        self.assertIsNone(made["failed"])
        states = {m["identity"]: m["state"] for m in made["made"]}
        self.assertEqual(states["wildcard." + BASE], "installed")
        self.assertEqual(set(states.values()), {"installed"})
        self.assertEqual(self.served("t1." + BASE), self.certificate("wildcard." + BASE)["sha256"])
        self.assertEqual(self.served(BASE), self.certificate("wildcard." + BASE)["sha256"])
        self.assertEqual(self.served("t2.example"), self.certificate("t2.example")["sha256"])
        p = self.plan()
        self.assertEqual((p["covered"], p["total"], p["to_make"]), (7, 7, 0), p["names"])
        # V29: below the wildcard it is green at once, and nothing is asked for
        requests = len(self.house.api("GET", "/submissions").json["submissions"])
        self.house.api("POST", "/tenants", {"name": "fresh"})
        p = self.plan()
        n = self.name(p, "fresh." + BASE)
        self.assertEqual((n["covered"], n["covered_by"], p["to_make"]), (True, "wildcard." + BASE, 0))
        own = self.house.api("GET", "/t/fresh/names/plan").json
        self.assertEqual((own["covered"], own["to_make"], own["certificates"][0]["identity"]), (1, 0, None))
        self.assertEqual(own["names"][0]["covered_by"], None)
        # and nothing is made twice
        self.assertEqual(self.apply()["made"], [])
        self.assertEqual(len(self.house.api("GET", "/submissions").json["submissions"]), requests)

    def test_an_ended_apply_goes_on(self):
        before = self.identities()
        a = self.apply(strategy="each", requests_only=True)
        self.assertEqual({m["state"] for m in a["made"]}, {"requested"})
        self.assertEqual(self.apply(strategy="each", requests_only=True)["made"], [])
        self.assertEqual(len(self.identities()), len(before) + len(a["made"]))
        again = self.apply(strategy="each")
        self.assertEqual(sorted(m["identity"] for m in again["made"]),
                         sorted(m["identity"] for m in a["made"]))
        self.assertEqual({m["state"] for m in again["made"]}, {"installed"})


class ByHand(Plans):
    ca = False

    def test_a_missing_field_is_named_and_nothing_is_made(self):
        before = self.identities()
        a = self.house.api("POST", "/names/plan", dict(ORGANIZATION, locality=""))
        self.refused(a, 400, "field.required", "locality")
        self.assertIn("nothing was made", a.json["hint"])
        self.refused(self.house.api("POST", "/names/plan", dict(ORGANIZATION, country="UK")), 400,
                     "name.country.unknown", "country")
        self.assertEqual(self.identities(), before)

    def test_requests_for_a_CA_that_is_asked_by_hand(self):
        b = self.signed_in()
        page = b.get("/settings/security/names/plan?choice=public-dv:server&strategy=wildcard")
        form = dict(ORGANIZATION, choice="public-dv:server", strategy="wildcard")
        wrong = b.post("/settings/security/names/plan", dict(form, email="nobody"), page)
        self.assertEqual(wrong.status, 400)
        self.wrong(wrong, "email")
        page = b.post("/settings/security/names/plan", form, page)
        self.assertEqual(page.status, 200, page.text)
        self.assertIn("/settings/security/csr?identity=wildcard." + BASE, page.text)
        request = self.house.api("GET", "/identities/wildcard.%s/request" % BASE).json
        self.assertEqual((request["names"], request["subject"]["CN"], request["subject"]["O"]),
                         (["*." + BASE, BASE], "*." + BASE, FIELDS["organization"]))
        p = self.plan("?authority=public-dv")
        self.assertEqual((p["covered"], p["to_make"]), (0, 0))
        self.assertEqual({c["state"] for c in p["certificates"]}, {"requested"})
        page = b.get("/settings/security/names/plan?choice=public-dv:server")
        self.assertIn("Covers it", page.text)

    def test_P22_a_tenant_applies_its_own_plan(self):
        t = self.tenants[0]
        a = t.api("POST", "/names/plan", dict(ORGANIZATION, authority="private", strategy="each"))
        self.assertEqual(a.status, 200, a.text)
        self.assertEqual(sorted(m["common_name"] for m in a.json["made"]), ["t1.example", "t1." + BASE])
        self.assertEqual(t.api("GET", "/identities/t1.example").status, 200)

    def test_a_limit_ends_it_and_says_what_was_made(self):
        t = self.tenants[2]
        self.house.api("PUT", "/tenants/t3", {"max_identities": 2})
        a = t.api("POST", "/names/plan", dict(ORGANIZATION, authority="private", strategy="each"))
        self.assertEqual((a.status, len(a.json.get("made", [])), (a.json.get("failed") or {}).get("id")),
                         (200, 1, "tenant.quota"), a.text)
        self.refused(t.api("POST", "/names/plan", dict(ORGANIZATION, authority="private", strategy="each")), 429,
                     "tenant.quota")
        r = self.house.cli("--tenant", "t3", "names", "plan", "--authority", "private", "--strategy", "each")
        self.assertIn("requested", r.stdout)


tap.main()
