"""Applications: where each is served; a change is tried first, and is over by
itself unless it is kept from where the Super Admin still gets in."""

import http.client
import json
import re
import ssl
import time
import unittest
from urllib.parse import urlencode

import tap
from case import Case
from house import PASSWORD, SEAMS, Answer, House, free_port

PAGE = "/settings/security/applications"
ACCESS = "/api/v1/applications/access"


class At:
    """Somebody who comes over one of the listeners."""

    def __init__(self, house, port, token=None):
        self.house = house
        self.address = "127.0.0.1:%d" % port
        self.port = port
        self.token = token
        self.cookie = None

    def go(self, method, path, body=None, **headers):
        c = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60,
                                        context=ssl._create_unverified_context())
        if self.token and not self.cookie:
            headers["Authorization"] = "Bearer " + self.token
        if self.cookie:
            headers["Cookie"] = self.cookie
        if method == "POST":
            headers.setdefault("Origin", "https://" + self.address)
        try:
            c.request(method, path, body, headers)
            r = c.getresponse()
            a = Answer(r.status, r.headers, r.read())
        finally:
            c.close()
        for cookie in a.headers.get_all("Set-Cookie") or []:
            self.cookie = cookie.split(";")[0]
        return a

    def api(self, method, path, json_body=None):
        return self.go(method, "/api/v1" + path, json.dumps(json_body) if json_body else None,
                       **({"Content-Type": "application/json"} if json_body else {}))

    def post(self, path, fields=(), page=None):
        fields = list(fields)
        if page:
            fields.append(("csrf", re.search(r'name="csrf" value="([^"]*)"', page.text).group(1)))
        return self.go("POST", path, urlencode(fields),
                       **{"Content-Type": "application/x-www-form-urlencoded"})

    def sign_in(self, door, name, password=PASSWORD):
        return self.post("/sign-in" if door == "/super" else door,
                         [("name", name), ("password", password)])


def two(trial_ms=None, **more):
    """A house that listens twice, with a Super Admin and an admin of a tenant."""
    port = free_port()
    env = {"CERTWRIGHT_TEST_TRIAL_MS": str(trial_ms)} if trial_ms else {}
    house = House(options=["--listen", "127.0.0.1:%d" % port], env=env, **more)
    house.admin("root")
    a = house.api("POST", "/tenants", {"name": "acme"})
    assert a.status == 201, a.text
    a = house.api("POST", "/t/acme/accounts", {"name": "ann", "email": "ann@example.com",
                                               "role": "tenant-admin", "password": PASSWORD})
    assert a.status == 201, a.text
    house.second = port
    house.super_token = house.api("POST", "/tokens", {"user": "root"}).json["token"]
    house.ann_token = house.api("POST", "/t/acme/tokens", {"user": "ann"}).json["token"]
    return house


class Applications(Case):
    @classmethod
    def build(cls):
        return two()

    @classmethod
    def setUpClass(cls):
        cls.house = cls.build()

    def setUp(self):
        self.first = At(self.house, self.house.port)
        self.second = At(self.house, self.house.second)
        self.house.api("POST", "/applications/access/revert")
        if self.house.api("PUT", "/applications/access", {"super": "all", "admin": "all"}).json["until"]:
            self.kept()

    def try_(self, **where):
        a = self.house.api("PUT", "/applications/access", where)
        self.assertEqual(a.status, 200, a.text)
        return a.json

    def kept(self):
        a = self.house.api("POST", "/applications/access/confirm")
        self.assertEqual((a.status, a.json["until"]), (200, None), a.text)
        return a.json

    def at(self, port, token=None):
        return At(self.house, port, token)

    def test_V44_all_is_served_everywhere_at_first(self):
        a = self.house.api("GET", "/applications/access").json
        both = [self.first.address, self.second.address]
        self.assertEqual(a, {"listeners": both, "super": both, "admin": both, "until": None,
                             "kept_super": both, "kept_admin": both, "gone": [], "client_asked": [],
                             "client_required": [], "client_cas": []})
        for at in (self.first, self.second):
            self.assertEqual((at.go("GET", "/super").status, at.go("GET", "/admin").status), (200, 200))

    def test_V44_where_it_is_not_served_it_is_as_what_does_not_exist(self):
        super_token, ann_token = self.house.super_token, self.house.ann_token
        self.try_(super=[self.second.address])
        self.kept()
        none = At(self.house, self.first.port, super_token)
        api = none.go("GET", "/api/v1/no/such")
        for path in ("/super", "/tenants", "/settings", PAGE, "/settings/system"):
            for who in (self.first, none):
                a = who.go("GET", path)
                self.assertEqual((a.status, "no such page" in a.text), (404, True), path)
        for method, path in (("GET", "/tenants"), ("GET", "/applications"), ("GET", "/status"),
                             ("PUT", "/applications/access"), ("POST", "/tenants"),
                             ("DELETE", "/tenants"), ("POST", "/applications/access/confirm")):
            for who in (self.first, none):
                a = who.go(method, "/api/v1" + path)
                self.assertEqual((a.status, a.json["id"]), (404, api.json["id"]), path)
                self.assertIsNone(a.headers["Allow"])
        a = none.api("GET", "/components")
        unknown = self.at(self.first.port, "cw_" + "x" * 43).api("GET", "/components")
        self.assertEqual((a.status, a.json), (unknown.status, unknown.json), "its token is nobody's")
        self.assertEqual(self.at(self.second.port, super_token).api("GET", "/tenants").status, 200)
        # shared, and the tenants' own
        self.assertEqual(self.first.go("GET", "/healthz").status, 200)
        self.assertEqual(self.first.go("GET", "/static/portal.css").status, 200)
        self.assertEqual(self.first.go("GET", "/invitation/" + "x" * 43).status, 404)
        self.assertIn("invitation", self.first.go("GET", "/invitation/" + "x" * 43).text)
        self.assertEqual(self.first.go("GET", "/admin").status, 200)
        self.assertEqual(self.at(self.first.port, ann_token).api("GET", "/components").status, 200)
        a = self.first.go("GET", "/components")
        self.assertEqual((a.status, a.headers["Location"]), (303, "/admin?next=/components"))
        portal = self.house.api("GET", "/components").json["components"][0]
        self.assertTrue(portal["management_url"].endswith(":%d/" % self.second.port), "it leads where it is")
        # the socket serves all
        self.assertEqual(self.house.api("GET", "/tenants").status, 200)

    def test_V44_nobody_of_it_gets_in_where_it_is_not_served(self):
        here = self.at(self.first.port)
        a = here.sign_in("/super", "root")
        self.assertEqual((a.status, a.headers["Location"]), (303, "/components"), a.text)
        self.assertEqual(here.go("GET", "/components").status, 200)
        self.try_(super=[self.second.address])
        self.kept()
        a = here.go("GET", "/components")
        self.assertEqual((a.status, a.headers["Location"]), (303, "/admin?next=/components"))
        there = self.at(self.second.port)
        there.cookie = here.cookie
        self.assertEqual(there.go("GET", "/components").status, 200, "the session goes on there")
        door = self.at(self.first.port)
        right, wrong = door.sign_in("/admin", "root"), door.sign_in("/admin", "nobody-at-all")
        self.assertEqual(right.status, wrong.status)
        self.assertEqual(right.text.replace("root", "nobody-at-all"), wrong.text)
        self.assertIsNone(door.cookie)
        self.assertEqual(self.at(self.second.port).sign_in("/admin", "root").status, 303)

    def test_V44_no_page_leads_to_a_door_that_is_not_there(self):
        self.try_(super=[self.second.address])
        self.kept()
        for path in ("/admin", "/no/such/page", "/super", "/invitation/" + "x" * 43):
            self.assertNotIn('href="/super"', self.first.go("GET", path).text, path)
            if path != "/super":
                self.assertIn('href="/super"', self.second.go("GET", path).text, path)
        self.assertEqual(self.first.go("GET", "/super").text.replace("/super", "/no/such/page"),
                         self.first.go("GET", "/no/such/page").text)
        ann = self.at(self.first.port)
        self.assertEqual(ann.sign_in("/admin", "ann@acme").status, 303)
        a = ann.post("/account/sign-out-everywhere", (), ann.go("GET", "/account"))
        self.assertEqual((a.status, a.headers["Location"]), (303, "/admin"))
        self.try_(super="all", admin=[self.second.address])
        self.kept()
        self.assertNotIn("/admin", self.first.go("GET", "/super").text)
        self.try_(super=[self.second.address])
        self.kept()
        self.assertNotIn("Go to sign-in", self.first.go("GET", "/no/such/page").text)

    def test_V44_the_tenants_application_moves_too(self):
        self.try_(admin=[self.second.address])
        self.kept()
        ann = self.at(self.first.port, self.house.ann_token)
        self.assertEqual(self.first.go("GET", "/admin").status, 404)
        self.assertEqual(ann.api("GET", "/components").json["id"], "token.unknown")
        ann.token = None
        self.assertEqual(ann.go("GET", "/components").headers["Location"], "/super?next=/components")
        there = self.at(self.second.port, self.house.ann_token)
        self.assertEqual(there.api("GET", "/components").status, 200)
        self.try_(super=[self.second.address])
        self.kept()
        for path in ("/", "/components", "/super", "/admin", "/sign-in/code", "/api/v1/components",
                     "/account"):
            self.assertEqual(self.first.go("GET", path).status, 404, path)
        self.assertEqual(self.first.go("GET", "/healthz").status, 200)

    def test_M38_it_is_tried_first_and_kept_from_where_it_is_still_served(self):
        root = self.house.super_token
        here, there = self.at(self.first.port, root), self.at(self.second.port, root)
        a = here.api("PUT", "/applications/access", {"super": [self.second.address]})
        self.assertEqual((a.status, a.json["super"], a.json["kept_super"]),
                         (200, [self.second.address], [self.first.address, self.second.address]))
        self.assertRegex(a.json["until"], r"^\d{4}-.*Z$")
        # the one who shut himself out cannot keep it
        self.assertEqual(here.api("POST", "/applications/access/confirm").status, 404)
        self.refused(there.api("PUT", "/applications/access", {"super": "all"}), 409,
                     "applications.on-trial")
        self.assertEqual(there.api("POST", "/applications/access/revert").json["until"], None)
        self.assertEqual(here.api("GET", "/applications/access").status, 200)
        self.refused(here.api("POST", "/applications/access/revert"), 409, "applications.no-trial")
        self.refused(here.api("POST", "/applications/access/confirm"), 409, "applications.no-trial")
        here.api("PUT", "/applications/access", {"super": [self.second.address]})
        a = there.api("POST", "/applications/access/confirm").json
        self.assertEqual((a["until"], a["kept_super"]), (None, [self.second.address]))
        actions = [e["action"] for e in self.events("applications.") if e["outcome"] == "done"][:4]
        self.assertEqual(actions, ["applications.keep", "applications.try", "applications.revert",
                                   "applications.try"])

    def test_M38_only_what_is_kept_is_written_down(self):
        self.try_(super=[self.second.address])
        self.house.restart()
        a = self.house.api("GET", "/applications/access").json
        self.assertEqual((a["until"], len(a["super"])), (None, 2), "a restart is the end of a trial")
        self.try_(super=[self.second.address])
        self.kept()
        self.house.restart()
        self.assertEqual(self.house.api("GET", "/applications/access").json["super"],
                         [self.second.address])

    def test_what_is_no_address_here_is_refused(self):
        for field in ("super", "admin"):
            for wrong in ("127.0.0.1:1", ["127.0.0.1:1"], "none", "", [], ","):
                a = self.house.api("PUT", "/applications/access", {field: wrong})
                self.refused(a, 400, "applications.address", field)
        self.assertIsNone(self.try_(super="all")["until"], "nothing to try")
        self.assertIsNone(self.try_(super=[self.first.address, self.second.address])["until"])

    def test_on_the_page_it_is_tried_kept_and_taken_back_without_JavaScript(self):
        here, there = self.at(self.first.port), self.at(self.second.port)
        here.sign_in("/super", "root")
        there.cookie = here.cookie
        page = here.go("GET", PAGE)
        self.assertEqual(page.text.count('<input type="checkbox" name="super"'), 2)
        a = here.post(PAGE + "/access", [("admin", self.first.address)], page)
        self.assertEqual(a.status, 400)
        self.assertIn('id="e-super"', a.text)
        both = [("admin", self.first.address), ("admin", self.second.address)]
        a = here.post(PAGE + "/access", both + [("super", self.second.address)], page)
        self.assertEqual(a.status, 200, a.text)
        self.assertIn("On trial until", a.text)
        self.assertIn('href="https://%s%s">Go to %s<' % (self.second.address, PAGE, self.second.address), a.text)
        self.assertNotIn(">Keep<", a.text)
        self.assertEqual(here.go("GET", PAGE).status, 404)
        page = there.go("GET", PAGE)
        self.assertIn(">Keep<", page.text)
        self.assertNotIn('type="checkbox" name="super"', page.text)
        a = there.post(PAGE + "/access/revert", (), page)
        self.assertEqual((a.status, a.headers["Location"]), (303, PAGE))
        page = here.go("GET", PAGE)
        self.assertNotIn("On trial", page.text)
        a = there.post(PAGE + "/access", both + [("super", self.second.address)], page)
        self.assertEqual((a.status, a.headers["Location"]), (303, PAGE), "it is still served there")
        page = there.go("GET", PAGE)
        there.post(PAGE + "/access/confirm", (), page)
        page = there.go("GET", PAGE)
        self.assertNotIn("On trial", page.text)
        self.assertEqual(page.text.count(" checked"), 3)

    def test_only_a_Super_Admin_changes_it(self):
        a = self.house.api("POST", "/accounts", {"name": "vera", "email": "v@example.com",
                                                 "role": "auditor", "password": PASSWORD})
        self.assertEqual(a.status, 201, a.text)
        vera = self.at(self.first.port)
        vera.sign_in("/super", "vera")
        page = vera.go("GET", PAGE)
        self.assertIn("What each address serves", page.text)
        self.assertNotIn('type="checkbox" name="super"', page.text)
        self.assertEqual(vera.post(PAGE + "/access", [("super", self.first.address)], page).status, 403)

    def test_by_command(self):
        a = self.house.cli("config", "applications", "--super", self.second.address, "--admin", "all")
        self.assertEqual(a.returncode, 0, a.stderr)
        self.assertIn("config applications --keep", a.stdout)
        a = self.house.cli("config", "applications", "--keep")
        self.assertEqual(a.returncode, 0, a.stderr)
        self.assertNotIn("--keep", a.stdout)
        self.assertIn(self.second.address, self.house.cli("config", "applications").stdout)
        self.assertEqual(self.house.cli("config", "applications", "--revert").returncode, 9)
        self.assertEqual(self.house.cli("config", "applications", "--revert", "--super", "all").returncode, 2)


class Hsts(Case):
    def header(self, path="/super"):
        return self.house.request("GET", path).headers["Strict-Transport-Security"]

    def test_V45_HSTS_is_off_or_for_so_many_days(self):
        self.assertEqual(self.header(), "max-age=31536000", "a year at first")
        a = self.house.api("PUT", "/applications/hsts", {"days": 30, "subdomains": True})
        self.assertEqual(a.json, {"days": 30, "subdomains": True})
        for path in ("/super", "/no/such/page", "/api/v1/status"):
            self.assertEqual(self.header(path), "max-age=2592000; includeSubDomains")
        self.assertEqual(self.house.api("GET", "/applications").json["applications"][0]["hsts"],
                         "max-age=2592000; includeSubDomains")
        self.assertEqual(self.events("hsts.save")[0]["detail"], {"days": 30, "subdomains": True})
        self.house.restart()
        self.assertEqual(self.header(), "max-age=2592000; includeSubDomains", "it is kept")
        self.assertEqual(self.house.cli("config", "hsts", "--days", "0").returncode, 0)
        self.assertEqual(self.header(), "max-age=0", "browsers are told to forget it")
        self.assertEqual(self.house.api("GET", "/applications/hsts").json, {"days": 0, "subdomains": False})

    def test_days_that_are_none_are_refused(self):
        for days, refusal in ((3651, "hsts.days"), ("x", "field.number"), (-1, "hsts.days"),
                              (None, "field.required")):
            a = self.house.api("PUT", "/applications/hsts", {} if days is None else {"days": days})
            self.refused(a, 400, refusal, "days")

    def test_by_form(self):
        b = self.signed_in()
        page = b.get(PAGE)
        wrong = b.post(PAGE + "/hsts", {"days": "9999"}, page)
        self.assertIn("ten years", self.wrong(wrong, "days"))
        page = b.post(PAGE + "/hsts", {"days": "7", "subdomains": "true"}, page)
        self.assertIn("max-age=604800; includeSubDomains", page.text)
        page = b.post(PAGE + "/hsts", {"days": "0"}, page)
        self.assertIn("told to forget it", page.text)


class Moved(Case):
    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def test_V44_an_address_that_is_gone_locks_nobody_out(self):
        with two() as house:
            second = "127.0.0.1:%d" % house.second
            house.api("PUT", "/applications/access", {"super": [second]})
            self.assertEqual(house.api("POST", "/applications/access/confirm").status, 200)
            house.options = []
            house.restart()
            self.assertIn("nothing listens any more", house.errors())
            self.assertIn(second, house.errors())
            first = At(house, house.port, house.super_token)
            a = first.api("GET", "/applications/access").json
            self.assertEqual((a["super"], a["gone"]), ([first.address], [second]))
            first.sign_in("/super", "root")
            self.assertIn("Nothing listens any more", first.go("GET", PAGE).text)
            third = free_port()
            house.options = ["--listen", second, "--listen", "127.0.0.1:%d" % third]
            house.restart()
            self.assertEqual(house.api("GET", "/applications/access").json["super"], [second])

    @unittest.skipUnless(SEAMS, "two minutes are shortened in test builds only")
    def test_M38_what_nobody_keeps_is_over_by_itself(self):
        with two(trial_ms=1500) as house:
            first = At(house, house.port, house.super_token)
            first.api("PUT", "/applications/access", {"super": ["127.0.0.1:%d" % house.second]})
            self.assertEqual(first.api("GET", "/applications").status, 404)
            end = time.monotonic() + 30
            while first.api("GET", "/applications").status != 200:
                self.assertLess(time.monotonic(), end)
                time.sleep(0.05)
            while not self.events("applications.revert", house):
                self.assertLess(time.monotonic(), end)
                time.sleep(0.05)
            e = self.events("applications.revert", house)[0]
            self.assertEqual((e["actor"], e["detail"]["why"], e["detail"]["super"]),
                             ("system", "nobody kept it", "all"))
            self.refused(first.api("POST", "/applications/access/confirm"), 409,
                         "applications.no-trial")


if __name__ == "__main__":
    tap.main()
