"""Accounts over the wire: doors, sessions, guessing, one-time codes, the rules
for passwords, and what the audit says of all that."""

import base64
import concurrent.futures
import hmac
import json
import re
import struct
import time
import unittest

import tap
from case import Case
from house import PASSWORD, SEAMS, Browser, House

OTHER = "Gelbe-Treppe-Kamin-Ulme-58!"
POLICY = {"expiry_days": 90, "inactivity_days": 60, "max_failures": 3, "complexity": False}
MINUTE, DAY = 60, 86400


def code(secret, moved=0):
    """RFC 6238: the six digits of this moment."""
    step = struct.pack(">Q", int(time.time() + moved) // 30)
    mac = hmac.digest(base64.b32decode(secret), step, "sha1")
    at = mac[-1] & 15
    return "%06d" % ((struct.unpack(">I", mac[at:at + 4])[0] & 0x7fffffff) % 1000000)


class Base(Case):
    def is_in(self, browser):
        return browser.get("/account", follow=False).status == 200


class Doors(Base):
    def test_V1_V2_the_door_is_super_and_leads_to_Components(self):
        b = Browser(self.house)
        page = b.get("/super")
        self.assertIn("<h1>Sign in</h1>", page.text)
        page = b.sign_in()
        self.assertEqual(page.path, "/components")
        self.assertIn("<h1>Components</h1>", page.text)
        self.assertEqual(b.get("/").path, "/components")

    def test_V1_a_refused_sign_in_says_nothing_more_and_is_on_record(self):
        nobody = Browser(self.house).sign_in("nobody-here", PASSWORD)
        wrong = Browser(self.house).sign_in("root", "wrong-wrong-wrong")
        self.assertEqual((nobody.status, wrong.status), (401, 401))
        self.assertEqual(nobody.text.replace("nobody-here", "root"), wrong.text)
        self.assertIn("sign-in.wrong", [e["outcome"] for e in self.events("session.sign-in")])

    def test_V6_each_page_leads_back_to_itself_after_sign_in(self):
        for path in ("/settings/security/csr", "/settings/accounts", "/activity?text=a%20b%26c"):
            b = Browser(self.house)
            page = b.get(path)
            self.assertTrue(page.path.startswith("/super?next="), page.path)
            where = re.search(r'name="next" value="([^"]*)"', page.text).group(1).replace("&amp;", "&")
            page = b.post("/sign-in", {"name": "root", "password": PASSWORD, "next": where}, page)
            self.assertEqual((page.status, page.path), (200, path))

    def test_nobody_is_led_to_another_site(self):
        for there in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
            b = Browser(self.house)
            page = b.post("/sign-in", {"name": "root", "password": PASSWORD, "next": there},
                          b.get("/super"), follow=False)
            self.assertEqual((page.status, page.headers["Location"]), (303, "/components"), there)


class Setup(Base):
    FORM = {"name": "owner", "email": "owner@example.com", "password": PASSWORD}

    def test_P26_an_account_made_elsewhere_uses_the_link_up(self):
        with House() as house:
            b = Browser(house)
            page = b.get(house.setup_path())
            self.assertEqual(page.status, 200)
            house.admin("first")
            self.assertEqual(b.get(house.setup_path()).status, 404)
            self.assertEqual(b.post(house.setup_path(), self.FORM, page).status, 404)
            self.assertEqual([a["name"] for a in house.api("GET", "/accounts").json["accounts"]],
                             ["first"])
            self.assertIn("setup.link", [e["outcome"] for e in self.events("setup", house)])

    def test_P26_a_later_start_makes_a_new_link_and_ends_the_old_one(self):
        with House() as house:
            old = house.setup_path()
            house.restart()
            self.assertNotEqual(house.setup_path(), old)
            self.assertEqual(Browser(house).get(old).status, 404)
            self.assertEqual(Browser(house).get(house.setup_path()).status, 200)

    def test_P26_the_link_is_kept_as_a_hash(self):
        with House() as house:
            secret = house.setup_path().rsplit("/", 1)[1].encode()
            house.stop()
            for name in ("certwright.db", "journal", "sign-journal"):
                with open(house.data + "/" + name, "rb") as f:
                    self.assertNotIn(secret, f.read())

    def test_P26_of_many_at_once_one_makes_the_account(self):
        with House() as house:
            page = Browser(house).get(house.setup_path())

            def claim(n):
                return Browser(house).post(house.setup_path(), dict(self.FORM, name="owner%d" % n),
                                           page, follow=False).status
            with concurrent.futures.ThreadPoolExecutor(6) as pool:
                got = sorted(pool.map(claim, range(6)))
            self.assertEqual(got, [303] + [404] * 5)
            self.assertEqual(len(house.api("GET", "/accounts").json["accounts"]), 1)

    def test_a_refused_first_account_leaves_the_link_usable(self):
        with House() as house:
            b = Browser(house)
            page = b.get(house.setup_path())
            for field, value in (("password", "short"), ("email", "nowhere"), ("name", "a b")):
                a = b.post(house.setup_path(), dict(self.FORM, **{field: value}), page)
                self.assertEqual(a.status, 400, a.text)
                self.wrong(a, field)
            a = b.post(house.setup_path(), self.FORM, page)
            self.assertEqual((a.status, a.path), (200, "/components"))


class Sessions(Base):
    def test_P24_each_sign_in_has_a_fresh_session_and_the_old_one_lives_on_alone(self):
        one, two = self.signed_in(), self.signed_in()
        self.assertNotEqual(one.cookies, two.cookies)
        again = dict(one.cookies)
        page = one.get("/account")
        one.post("/sign-out", {}, page)
        one.cookies = again
        self.assertFalse(self.is_in(one))
        self.assertTrue(self.is_in(two))

    def test_P24_a_new_password_ends_the_other_sessions_and_tokens(self):
        self.house.admin("changer")
        one, two = self.signed_in("changer"), self.signed_in("changer")
        token = self.house.api("POST", "/tokens", {"user": "changer"}).json["token"]
        head = {"Authorization": "Bearer " + token}
        self.assertEqual(self.house.request("GET", "/api/v1/account", headers=head).status, 200)
        before = dict(one.cookies)
        a = one.post("/account/password", {"current": PASSWORD, "password": OTHER}, one.get("/account"))
        self.assertEqual(a.status, 200, a.text)
        self.assertNotEqual(one.cookies, before, "fresh, too")
        self.assertTrue(self.is_in(one))
        self.assertFalse(self.is_in(two))
        self.assertEqual(self.house.request("GET", "/api/v1/account", headers=head).status, 401)
        self.assertEqual(Browser(self.house).sign_in("changer", PASSWORD).status, 401)
        self.signed_in("changer", OTHER)

    def test_P24_sign_out_everywhere_and_one_session_from_the_list(self):
        self.house.admin("traveller")
        here, there = self.signed_in("traveller"), self.signed_in("traveller")
        page = here.get("/account")
        ends = re.findall(r"/account/sessions/([^/]+)/end", page.text)
        self.assertEqual(len(ends), 1, "the other one; this one has Sign out")
        here.post("/account/sessions/%s/end" % ends[0], {}, page)
        self.assertFalse(self.is_in(there))
        there = self.signed_in("traveller")
        here.post("/account/sign-out-everywhere", {}, here.get("/account"))
        self.assertFalse(self.is_in(here))
        self.assertFalse(self.is_in(there))

    def test_P22_a_session_of_another_account_does_not_exist(self):
        self.house.admin("own")
        self.house.admin("foreign")
        self.signed_in("foreign")
        token = self.house.api("POST", "/tokens", {"user": "foreign"}).json["token"]
        theirs = self.house.request("GET", "/api/v1/account/sessions", headers={
            "Authorization": "Bearer " + token}).json["sessions"][0]["id"]
        b = self.signed_in("own")
        time.sleep(1.1)  # the page says how many days the password lives: one more in its first second
        page = b.get("/account")
        a = b.post("/account/sessions/%s/end" % theirs, {}, page)
        none = b.post("/account/sessions/%s/end" % theirs[::-1], {}, page)
        self.assertEqual((a.status, a.text.replace(theirs, "ID")),
                         (none.status, none.text.replace(theirs[::-1], "ID")))
        self.assertEqual(a.status, 404)

    def test_P27_V53_authority_is_that_of_this_moment_tokens_included(self):
        for act in (("POST", "/accounts/%s/disable"), ("DELETE", "/accounts/%s"),
                    ("POST", "/accounts/%s/password")):
            name = "goes-" + act[1].rsplit("/", 1)[1].replace("%s", "away")
            self.house.admin(name)
            b = self.signed_in(name)
            token = self.house.api("POST", "/tokens", {"user": name}).json["token"]
            # one connection kept open: no state lives in it
            head = {"Authorization": "Bearer " + token}
            self.assertEqual(self.house.request("GET", "/api/v1/account", headers=head).status, 200)
            page = b.get("/settings/accounts")
            body = {"password": OTHER} if act[1].endswith("password") else None
            self.assertEqual(self.house.api(act[0], act[1] % name, body).status // 100, 2)
            self.assertEqual(self.house.request("GET", "/api/v1/account", headers=head).status, 401, name)
            self.assertFalse(self.is_in(b), name)
            a = b.post("/settings/accounts", {"name": "made-by-a-ghost", "email": "a@example.com",
                                              "password": OTHER}, page, follow=False)
            self.assertEqual(a.status, 401, "a write with the form it still has")
        self.assertEqual(self.house.api("GET", "/accounts/made-by-a-ghost").status, 404)
        # disabled and enabled again: what ended stays ended
        self.house.admin("returns")
        b = self.signed_in("returns")
        self.house.api("POST", "/accounts/returns/disable")
        self.house.api("POST", "/accounts/returns/enable")
        self.assertFalse(self.is_in(b))

    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_P24_P36_sessions_end_by_the_clock_and_a_jump_back_keeps_none_alive(self):
        with House() as house:
            house.admin("root")
            b = self.signed_in(house=house)
            house.at(20 * MINUTE)
            self.assertTrue(self.is_in(b))
            house.at(55 * MINUTE)
            self.assertFalse(self.is_in(b), "half an hour without a request")
            house.at(10 * DAY)
            b = self.signed_in(house=house)
            self.assertTrue(self.is_in(b))
            house.at(0)
            self.assertFalse(self.is_in(b), "a session from the future is none")


class Guessing(Base):
    def test_V49_P23_the_fourth_bad_try_at_limit_3_is_refused_and_recorded(self):
        with House() as house:
            house.admin("root")
            self.assertEqual(house.api("PUT", "/password-policy", POLICY).status, 200)
            for _ in range(3):
                self.assertEqual(Browser(house).sign_in("root", "wrong").status, 401)
            fourth = Browser(house).sign_in("root", "wrong")
            self.assertEqual(fourth.status, 429)
            self.assertIn("Too many failed tries", fourth.text)
            right = Browser(house).sign_in("root", PASSWORD)
            said = [re.sub(r"in (1 minute|less than a minute),", "", a.text) for a in (fourth, right)]
            self.assertEqual(right.status, 429)
            self.assertEqual(said[0], said[1], "says no more than that")
            got = [e["outcome"] for e in self.events("session.sign-in", house)]
            self.assertEqual((got.count("sign-in.wrong"), got.count("sign-in.locked")), (3, 2))
            # the owner from elsewhere still gets in
            self.signed_in(house=house, source="127.0.0.9")
            house.restart()
            self.assertEqual(Browser(house).sign_in("root").status, 429, "a restart forgets nothing")

    def test_P23_tries_side_by_side_count_too(self):
        with House() as house:
            house.admin("root")
            house.api("PUT", "/password-policy", POLICY)
            with concurrent.futures.ThreadPoolExecutor(8) as pool:
                got = list(pool.map(lambda n: Browser(house).sign_in("root", "wrong").status, range(12)))
            self.assertEqual((got.count(401), got.count(429)), (3, 9), got)

    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_P23_P36_the_delay_grows_ends_and_a_clock_set_right_locks_nobody_for_years(self):
        with House() as house:
            house.admin("root")
            house.api("PUT", "/password-policy", POLICY)
            for _ in range(3):
                Browser(house).sign_in("root", "wrong")
            house.at(62)
            self.assertEqual(Browser(house).sign_in("root", "wrong").status, 401, "a minute later")
            house.at(62 + 62)
            self.assertEqual(Browser(house).sign_in("root").status, 429, "two minutes now")
            house.at(62 + 122)
            self.signed_in(house=house)
            house.at(3650 * DAY)
            for _ in range(4):
                Browser(house).sign_in("nobody", "wrong")
            self.assertEqual(Browser(house).sign_in("nobody", "wrong").status, 429)
            house.at(0)
            self.assertEqual(Browser(house).sign_in("nobody", "wrong").status, 401)


class Codes(Base):
    def turn_on(self, b):
        page = b.post("/account/totp", {}, b.get("/account"))
        self.assertEqual(page.status, 200, page.text)
        secret = re.search(r"\b([A-Z2-7]{32})\b", page.text.replace(" ", "")).group(1)
        self.assertIn("<svg", page.text, "the QR code")
        done = b.post("/account/totp/confirm", {"code": code(secret)}, page)
        self.assertEqual(done.status, 200, done.text)
        return secret

    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_a_second_factor_from_setting_it_up_to_turning_it_off(self):
        with House() as house:
            house.admin("root")
            b = self.signed_in(house=house)
            secret = self.turn_on(b)
            self.assertNotIn(secret, b.get("/account").text, "shown once")
            with open(house.data + "/certwright.db", "rb") as f:
                data = f.read()
            self.assertNotIn(base64.b32decode(secret), data, "sealed by the keeper")
            house.at(60)
            half = Browser(house)
            page = half.sign_in()
            self.assertIn("<h1>One-time code</h1>", page.text)
            self.assertFalse(self.is_in(half), "half a session opens nothing")
            wrong = half.post("/sign-in/code", {"code": "000000"}, page)
            self.assertEqual(wrong.status, 403)
            self.wrong(wrong, "code")
            now = code(secret, 60)
            done = half.post("/sign-in/code", {"code": now[:3] + " " + now[3:]}, page)
            self.assertEqual((done.status, done.path), (200, "/components"), done.text)
            second = Browser(house)
            page = second.sign_in()
            again = second.post("/sign-in/code", {"code": now}, page)
            self.assertEqual(again.status, 403, "a code is used once")
            page = half.get("/account")
            off = half.post("/account/totp/off", {"totp_password": "wrong"}, page)
            self.assertEqual(off.status, 403)
            off = half.post("/account/totp/off", {"totp_password": PASSWORD}, page)
            self.assertEqual(off.status, 200, off.text)
            self.assertTrue(self.is_in(self.signed_in(house=house)))

    def test_M24_codes_are_turned_on_and_off_over_the_API_too(self):
        self.house.admin("script")
        token = self.house.api("POST", "/tokens", {"user": "script"}).json["token"]

        def ask(path, body):
            return self.house.request("POST", "/api/v1/account/totp" + path, json_body=body,
                                      headers={"Authorization": "Bearer " + token})

        made = ask("", {})
        self.assertEqual(made.status, 200, made.text)
        secret = re.search(r"[A-Z2-7]{32}", made.text.replace(" ", "")).group(0)
        self.assertEqual(ask("/confirm", {"code": code(secret)}).status, 200)
        wrong = ask("/off", {"totp_password": "wrong"})
        self.assertEqual((wrong.status, wrong.json.get("field")), (403, "totp_password"), wrong.text)
        self.assertEqual(ask("/off", {"totp_password": PASSWORD}).status, 200)
        self.signed_in("script")

    def test_a_lost_telephone_is_helped_by_another_Super_Admin(self):
        self.house.admin("phone")
        self.turn_on(self.signed_in("phone"))
        self.assertEqual(Browser(self.house).sign_in("phone").path, "/sign-in/code?next=%2Fcomponents")
        self.assertEqual(self.house.api("POST", "/accounts/phone/reset-totp").status, 200)
        self.signed_in("phone")
        self.assertTrue([e for e in self.events("phone") if e["action"] == "account.reset-totp"])


class Passwords(Base):
    def test_V51_one_message_for_each_rule(self):
        self.house.api("PUT", "/password-policy", dict(POLICY, max_failures=5, complexity=True))
        for password, words in (
                ("Ab1!Cd2?Ef3%Gh", "at least 15 characters (it has 14)"),
                ("ab1!cd2?ef3%ghI", "2 upper-case letters (it has 1)"),
                ("AB1!CD2?EF3%GHi", "2 lower-case letters (it has 1)"),
                ("Abc!Def?Ghi%Jk1", "2 digits (it has 1)"),
                ("Abc1Def2Ghi3Jk!", "2 special characters (it has 1)"),
                ("Ab1!Cd2?Effff3%", "4 equal characters in a row; at most 2"),
                ("Password12!!Pass", "easy to guess")):
            a = self.house.api("POST", "/accounts", {"name": "rules", "email": "root@example.com",
                                                     "password": password})
            self.assertEqual((a.status, a.json["field"]), (400, "password"), a.text)
            self.assertIn(words, a.json["detail"])
        self.house.admin("rules", "Ab1!Cd2?Ef3%Ghi")
        self.house.api("POST", "/password-policy/default", {})
        a = self.house.api("POST", "/accounts", {"name": "short", "email": "a@example.com",
                                                 "password": "elevenchars"})
        self.assertIn("at least 12 characters (it has 11)", a.json["detail"], "always")
        a = self.house.api("POST", "/accounts", {"name": "long", "email": "a@example.com",
                                                 "password": "xY7-" * 300})
        self.assertEqual(a.status, 400)

    def test_V49_V50_three_fields_and_a_Default_button_that_asks(self):
        b = self.signed_in()
        path = "/settings/security/passwords"
        page = b.get(path)
        for label in ("Days until expiry", "Days of inactivity", "Failed attempts before lock",
                      "Complexity", "Default"):
            self.assertIn(label, page.text)
        form = dict(POLICY, complexity="on")
        for name, bad in (("expiry_days", ""), ("expiry_days", "-1"), ("inactivity_days", "x"),
                          ("max_failures", "101"), ("expiry_days", "3651"), ("max_failures", "1.5")):
            a = b.post(path, dict(form, **{name: bad}), page)
            self.assertEqual(a.status, 400, (name, bad))
            self.assertTrue(self.wrong(a, name))
        self.assertEqual(b.post(path, form, page).status, 200)
        kept = self.house.api("GET", "/password-policy").json
        self.assertEqual(kept, dict(kept, **dict(POLICY, complexity=True)))
        a = b.post(path, dict(form, expiry_days="0"), page)
        self.assertIn("<em>never</em>", a.text, "0 is said to mean never")
        # the button only asks; its page has the button that does it
        asks = b.get(path + "/default")
        self.assertEqual(self.house.api("GET", "/password-policy").json["expiry_days"], 0)
        done = b.post(path + "/default", {}, asks)
        self.assertEqual((done.status, done.path), (200, path))
        safe = self.house.api("GET", "/password-policy").json
        for name in ("expiry_days", "inactivity_days", "max_failures"):
            self.assertGreater(safe[name], 0, "safe values, not never")

    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_V49_expiry_and_inactivity_are_enforced(self):
        with House() as house:
            house.admin("root")
            house.admin("other")
            house.api("PUT", "/password-policy", POLICY)
            house.at(59 * DAY)
            self.signed_in(house=house)
            house.at(61 * DAY)
            idle = Browser(house).sign_in("other")
            self.assertEqual(idle.status, 403)
            self.assertIn("not used for more than 60 days", idle.text)
            self.signed_in(house=house)
            self.assertEqual(house.api("POST", "/accounts/other/password", {"password": OTHER}).status, 200)
            self.signed_in("other", OTHER, house)
            house.at(91 * DAY)
            b = Browser(house)
            page = b.sign_in()
            self.assertIn("The password has expired", page.text)
            self.assertFalse(self.is_in(b))
            for bad, words in (("", "choose a new one"), (PASSWORD, "same as the old one"),
                               ("short", "at least 12")):
                a = b.post("/sign-in/code", {"new_password": bad}, page)
                self.assertIn(words, self.wrong(a, "new_password"))
            done = b.post("/sign-in/code", {"new_password": OTHER}, page)
            self.assertEqual((done.status, done.path), (200, "/components"), done.text)
            self.assertEqual(Browser(house).sign_in("root", PASSWORD).status, 401)


class Accounts(Base):
    def test_V53_added_in_the_portal_with_an_address_and_never_the_last_removed(self):
        with House() as house:
            house.admin("root")
            b = self.signed_in(house=house)
            path = "/settings/accounts"
            page = b.get(path)
            new = {"name": "second", "email": "second@example.com", "password": OTHER}
            for name, bad in (("email", ""), ("email", "second"), ("email", "a@b"), ("name", ""),
                              ("name", "a b"), ("name", "ROOT"), ("password", "short")):
                a = b.post(path, dict(new, **{name: bad}), page)
                self.assertIn(a.status, (400, 409), (name, bad))
                self.assertTrue(self.wrong(a, name))
                self.assertNotIn(OTHER, a.text, "a password is not shown again")
            self.assertEqual(b.post(path, new, page).status, 200)
            ids = {a["name"]: a["id"] for a in house.api("GET", "/accounts").json["accounts"]}
            self.assertEqual(set(ids), {"root", "second"})
            there = self.signed_in("second", OTHER, house)
            a = b.post("%s/%s/disable" % (path, ids["second"]), {}, b.get(path))
            self.assertEqual(a.status, 200)
            self.assertFalse(self.is_in(there), "at once")
            self.assertEqual(Browser(house).sign_in("second", OTHER).status, 403)
            for act in ("disable", "delete"):
                one = b.get("%s/%s" % (path, ids["root"]))
                a = b.post("%s/%s/%s" % (path, ids["root"], act), {"understood": "on"}, one)
                self.assertEqual(a.status, 409, a.text)
                self.assertIn("last enabled Super Admin", a.text)
            self.assertEqual(b.post("%s/%s/enable" % (path, ids["second"]), {}, b.get(path)).status, 200)
            self.signed_in("second", OTHER, house)


class Audit(Base):
    def test_P30_what_is_named_by_strangers_stays_in_its_place(self):
        evil = 'x"}\r\n{"sequence":1,"action":"account.delete"}\x1b[31m\u202e'
        self.house.api("POST", "/accounts", {"name": evil, "email": evil, "password": evil})
        self.house.api("POST", "/identities/portal/rollback", {"reason": evil})
        self.house.api("DELETE", "/accounts/a%22%7D,%7B%22b")
        Browser(self.house).sign_in('root"\r\n}', "wrong")
        text = self.house.api("GET", "/audit/export").text
        self.assertNotIn("\x1b", text)
        lines = text.splitlines()
        for n, line in enumerate(lines[:-1], 1):
            e = json.loads(line)
            self.assertEqual(e["sequence"], n, "a line an event")
            self.assertLessEqual(len(line), 4096)
        self.assertIn("head", json.loads(lines[-1]))
        for line in self.house.errors().splitlines():
            self.assertNotRegex(line, r"[\x00-\x08\x0b-\x1f\x7f\u202e]")
            self.assertFalse(line.startswith("{"), line)
        page = self.signed_in().get("/activity")
        self.assertNotRegex(page.text, r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]")

    def test_P30_a_User_Agent_is_text_and_bounded(self):
        self.house.admin("agent")
        for agent in ("Mozilla/5.0 <script>alert(1)</script>", "\x1b[31m\xff",
                      "\xe2\x80\xae\xc2\x9b\xff\xfe", "y" * 4000):
            b = Browser(self.house)
            a = b.go("POST", "/sign-in", "name=agent&password=" + PASSWORD, {
                "Content-Type": "application/x-www-form-urlencoded", "User-Agent": agent,
                "Origin": self.house.url}, follow=False)
            self.assertIn(a.status, (303, 400), agent[:20])
        b = self.signed_in("agent")
        page = b.get("/account")
        self.assertIn("&lt;script&gt;alert", page.text)
        self.assertNotIn("<script>alert", page.text)
        self.assertNotRegex(page.text, r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
        self.assertTrue("y" * 40 in page.text and "y" * 41 not in page.text)
        kept = [s["agent"] for s in b.go("GET", "/api/v1/account/sessions").json["sessions"]]
        self.assertIn("y" * 200, kept)

    def test_P29_a_tail_cut_off_the_live_database_is_found(self):
        import sqlite3
        with House() as house:
            house.admin("root")
            for n in range(4):
                house.api("POST", "/identities", {"name": "i%d" % n})
            self.assertEqual(house.api("GET", "/audit/verify").json["verdict"], "whole")
            time.sleep(1.1)  # anchored by then
            db = sqlite3.connect(house.data + "/certwright.db", timeout=20)
            db.execute("DELETE FROM audit WHERE sequence = (SELECT max(sequence) FROM audit)")
            db.commit()
            db.close()
            a = house.api("GET", "/audit/verify").json
            self.assertEqual(a["verdict"], "broken", a)
            self.assertIn("tail", a["message"])
            self.assertEqual(house.cli("audit", "verify").returncode, 5)

    def test_P29_a_cut_stays_found_however_much_comes_after_it(self):
        import sqlite3
        with House() as house:
            for n in range(4):
                house.api("POST", "/identities", {"name": "i%d" % n})
            time.sleep(1.1)  # anchored by then
            house.stop()
            with sqlite3.connect(house.data + "/certwright.db") as db:
                db.execute("DELETE FROM audit WHERE sequence > (SELECT max(sequence) - 2 FROM audit)")
            db.close()
            house.start()
            for n in range(5):
                house.api("POST", "/identities", {"name": "later%d" % n})
                time.sleep(0.5)  # each is there to be anchored
            for _ in range(2):
                a = house.api("GET", "/audit/verify").json
                self.assertEqual(a["verdict"], "broken", a)
                self.assertIn("is not the one that the keeper anchored", a["message"])
                house.restart()
            x = house.api("GET", "/audit/export")
            self.assertEqual((x.status, x.json["id"]), (409, "anchor.other"), "no forged chain is signed")
            self.assertIn("audit could not be anchored", house.errors())

    def test_P28_the_effect_and_its_event_are_one_transaction(self):
        """An audit that cannot be written leaves no effect either."""
        import sqlite3
        with House() as house:
            house.admin("root")
            house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
            db = sqlite3.connect(house.data + "/certwright.db", timeout=20)
            db.execute("CREATE TRIGGER no_audit BEFORE INSERT ON audit BEGIN "
                       "SELECT RAISE(ABORT, 'no'); END")
            db.commit()
            before = {p: house.api("GET", p).text for p in (
                "/accounts", "/identities", "/identities/portal/requests", "/password-policy",
                "/tokens", "/identities/portal/keys")}
            for method, path, body in (
                    ("POST", "/accounts", {"name": "a", "email": "a@example.com", "password": OTHER}),
                    ("POST", "/identities", {"name": "a"}), ("POST", "/tokens", {}),
                    ("PUT", "/password-policy", POLICY), ("POST", "/accounts/%s/disable" % "root", None),
                    ("POST", "/identities/portal/keys", {"type": "ec:P-256"})):
                a = house.api(method, path, body)
                self.assertGreaterEqual(a.status, 400, path)
            self.assertGreaterEqual(house.regenerate().status, 400)
            for path, text in before.items():
                self.assertEqual(house.api("GET", path).text, text, path)
            db.execute("DROP TRIGGER no_audit")
            db.commit()
            db.close()
            self.assertEqual(house.regenerate().status, 201)


if __name__ == "__main__":
    tap.main()
