"""Tenants: what they are, who acts in them, and that none sees another (P22)."""

import base64
import re

import tap
from ca import CA
from case import Case
from house import FIELDS, PASSWORD, Browser
from tenant import Tenant

NONE = "00000000000000000000000000"


class Life(Case):
    def test_a_tenant_is_made_changed_suspended_and_deleted(self):
        t = Tenant(self.house, "life")
        a = self.house.api("PUT", "/tenants/life", {"contact": "it@life.example", "max_requests": 1})
        self.assertEqual((a.status, a.json["contact"], a.json["max_requests"]),
                         (200, "it@life.example", 1))
        self.assertEqual(t.api("GET", "/identities").json["identities"][0]["name"], "portal")
        a = self.house.api("POST", "/tenants/life/suspend", {"reason": "unpaid"})
        self.assertEqual((a.status, a.json["state"]), (200, "suspended"))
        a = t.api("GET", "/identities")
        self.refused(a, 403, "tenant.suspended")
        self.assertIn("unpaid", a.json["detail"])
        self.assertEqual(t.inside("GET", "/identities").status, 200)
        self.assertEqual(self.house.api("POST", "/tenants/life/resume").json["state"], "active")
        self.assertEqual(t.api("GET", "/identities").status, 200)
        self.refused(self.house.api("POST", "/tenants/life/delete", {"confirm": "live"}), 400,
                     "tenant.confirm", "confirm")
        self.assertEqual(self.house.api("POST", "/tenants/life/delete",
                                        {"confirm": "life"}).status, 200)
        self.refused(t.api("GET", "/identities"), 401, "token.unknown")
        self.refused(t.inside("GET", "/identities"), 404, "not-found")
        self.assertEqual([x["name"] for x in
                          self.house.api("GET", "/tenants?state=deleted").json["tenants"]], ["life"])
        Tenant(self.house, "life")  # the name is free again

    def test_the_list_is_searched_and_paged_here(self):
        for i in range(5):
            Tenant(self.house, "page-%d" % i)
        a = self.house.api("GET", "/tenants?text=page-&limit=3").json
        self.assertEqual(([t["name"] for t in a["tenants"]], a["more"]),
                         (["page-0", "page-1", "page-2"], True))
        a = self.house.api("GET", "/tenants?text=page-&limit=3&after=page-2").json
        self.assertEqual(([t["name"] for t in a["tenants"]], a["more"]),
                         (["page-3", "page-4"], False))

    def test_limits_are_kept(self):
        t = Tenant(self.house, "small")
        self.house.api("PUT", "/tenants/small", {"max_identities": 2, "max_requests": 2,
                                                "max_certificates": 1})
        self.assertEqual(t.api("POST", "/identities", {"name": "one"}).status, 201)
        self.refused(t.api("POST", "/identities", {"name": "two"}), 429, "tenant.quota")
        t.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        t.api("POST", "/identities/one/keys", {"type": "ec:P-256"})
        made, other = t.request(), t.request("one")
        self.refused(t.api("POST", "/identities/portal/requests", FIELDS), 429, "tenant.quota")
        ca = CA()
        self.addCleanup(ca.close)
        t.install(ca, made["pem"])
        t.install(ca, made["pem"])  # a renewal is none more
        a = t.api("POST", "/identities/one/certificates", {"files": [
            {"name": "a", "content": base64.b64encode(ca.sign(other["pem"].encode())).decode()}]})
        self.refused(a, 429, "tenant.quota")

    def test_bad_numbers_are_refused_at_their_field(self):
        for bad, why in (("x", "field.number"), ("-1", "tenant.limit"), ("1.5", "field.number"),
                         ("1000001", "tenant.limit"), (1000001, "tenant.limit"), (-3, "tenant.limit")):
            self.refused(self.house.api("POST", "/tenants", {"name": "numbers", "max_requests": bad}),
                         400, why, "max_requests")


class People(Case):
    def test_an_invited_person_sets_the_password_and_is_in(self):
        Tenant(self.house, "inv")
        a = self.house.api("POST", "/t/inv/accounts/invite", {
            "name": "john", "email": "john@inv.example", "role": "operator"})
        self.assertEqual((a.status, a.json["login"], a.json["role"]), (201, "john@inv", "operator"))
        path = "/invitation/" + a.json["url"].rsplit("/", 1)[1]
        b = Browser(self.house)
        page = b.get(path)
        self.assertIn("<strong>john@inv</strong>", page.text)
        self.wrong(b.post(path, {"password": "short"}, page), "password")
        page = b.post(path, {"password": PASSWORD}, page)
        self.assertEqual((page.status, page.path), (200, "/components"))
        self.assertIn("Operator of inv", page.text)
        self.assertEqual(Browser(self.house).get(path).status, 404)
        self.assertNotIn(a.json["url"].rsplit("/", 1)[1], self.house.errors())

    def test_nothing_that_was_typed_is_lost_between_the_two_ways_to_add(self):
        b = self.signed_in()
        new = {"name": "ann", "email": "ann@example.com", "role": "auditor", "password": PASSWORD}
        page = b.post("/settings/accounts/invite", new, b.get("/settings/accounts"))
        self.assertEqual(page.status, 400)
        self.wrong(page, "password")
        self.assertIn('value="ann@example.com"', page.text)
        page = b.post("/settings/accounts/invite", dict(new, password=""), page)
        self.assertEqual(page.status, 200)
        link = re.search(r"/invitation/[A-Za-z0-9_-]+", page.text).group(0)
        self.assertEqual(Browser(self.house).get(link).status, 200)

    def test_V1_the_door_of_the_Super_Admins_is_theirs(self):
        Tenant(self.house, "door").browser()
        b = Browser(self.house)
        page = b.sign_in("jane@door", PASSWORD)
        self.assertEqual(page.status, 403)
        self.assertIn("this door is for Super Admins", page.text.replace("This", "this"))
        self.assertIn("sign-in.door", [e["outcome"] for e in self.events("session.sign-in")])

    def test_roles_are_one_table(self):
        t = Tenant(self.house, "roles")
        operator, auditor = t.person("op", "operator"), t.person("au", "auditor")
        key = ("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        self.refused(t.api(*key, token=auditor), 403, "capability")
        self.assertEqual(t.api(*key, token=operator).status, 201)
        for token in (operator, auditor):
            self.assertEqual(t.api("GET", "/identities", token=token).status, 200)
            self.refused(t.api("POST", "/identities", {"name": "x"}, token=token), 403, "capability")
            self.refused(t.api("GET", "/accounts", token=token), 403, "capability")
        self.refused(t.api("POST", "/accounts", {
            "name": "boss", "email": "b@roles.example", "password": PASSWORD, "role": "super"}),
            400, "account.role", "role")


class Acting(Case):
    def test_a_Super_Admin_acts_in_a_tenant_under_its_address(self):
        Tenant(self.house, "inside")
        b = self.signed_in()
        page = b.get("/t/inside/settings/security/key")
        self.assertIn("You act in the tenant <strong>inside</strong>", page.text)
        self.assertNotIn('href="/settings/security/', page.text)
        self.assertIn("certwright --tenant inside key generate", page.text)
        self.assertIn("/api/v1/t/inside/identities", page.text)
        page = b.post("/t/inside/settings/security/key", {"type": "ec:P-256"}, page)
        self.assertTrue(page.path.startswith("/t/inside/settings/security/key"), page.path)
        self.assertEqual(page.status, 200)
        mine = self.house.api("GET", "/t/inside/identities/portal/keys").json["keys"]
        self.assertEqual(len(mine), 1)
        self.assertEqual(self.house.api("GET", "/keys/" + mine[0]["id"]).status, 404)
        e = self.house.api("GET", "/t/inside/audit?text=key.generate").json["events"][0]
        self.assertEqual((e["actor"], e["role"]), ("root", "super"))
        self.assertIn("<h1>Components</h1>", b.get("/t/inside").text)

    def test_what_is_of_the_system_is_not_in_a_tenant(self):
        t = Tenant(self.house, "none")
        for path in ("/tenants", "/cas", "/issued", "/password-policy", "/config", "/status"):
            self.refused(t.inside("GET", path), 404, "page.none")
            self.refused(t.api("GET", path), 403, "capability")
        self.house.api("POST", "/cas", {"name": "house"})
        self.refused(t.api("GET", "/authorities/house"), 404, "authority.unknown", "authority")


class Isolation(Case):
    """Every route with a tenant in it, asked by acme for what zeta has."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = CA()
        cls.acme, cls.zeta = (cls.filled(Tenant(cls.house, n)) for n in ("acme", "zeta"))
        cls.routes = [r for r in cls.dump() if r["tenant"]]

    @classmethod
    def tearDownClass(cls):
        cls.ca.close()
        super().tearDownClass()

    @classmethod
    def dump(cls):
        import json
        import os
        import subprocess
        from house import BUILD
        return json.loads(subprocess.run([os.path.join(BUILD, "certwrightd"), "--dump-routes"],
                                         capture_output=True, check=True).stdout)

    @classmethod
    def filled(cls, t):
        """One of each kind, and what names it in an address."""
        t.api("POST", "/identities", {"name": "of-" + t.name})
        t.api("POST", "/identities/portal/keys", {"type": "ec:P-256", "exportable": True})
        made = t.request()
        a = t.api("POST", "/authorities/private/requests", {"csr": made["pem"]})
        assert a.status in (201, 202), a.text
        submission = a.json["id"]
        installed = t.install(cls.ca, made["pem"])
        t.api("POST", "/trust", {"content": base64.b64encode(cls.ca.root).decode()})
        token = t.inside("GET", "/tokens").json["tokens"][0]["id"]
        t.has = {"identities": "of-" + t.name, "keys": made["key"], "requests": made["id"],
                 "certificates": installed["id"], "submissions": submission,
                 "trust": t.api("GET", "/trust").json["trust"][0]["id"],
                 "accounts": t.api("GET", "/accounts").json["accounts"][0]["id"],
                 "tokens": token}
        return t

    BODIES = {
        "key.generate": {"type": "ec:P-256"}, "csr.regenerate": FIELDS,
        "key.import": {"text": "AAAA"}, "key.export": {"passphrase": "x" * 20},
        "key.approve": {"code": "123456"}, "key.replace": {"note": "x"},
        "account.password": {"password": PASSWORD + "x"},
        "certificate.check": {"files": [{"name": "a", "content": "AAAA"}]},
        "certificate.install": {"files": [{"name": "a", "content": "AAAA"}]},
        "submission.submit": {"csr": "x"}, "certificate.rollback": {"reason": "x"},
    }

    def kind(self, route):
        """What its address names: the word before the parameter."""
        path = route["api_path"] or route["portal_path"]
        word = path[:path.index("{")].rstrip("/").rsplit("/", 1)[1]
        return {"key": "keys", "csr": "requests", "certificate": "certificates",
                "ca-certificates": "trust"}.get(word, word)

    def ask(self, route, path, identity):
        """What comes back to acme's admin, without what was asked for."""
        method = route["method"]
        body = self.BODIES.get(route["handler"], {} if method in ("POST", "PUT") else None)
        a = self.acme.api(method, path[len("/api/v1"):], body)
        return a.status, a.headers["Content-Type"], a.text.replace(identity, "ID")

    def test_P22_what_another_tenant_has_does_not_exist(self):
        asked = 0
        for route in self.routes:
            if not route["api_path"] or not route["params"]:
                continue
            kind = self.kind(route)
            if kind == "authorities":
                continue  # cards are the same for all
            with self.subTest(route["handler"]):
                self.assertIn(kind, self.zeta.has)
                answers = []
                for there in (self.zeta.has[kind], NONE):
                    path = re.sub(r"{\w+}", there, route["api_path"])
                    answers.append(self.ask(route, path, there))
                self.assertEqual(answers[0], answers[1])
                self.assertEqual(answers[0][0], 404, answers[0])
                asked += 1
        self.assertGreater(asked, 30)

    def test_P22_what_one_has_itself_does_exist(self):
        """Or the test above could not fail."""
        for route in self.routes:
            if not route["api_path"] or not route["params"] or route["method"] != "GET":
                continue
            kind = self.kind(route)
            if kind == "authorities" or route["handler"] in ("key.replacement", "key", "csr.newest",
                                                             "certificate.active"):
                continue  # of-acme has none of these yet
            with self.subTest(route["handler"]):
                path = re.sub(r"{\w+}", self.acme.has[kind], route["api_path"])
                self.assertEqual(self.ask(route, path, NONE)[0], 200)

    def test_P22_lists_have_nothing_of_others(self):
        words = [v for v in self.zeta.has.values()] + [self.zeta.id, "zeta"]
        for route in self.routes:
            if not route["api_path"] or route["params"] or route["method"] != "GET":
                continue
            with self.subTest(route["handler"]):
                a = self.acme.api("GET", route["api_path"][len("/api/v1"):])
                self.assertEqual(a.status, 200, a.text)
                for w in words:
                    self.assertNotIn(w, a.text)

    def test_P22_no_address_leads_into_another_tenant(self):
        for route in self.routes:
            if not route["api_path"]:
                continue
            with self.subTest(route["handler"]):
                answers = []
                for name in ("zeta", "nobody"):
                    own = re.sub(r"{\w+}", self.zeta.has.get(
                        self.kind(route), NONE) if route["params"] else "", route["api_path"])
                    path = own.replace("/api/v1", "/api/v1/t/" + name, 1)
                    answers.append(self.ask(route, path, name))
                self.assertEqual(answers[0], answers[1])
                self.assertEqual(answers[0][0], 404)

    def test_P22_pages_show_nothing_of_others(self):
        b = self.acme.browser()
        for route in self.routes:
            if not route["portal_path"] or route["method"] != "GET" or \
                    route["handler"] == "activity":
                continue  # what acme itself has asked for stands there
            answers = []
            for there in (self.zeta.has.get(self.kind(route), NONE) if route["params"] else "", NONE):
                a = b.get(re.sub(r"{\w+}", there, route["portal_path"]), follow=False)
                text = re.sub(r'value="[0-9a-f]{64}"', "", a.text.replace(there or NONE, "ID"))
                self.assertNotIn("zeta", text, route["handler"])
                answers.append((a.status, text if route["params"] else ""))
            self.assertEqual(answers[0], answers[1], route["handler"])

    def test_P22_the_command_line_says_the_same(self):
        import os
        import tempfile
        from house import BUILD
        import subprocess
        with tempfile.NamedTemporaryFile("w") as f:
            f.write(self.acme.token)
            f.flush()

            def run(*args):
                r = subprocess.run([os.path.join(BUILD, "certwright"), "--server", self.house.url,
                                    "--token-file", f.name, "--fingerprint", self.print()] +
                                   list(args), capture_output=True, text=True, timeout=60)
                return r.returncode, r.stdout, r.stderr
            for command in (["key", "show"], ["csr", "show"], ["certificate", "show"],
                            ["identity", "show"], ["request", "show"]):
                kind = {"key": "keys", "csr": "requests", "certificate": "certificates",
                        "identity": "identities", "request": "submissions"}[command[0]]
                there = run(*command, self.zeta.has[kind])
                self.assertEqual(there, run(*command, NONE), command)
                self.assertEqual(there[0], 8, there)
            self.assertEqual(run("--tenant", "zeta", "identity", "list"),
                             run("--tenant", "nobody", "identity", "list"))

    def print(self):
        import hashlib
        return hashlib.sha256(self.house.served()).hexdigest()

    def test_P22_the_audit_of_a_tenant_is_its_own(self):
        for e in self.acme.api("GET", "/audit?limit=500").json["events"]:
            self.assertEqual(e["tenant"], self.acme.id, e)
        seen = {e["tenant"] for e in self.house.api("GET", "/audit?limit=500").json["events"]}
        self.assertTrue({self.acme.id, self.zeta.id, "system"} <= seen)


tap.main()
