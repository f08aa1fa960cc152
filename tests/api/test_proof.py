"""Names that a tenant claims and proves: by DNS, by a file; the first proof wins,
and none is good for ever."""

import hashlib
import os
import sqlite3
import subprocess
import threading
import time
import unittest

import tap
from ca import CA
from case import Case
from house import BUILD, FIELDS, SEAMS, House
from outside import A, TXT, Names, Web
from tenant import Tenant

DAY = 86400


class ProofCase(Case):
    @classmethod
    def build(cls):
        cls.names = Names()
        cls.web = Web()
        return House(options=["--resolver", cls.names.address, "--outbound-allow", "127.0.0.0/8",
                              "--proof-port", str(cls.web.port)])

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.one, cls.two = (Tenant(cls.house, n) for n in ("one", "two"))
        for t in (cls.one, cls.two):
            t.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.names.shutdown()
        cls.web.shutdown()

    def claim(self, tenant, name):
        a = tenant.api("POST", "/names", {"name": name})
        self.assertEqual((a.status, a.json["state"]), (201, "claimed"), a.text)
        return a.json

    def publish(self, claim, kind="dns"):
        if kind == "dns":
            self.names.put(claim["record"], TXT, "v=spf1 -all", claim["token"])
        else:
            self.names.put(claim["name"], A, "127.0.0.1")
            self.web.put("/.well-known/certwright/" + claim["token"], claim["token"].encode() + b"\n")

    def verify(self, tenant, name, **body):
        return tenant.api("POST", "/names/%s/verify" % name, body)

    def prove(self, tenant, name, kind="dns"):
        self.publish(self.claim(tenant, name), kind)
        a = self.verify(tenant, name, method=kind)
        self.assertEqual((a.status, a.json["state"], a.json["method"]), (200, "proved", kind), a.text)
        return a.json

    def asks(self, tenant, name, names=""):
        return tenant.api("POST", "/identities/portal/requests", dict(FIELDS, common_name=name, names=names))


class Proof(ProofCase):
    def test_V25_what_is_proved_is_in_the_plan_until_it_is_too_old(self):
        self.prove(self.one, "plan-dns.example")
        self.prove(self.one, "plan-http.example", "http")
        self.claim(self.one, "plan-claimed.example")
        self.asks(self.one, "deep.plan-dns.example")

        def planned(tenant):
            get = self.house.api if tenant is None else tenant.api
            a = get("GET", "/names/plan?authority=private")
            self.assertEqual(a.status, 200, a.text)
            return {n["name"]: n["tenant"] for n in a.json["names"] if "plan-" in n["name"]}
        both = {"plan-dns.example": "one", "plan-http.example": "one", "deep.plan-dns.example": "one"}
        self.assertEqual(planned(self.one), both)
        self.assertEqual(planned(None), both)
        self.assertEqual(planned(self.two), {})
        with sqlite3.connect(os.path.join(self.house.data, "certwright.db"), timeout=30) as db:
            db.execute("UPDATE name_claim SET proved_at = proved_at - ? WHERE name LIKE 'plan-%'",
                       (400 * DAY,))
        self.assertEqual(planned(self.one), {"deep.plan-dns.example": "one"})

    def test_by_DNS_it_and_all_below_it_and_wildcards(self):
        c = self.claim(self.one, "DNS-One.example")
        self.assertEqual((c["name"], c["record"]), ("dns-one.example", "_certwright-challenge.dns-one.example"))
        self.refused(self.asks(self.one, "dns-one.example"), 409, "names.unproved", "common_name")
        self.refused(self.asks(self.one, "x.dns-one.example"), 409, "names.unproved", "common_name")
        self.refused(self.verify(self.one, "dns-one.example"), 422, "names.proof.none", "method")
        self.names.put(c["record"], TXT, "something else")
        self.refused(self.verify(self.one, "dns-one.example"), 422, "names.proof.other", "method")
        self.publish(c)
        a = self.verify(self.one, "dns-one.example").json
        self.assertEqual((a["state"], a["method"]), ("proved", "dns"))
        for name in ("dns-one.example", "a.b.dns-one.example", "*.dns-one.example", "*.a.dns-one.example"):
            self.assertEqual(self.asks(self.one, name).status, 201, name)
        done = {e["action"] for e in self.one.api("GET", "/audit?text=dns-one.example").json["events"]}
        self.assertLessEqual({"names.prove", "names.claim"}, done)

    def test_by_a_file_that_exact_name_and_no_other(self):
        c = self.claim(self.one, "file.example")
        self.assertEqual(c["url"], "http://file.example:%d/.well-known/certwright/%s" % (self.web.port, c["token"]))
        self.refused(self.verify(self.one, "file.example", method="http"), 502, "fetch.dns")
        self.names.put("file.example", A, "127.0.0.1")
        self.refused(self.verify(self.one, "file.example", method="http"), 422, "names.proof.none", "method")
        self.web.put("/.well-known/certwright/" + c["token"], b"<html>")
        self.refused(self.verify(self.one, "file.example", method="http"), 422, "names.proof.other", "method")
        self.web.put("/.well-known/certwright/" + c["token"], b"", status=302, Location="/x")
        self.web.put("/x", c["token"].encode())
        self.refused(self.verify(self.one, "file.example", method="http"), 422, "names.proof.none", "method")
        self.publish(c, "http")
        self.assertEqual(self.verify(self.one, "file.example", method="http").json["state"], "proved")
        self.assertEqual(self.asks(self.one, "file.example").status, 201)
        for name in ("www.file.example", "*.file.example"):
            self.refused(self.asks(self.one, name), 409, "names.exact", "common_name")
        self.publish(c)
        self.assertEqual(self.verify(self.one, "file.example").json["method"], "dns")
        self.assertEqual(self.asks(self.one, "*.file.example").status, 201)

    def test_P22_a_claim_over_anothers_name_is_as_one_over_nobodys(self):
        self.prove(self.two, "twos.example")
        del self.names.records[("_certwright-challenge.twos.example", TXT)]
        told = set()
        for name in ("twos.example", "two.example", "x.two.example", "nobodys.example", "sub.twos.example"):
            c = self.claim(self.one, name)
            answers = [repr(sorted((k, v) for k, v in c.items() if k not in ("token", "url", "added")))]
            for body in ({}, {"method": "http"}):
                a = self.verify(self.one, name, **body)
                answers.append("%d %s" % (a.status, a.json["id"]))
            answers.append(self.asks(self.one, name).text)
            answers.append(str(self.one.api("DELETE", "/names/" + name).status))
            told.add("\n".join(answers).replace(name, "NAME"))
        self.assertEqual(len(told), 1, told)
        for name in ("twos.example", "none.example"):
            self.refused(self.verify(self.one, name), 404, "not-found")
            self.refused(self.one.api("DELETE", "/names/" + name), 404, "not-found")

    def test_P22_that_a_claimed_name_is_served_for_another_is_not_told(self):
        self.assertEqual(self.house.api("POST", "/cas", {"name": "served"}).status, 201)
        self.prove(self.two, "served.example")
        self.two.api("POST", "/identities", {"name": "served"})
        self.two.api("POST", "/identities/served/keys", {"type": "ec:P-256"})
        r = self.two.api("POST", "/identities/served/requests", dict(FIELDS, common_name="served.example"))
        s = self.two.api("POST", "/authorities/served/requests", {"csr": r.json["pem"]})
        a = self.two.api("POST", "/identities/served/certificates", {"request": s.json["id"]})
        self.assertEqual(a.status, 201, a.text)
        mine = [n for n in self.two.api("GET", "/names").json["names"] if n["name"] == "served.example"][0]
        self.assertTrue(mine["covered"])
        for name in ("served.example", "unserved.example"):
            self.claim(self.one, name)
        told = {repr(sorted((k, v) for k, v in n.items() if k not in ("token", "url", "added"))).replace(n["name"], "")
                for n in self.one.api("GET", "/names").json["names"] if n["name"].endswith("served.example")}
        self.assertEqual(len(told), 1, told)
        for name in ("served.example", "unserved.example"):
            self.one.api("DELETE", "/names/" + name)

    def test_P32_who_runs_a_slow_server_holds_up_nobody(self):
        c = self.claim(self.one, "slow.example")
        self.names.put("slow.example", A, "127.0.0.1")
        self.web.put("/.well-known/certwright/" + c["token"], lambda: time.sleep(6) or b"")
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.verify(self.one, "slow.example", method="http")))
                   for _ in range(80)]
        for t in threads:
            t.start()
        time.sleep(1.5)
        begin = time.monotonic()
        self.assertEqual(self.two.api("GET", "/names").status, 200)
        self.assertLess(time.monotonic() - begin, 2)
        self.prove(self.two, "quick.example")
        for t in threads:
            t.join()
        said = [a.json["id"] for a in answers]
        self.assertEqual((len(said), set(said)), (80, {"fetch.busy", "fetch.late"}))
        self.assertLessEqual(said.count("fetch.late"), 8)

    def test_several_claim_and_the_first_proof_wins(self):
        mine, other = self.claim(self.one, "both.example"), self.claim(self.two, "both.example")
        self.assertNotEqual(mine["token"], other["token"])
        self.names.put(mine["record"], TXT, mine["token"], other["token"])
        self.assertEqual(self.verify(self.two, "both.example").status, 200)
        self.refused(self.verify(self.one, "both.example"), 409, "names.taken", "name")
        self.refused(self.asks(self.one, "both.example"), 409, "names.unproved", "common_name")
        self.assertEqual(self.asks(self.two, "both.example").status, 201)
        for name, kind in (("www.both.example", "dns"), ("www.both.example", "http")):
            c = self.one.api("POST", "/names", {"name": name})
            c = c.json if c.status == 201 else [n for n in self.one.api("GET", "/names").json["names"]
                                               if n["name"] == name][0]
            self.publish(c, kind)
            self.refused(self.verify(self.one, name, method=kind), 409, "names.taken", "name")
        a = self.one.inside("POST", "/names", {"name": "www.both.example"})
        self.refused(a, 409, "names.taken", "name")
        self.refused(self.house.api("PUT", "/names/base", {"domain": "x.both.example"}), 409, "names.taken", "domain")

    def test_a_file_stands_in_nobodys_way_but_that_names(self):
        self.prove(self.one, "host.shared.example", "http")
        self.prove(self.two, "other.shared.example", "http")
        c = self.claim(self.two, "shared.example")
        self.publish(c)
        self.refused(self.verify(self.two, "shared.example"), 409, "names.taken", "name")
        self.publish(c, "http")
        self.assertEqual(self.verify(self.two, "shared.example", method="http").status, 200)

    def test_what_cannot_be_claimed(self):
        self.claim(self.one, "again.example")
        for name, status, why in (("again.example", 409, "names.claimed"), ("one.example", 409, "names.taken"),
                                  ("x.one.example", 409, "names.taken"), ("*.x.example", 400, "names.wildcard"),
                                  ("co.uk", 400, "names.suffix"), ("localhost", 400, "name.dns.single-label")):
            self.refused(self.one.api("POST", "/names", {"name": name}), status, why, "name")
        self.refused(self.one.api("POST", "/names/again.example/verify", {"method": "mail"}), 400, "field.choice",
                     "method")

    def test_who_may(self):
        for role in ("operator", "auditor"):
            token = self.one.person(role, role)
            for path in ("/names", "/names/x.example/verify"):
                self.refused(self.one.api("POST", path, {"name": "x.example"}, token=token), 403, "capability")
        self.refused(self.one.api("DELETE", "/names/one.example"), 403, "names.given", "name")
        self.claim(self.one, "later.example")
        self.assertEqual(self.one.inside("POST", "/names", {"name": "later.example"}).json["state"], "given")
        self.assertEqual(self.asks(self.one, "www.later.example").status, 201)
        self.assertEqual([n["state"] for n in self.one.api("GET", "/names").json["names"]
                          if n["name"] == "later.example"], ["given"])

    def test_claims_are_counted(self):
        t = Tenant(self.house, "many")
        for i in range(200):
            self.assertEqual(t.api("POST", "/names", {"name": "n%d.example" % i}).status, 201)
        self.refused(t.api("POST", "/names", {"name": "n200.example"}), 429, "names.claims.many", "name")
        self.assertEqual(t.api("DELETE", "/names/n0.example").status, 200)
        self.claim(t, "n200.example")

    def test_P34_a_name_that_leads_inside_is_not_asked(self):
        c = self.claim(self.one, "inside.example")
        self.names.put("inside.example", A, "10.0.0.1")
        a = self.verify(self.one, "inside.example", method="http")
        self.refused(a, 403, "fetch.forbidden")
        self.assertNotIn("10.0.0.1", a.text)
        self.names.put("inside.example", A, "169.254.169.254")
        self.refused(self.verify(self.one, "inside.example", method="http"), 403, "fetch.forbidden")
        self.assertEqual(c["state"], "claimed")

    def test_what_is_installed_is_presented(self):
        ca = CA()
        t = Tenant(self.house, "serves")
        t.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        self.prove(t, "serves-own.example")
        made = t.request(common_name="serves-own.example")
        own = t.install(ca, made["pem"])["certificate"]["sha256"]
        def leads():
            return hashlib.sha256(self.house.served(name="serves-own.example")).hexdigest() == own
        self.assertTrue(leads())
        self.assertEqual(t.api("DELETE", "/names/serves-own.example").status, 200)
        self.assertFalse(leads())
        ca.close()

    def test_the_page_says_what_to_publish_and_looks(self):
        t = Tenant(self.house, "paged")
        b = t.browser()
        page = b.post("/settings/security/names", {"name": "paged-own.example"}, b.get("/settings/security/names"))
        self.assertEqual((page.status, page.path), (200, "/settings/security/names"))
        c = [n for n in t.api("GET", "/names").json["names"] if n["name"] == "paged-own.example"][0]
        for text in (c["record"], c["token"], c["url"], "Claimed, not proved yet", 'data-copy="token-paged-own.example"'):
            self.assertIn(text, page.text)
        verify = "/settings/security/names/paged-own.example/verify"
        page = b.post(verify, {"method": "dns"}, page)
        self.assertEqual(page.status, 422)
        self.assertIn("There is no TXT record at " + c["record"], page.text)
        self.publish(c)
        page = b.post(verify, {"method": "dns"}, page)
        self.assertEqual(page.path, "/settings/security/names")
        self.assertIn("Proved by DNS, good for ", page.text)
        page = b.post("/settings/security/names/paged-own.example/remove", {}, page)
        self.assertNotIn("paged-own.example", page.text)

    def test_the_command_line_claims_and_proves(self):
        token = os.path.join(self.house.data, "one.token")
        with open(token, "w") as f:
            f.write(self.one.token)

        def run(*args):
            r = subprocess.run([os.path.join(BUILD, "certwright"), "--server", self.house.url, "--fingerprint",
                                hashlib.sha256(self.house.served()).hexdigest(), "--token-file", token, "names", *args],
                               capture_output=True, text=True, timeout=60)
            return r.returncode, r.stdout + r.stderr

        code, said = run("add", "by-cli.example")
        self.assertEqual(code, 0, said)
        self.assertIn("_certwright-challenge.by-cli.example", said)
        code, said = run("verify", "by-cli.example")
        self.assertEqual(code, 5, said)
        c = [n for n in self.one.api("GET", "/names").json["names"] if n["name"] == "by-cli.example"][0]
        self.publish(c, "http")
        code, said = run("verify", "by-cli.example", "--method", "http")
        self.assertEqual(code, 0, said)
        self.assertRegex(said, r"State: +proved")
        r = self.house.cli("--tenant", "one", "names", "list")
        self.assertRegex(r.stdout, r"by-cli.example +proved")
        self.assertEqual(run("remove", "by-cli.example")[0], 0)


@unittest.skipUnless(SEAMS, "the clock is moved in test builds")
class Age(ProofCase):
    def test_M11_a_proof_ends_and_then_nothing_new_is_asked_for(self):
        made = self.prove(self.one, "aged.example")
        self.assertEqual(made["state"], "proved")
        other = self.claim(self.two, "aged.example")
        self.publish(other)
        self.refused(self.verify(self.two, "aged.example"), 409, "names.taken", "name")
        page = self.signed_in().get("/t/one/settings/security/names").text
        self.assertRegex(page, "Proved by DNS, good for (1[0-9]{2}|200|[0-9]{1,2}) days")
        self.house.at(201 * DAY)
        # tokens have ended, too: the local administrator acts in the tenants
        mine = [n for n in self.one.inside("GET", "/names").json["names"] if n["name"] == "aged.example"][0]
        self.assertEqual((mine["state"], mine["method"]), ("aged", "dns"))
        a = self.one.inside("POST", "/identities/portal/requests", dict(FIELDS, common_name="www.aged.example"))
        self.refused(a, 409, "names.aged", "common_name")
        self.assertIn("certwright names verify aged.example", a.json["hint"])
        # an old proof gives way to a new one
        self.assertEqual(self.two.inside("POST", "/names/aged.example/verify").json["state"], "proved")
        mine = [n for n in self.one.inside("GET", "/names").json["names"] if n["name"] == "aged.example"][0]
        self.assertEqual(mine["state"], "claimed")
        lost = self.one.inside("GET", "/audit?text=aged.example").json["events"]
        self.assertIn("names.lose", [e["action"] for e in lost])


if __name__ == "__main__":
    tap.main()
