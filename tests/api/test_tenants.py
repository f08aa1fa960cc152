"""Tenants: what they are, who acts in them, and that none sees another (P22)."""

import base64
import hashlib
import re
import threading
import time

import tap
from ca import CA, openssl
from case import Case
from house import FIELDS, PASSWORD, Browser, House
from servers import Folder
from tenant import Tenant

NONE = "00000000000000000000000000"


class Many(Case):
    def test_P32_who_makes_large_keys_without_end_holds_up_nobody(self):
        one, two = Tenant(self.house, "keyone"), Tenant(self.house, "keytwo")
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(
            one.api("POST", "/identities/portal/keys", {"type": "rsa:4096"}))) for _ in range(80)]
        for t in threads:
            t.start()
        time.sleep(1.5)
        begin = time.monotonic()
        self.assertEqual(two.api("GET", "/names").status, 200)
        self.assertLess(time.monotonic() - begin, 3)
        for t in threads:
            t.join()
        said = [a.json["id"] for a in answers if a.status == 429]
        self.assertEqual({a.status for a in answers}, {201, 429})
        self.assertEqual(set(said), {"key.busy"})


    def test_P32_who_sends_files_that_take_long_holds_up_nobody(self):
        one, two, folder = Tenant(self.house, "fileone"), Tenant(self.house, "filetwo"), Folder()
        self.addCleanup(folder.close)
        key, cert, p12 = (folder.file(n) for n in ("key", "cert", "p12"))
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x", "-keyout", key, "-out", cert)
        openssl("pkcs12", "-export", "-inkey", key, "-in", cert, "-iter", "1000000", "-passout", "pass:x", "-out", p12)
        with open(p12, "rb") as f:
            part = b'--b\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
            body = part % (b"files", b'; filename="a.p12"', f.read()) + part % (b"passphrase", b"", b"x") + b"--b--\r\n"
        one.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(self.house.request(
            "POST", "/api/v1/identities/portal/certificates/check", body, {
                "Authorization": "Bearer " + one.token, "Content-Type": "multipart/form-data; boundary=b"})))
                   for _ in range(80)]
        for t in threads:
            t.start()
        time.sleep(1.5)
        begin = time.monotonic()
        self.assertEqual(two.api("GET", "/names").status, 200)
        self.assertLess(time.monotonic() - begin, 3)
        for t in threads:
            t.join()
        self.assertEqual({a.json["id"] for a in answers if a.status == 429} - {"reader.timeout"}, {"files.busy"})
        self.assertEqual({a.status for a in answers}, {200, 429})


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
        self.refused(t.api("POST", "/identities/portal/requests", dict(
            FIELDS, common_name="small.example")), 429, "tenant.quota")
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


class Lists(Case):
    def test_a_list_that_goes_on_says_so(self):
        for name in ("a", "b", "c"):
            self.house.api("POST", "/tenants", {"name": name})
        r = self.house.cli("tenant", "list", "--limit", "2")
        self.assertIn("there are more: --after b", r.stderr)
        r = self.house.cli("tenant", "list", "--limit", "2", "--after", "b")
        self.assertEqual((r.stderr, r.stdout.split("\n")[1].split()[0]), ("", "c"))
        self.assertEqual(self.house.cli("tenant", "list", "--limit", "2", "--json").stderr, "")
        r = self.house.cli("audit", "list", "--limit", "1")
        last = r.stdout.split("\n")[1].split()[0]
        self.assertIn("there are more: --before " + last, r.stderr)
        self.assertEqual(self.house.cli("renewal", "list", "--text", "a").stderr, "")


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


    def test_P23_a_name_as_long_as_it_may_be_signs_in(self):
        name, person = "t" * 63, "p" * 64
        t = Tenant(self.house, name)
        t.person(person, "auditor")
        self.assertEqual(t.browser(person).get("/components", follow=False).status, 200)

    def test_who_comes_back_finds_the_door_of_the_own(self):
        t = Tenant(self.house, "back")
        b = t.browser()
        self.assertEqual(b.get("/components", follow=False).status, 200)
        t.inside("POST", "/accounts/jane/disable")
        self.assertTrue(b.get("/requests").path.startswith("/admin?next="))
        self.assertTrue(Browser(self.house).get("/t/back/requests").path.startswith("/admin?next="))
        t.inside("POST", "/accounts/jane/enable")
        b = t.browser()
        self.assertEqual(b.post("/sign-out", {}, b.get("/components")).path, "/admin")

    def test_a_suspended_tenants_people_are_told_why(self):
        t = Tenant(self.house, "unpaid")
        b = t.browser()
        self.house.api("POST", "/tenants/unpaid/suspend", {"reason": "three bills"})
        page = b.get("/components")
        self.assertEqual(page.status, 403)
        self.assertIn("three bills", page.text)
        self.assertEqual(b.get("/admin").status, 200)

    def test_P22_a_sign_in_of_somebody_else_is_not_recorded_as_ones_own(self):
        Tenant(self.house, "here")
        other = Tenant(self.house, "there")
        b = Tenant(self.house, "from").browser()
        b.post("/admin", {"name": "jane@there", "password": "wrong-wrong-wrong"}, b.get("/account"))
        e = other.api("GET", "/audit?text=session.sign-in").json["events"][0]
        self.assertEqual((e["outcome"], e["actor"], e["role"]), ("sign-in.wrong", "", ""))

    def test_P22_nobodys_idempotency_keys_are_taken_or_probed(self):
        body = {"name": "keyed"}
        key = {"Idempotency-Key": "nightly"}
        a = self.house.api("POST", "/identities", body, headers=key)
        self.assertEqual(a.status, 201)
        b = Browser(self.house)
        page = b.get("/super")
        for k in ("nightly", "unused"):
            a = b.go("POST", "/sign-in", "name=root&password=x", {
                "Idempotency-Key": k, "Content-Type": "application/x-www-form-urlencoded"})
            self.assertEqual(a.status, 401, k)
        self.assertIn("Sign in", page.text)
        self.assertEqual(self.house.api("POST", "/identities", body, headers=key).status, 201)

    def test_an_invited_person_has_no_token_yet(self):
        t = Tenant(self.house, "early")
        t.inside("POST", "/accounts/invite", {"name": "john", "email": "j@early.example"})
        self.refused(t.inside("POST", "/tokens", {"user": "john"}), 400, "token.user", "user")

    def test_a_deleted_tenants_lockouts_go_with_it(self):
        for _ in range(2):
            t = Tenant(self.house, "again")
            self.assertEqual(t.browser().get("/account").status, 200)
            b = Browser(self.house, "127.0.0.9")
            for _ in range(8):
                page = b.post("/admin", {"name": "jane@again", "password": "wrong"}, b.get("/admin"))
            self.assertEqual(page.status, 429)
            self.house.api("POST", "/tenants/again/delete", {"confirm": "again"})
        t = Tenant(self.house, "again")
        b = Browser(self.house, "127.0.0.9")
        page = b.post("/admin", {"name": "jane@again", "password": PASSWORD}, b.get("/admin"))
        self.assertEqual(page.path, "/components")


class Acting(Case):
    def test_an_address_of_a_tenant_is_its_own_or_nothing(self):
        t, other = Tenant(self.house, "addr"), Tenant(self.house, "other")
        b = t.browser()
        page = b.post("/t/other/admin", {"name": "jane@addr", "password": PASSWORD}, b.get("/account"))
        self.assertEqual(page.status, 404)
        page = b.get("/t/other/components")
        self.assertEqual(page.status, 404)
        self.assertNotIn('href="/t/other', page.text)
        root = self.signed_in()
        page = root.get("/t/addr/settings/security/nothing")
        self.assertEqual(page.status, 404)
        self.assertNotIn('href="/tenants"', page.text.replace('href="/tenants/addr"', ""))
        self.assertIn('href="/t/addr/components"', page.text)
        self.assertEqual(root.get("/t/addr/").status, 200)
        self.assertEqual(other.api("GET", "/identities").status, 200)

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
        for path in ("/tenants", "/cas", "/cas/house/policy", "/password-policy", "/config", "/status"):
            self.refused(t.inside("GET", path), 404, "page.none")
            self.refused(t.api("GET", path), 403, "capability")


class Names(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = CA()
        assert cls.house.api("PUT", "/names/base", {"domain": "VC.Example.com"}).status == 200
        cls.one, cls.two = (Tenant(cls.house, n) for n in ("one", "two"))
        for t in (cls.one, cls.two):
            t.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})

    @classmethod
    def tearDownClass(cls):
        cls.ca.close()
        super().tearDownClass()

    def asks(self, tenant, name, names=""):
        return tenant.api("POST", "/identities/portal/requests", dict(
            FIELDS, common_name=name, names=names))

    def test_V25_each_tenant_has_a_name_of_its_own_under_one_domain(self):
        a = self.house.api("GET", "/names").json
        self.assertEqual(a["base"], "vc.example.com")
        self.assertEqual({t["tenant"]: [n["name"] for n in t["names"] if n["by_itself"]]
                          for t in a["tenants"]},
                         {"one": ["one.vc.example.com"], "two": ["two.vc.example.com"]})
        page = self.signed_in().get("/settings/security/names").text
        for word in ("one.vc.example.com", "two.vc.example.com", "under vc.example.com"):
            self.assertIn(word, page)

    def test_M28_own_names_only_and_a_foreign_one_is_as_one_that_is_nobodys(self):
        for name in ("one.vc.example.com", "deep.er.one.vc.example.com", "*.one.vc.example.com",
                     "one.example", "www.one.example", "ONE.vc.example.com"):
            self.assertEqual(self.asks(self.one, name).status, 201, name)
        told = set()
        for name in ("two.vc.example.com", "two.example", "nobodys.example", "vc.example.com",
                     "*.vc.example.com", "xone.example", "none.vc.example.com"):
            a = self.asks(self.one, name)
            self.refused(a, 400, "names.foreign", "common_name")
            told.add(a.text.replace(name, "NAME"))
        self.assertEqual(len(told), 1)
        for name in ("two.example", "192.0.2.7", "2001:db8::1"):
            self.refused(self.asks(self.one, "one.example", name), 400, "names.foreign", "names")

    def test_M28_a_CSR_from_elsewhere_is_held_to_the_same(self):
        def csr(name):
            return openssl("req", "-new", "-newkey", "ed25519", "-nodes", "-keyout", "/dev/null",
                           "-subj", "/CN=" + name, "-addext", "subjectAltName=DNS:" + name).decode()
        a = self.one.api("POST", "/authorities/private/requests", {"csr": csr("two.example")})
        self.refused(a, 400, "names.foreign", "names")
        a = self.one.api("POST", "/authorities/private/requests", {"csr": csr("x.one.example")})
        self.assertEqual(a.status, 202, a.text)

    def test_a_name_belongs_to_one(self):
        for name in ("two.example", "www.two.example", "vc.example.com", "x.vc.example.com",
                     "example.com"):
            a = self.one.inside("POST", "/names", {"name": name})
            self.refused(a, 409, "names.taken", "name")
        for name, why in (("*.three.example", "names.wildcard"), ("co.uk", "names.suffix"),
                          ("com", "name.dns.single-label"), ("a_b.example", "name.dns.underscore"), ("", "field.required")):
            self.assertEqual(self.one.inside("POST", "/names", {"name": name}).json["id"], why, name)
        self.refused(self.house.api("POST", "/names", {"name": "x.example"}), 400, "names.system")
        self.refused(self.house.api("PUT", "/names/base", {"domain": "www.two.example"}), 409,
                     "names.taken", "domain")

    def test_names_are_served_while_they_are_ones_own(self):
        made = self.one.request(common_name="one.vc.example.com", names="shop.one.example")
        own = self.one.install(self.ca, made["pem"])["certificate"]["sha256"]

        def leads(name):
            return hashlib.sha256(self.house.served(name=name)).hexdigest() == own
        self.assertTrue(leads("one.vc.example.com") and leads("shop.one.example"))
        self.assertFalse(leads("two.vc.example.com") or leads(None))
        c = self.one.api("GET", "/components").json["components"]
        self.assertEqual([(x["identity"], x["type"], x["served"]) for x in c],
                         [("portal", "own listener, by name", "same")])
        self.house.restart()
        self.assertTrue(leads("shop.one.example"))
        self.assertEqual(self.one.inside("DELETE", "/names/one.example").status, 200)
        self.assertFalse(leads("shop.one.example"))
        self.assertTrue(leads("one.vc.example.com"))
        self.assertEqual(self.one.inside("POST", "/names", {"name": "one.example"}).status, 201)
        self.assertTrue(leads("shop.one.example"))

    def test_V29_a_new_tenant_below_the_wildcard_is_covered_at_once(self):
        self.house.api("POST", "/identities", {"name": "shared"})
        self.house.api("POST", "/identities/shared/keys", {"type": "ec:P-256"})
        a = self.house.regenerate("shared", common_name="*.vc.example.com", names="")
        a = self.house.install(self.ca.sign(a.json["pem"].encode()) + self.ca.inter, identity="shared")
        self.assertEqual(a.status, 201, a.text)
        t = Tenant(self.house, "fresh")
        mine = {n["name"]: n for n in t.api("GET", "/names").json["names"]}
        self.assertTrue(mine["fresh.vc.example.com"]["covered"])
        self.assertIsNone(mine["fresh.vc.example.com"]["identity"], "it is another's")
        self.assertFalse(mine["fresh.example"]["covered"])

    def test_the_system_stands_before_its_tenants(self):
        self.house.api("POST", "/identities", {"name": "front"})
        self.house.api("POST", "/identities/front/keys", {"type": "ec:P-256"})
        a = self.house.regenerate("front", common_name="late.vc.example.com", names="")
        own = self.house.install(self.ca.sign(a.json["pem"].encode()) + self.ca.inter,
                                 identity="front").json["certificate"]["sha256"]
        t = Tenant(self.house, "late")
        t.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        t.install(self.ca, t.request(common_name="late.vc.example.com")["pem"])
        self.assertEqual(hashlib.sha256(self.house.served(name="late.vc.example.com")).hexdigest(), own)


class Isolation(Case):
    """Every route with a tenant in it, asked by acme for what zeta has."""

    @classmethod
    def build(cls):
        cls.host = Folder()
        return House(options=["--targets", cls.host.write("targets", "".join(
            "[of-%s]\nkind = files\ncombined = %s\n" % (n, cls.host.file(n + ".pem")) for n in ("acme", "zeta")))])

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = CA()
        assert cls.house.api("POST", "/cas", {"name": "house"}).status == 201
        cls.acme, cls.zeta = (cls.filled(Tenant(cls.house, n)) for n in ("acme", "zeta"))
        cls.routes = [r for r in cls.dump() if r["tenant"]]

    @classmethod
    def tearDownClass(cls):
        cls.ca.close()
        super().tearDownClass()
        cls.host.close()

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
        a = t.api("POST", "/authorities/house/requests", {"csr": made["pem"]})
        assert a.status == 201, a.text
        issued = a.json["serial"]
        installed = t.install(cls.ca, made["pem"])
        t.api("POST", "/trust", {"content": base64.b64encode(cls.ca.root).decode()})
        token = t.inside("GET", "/tokens").json["tokens"][0]["id"]
        a = t.inside("POST", "/components", {"name": "of-" + t.name, "target": "of-" + t.name,
                                             "identity": "of-" + t.name})
        assert a.status == 201, a.text
        a = t.inside("POST", "/found", {"servers": ["192.0.2.1:443"]})
        assert a.status == 202, a.text
        t.has = {"found": a.json["found"][0]["id"], "components": "of-" + t.name, "identities": "of-" + t.name, "keys": made["key"], "requests": made["id"],
                 "certificates": installed["id"], "submissions": submission, "issued": issued,
                 "trust": t.api("GET", "/trust").json["trust"][0]["id"],
                 "accounts": t.api("GET", "/accounts").json["accounts"][0]["id"],
                 "tokens": token, "renewals": "of-" + t.name, "names": t.name + ".example"}
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
                self.assertEqual(answers[0][0], 403 if route["capability"] == "super" else 404,
                                 answers[0])
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
                # what the host has is a Super Admin's to see
                self.assertEqual(a.status, 403 if route["capability"] == "super" else 200, a.text)
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
        return hashlib.sha256(self.house.served()).hexdigest()

    def test_P22_the_audit_of_a_tenant_is_its_own(self):
        for e in self.acme.api("GET", "/audit?limit=500").json["events"]:
            self.assertEqual(e["tenant"], self.acme.id, e)
        seen = {e["tenant"] for e in self.house.api("GET", "/audit?limit=500").json["events"]}
        self.assertTrue({self.acme.id, self.zeta.id, "system"} <= seen)


tap.main()
