"""Accounts, sessions, tokens, audit, and what a stranger may not do."""

import os
import re
import subprocess

import tap
from case import Case
from house import FIELDS, PASSWORD, Browser, House


class People(Case):
    def test_P26_no_account_exists_by_default_and_the_link_works_once(self):
        with House() as house:
            self.assertEqual(house.api("GET", "/accounts").json["accounts"], [])
            b = Browser(house)
            page = b.get(house.setup_path())
            self.assertEqual(page.status, 200)
            again = b.get(house.setup_path())
            self.assertEqual(again.status, 200, "opening it does not use it up")
            form = {"name": "owner", "email": "owner@example.com", "password": PASSWORD}
            done = b.post(house.setup_path(), form, page)
            self.assertEqual(done.status, 200, done.text)
            late = Browser(house)
            self.assertGreaterEqual(late.get(house.setup_path()).status, 400)
            self.assertGreaterEqual(late.post(house.setup_path(), dict(form, name="second")).status, 400)
            self.assertEqual(len(house.api("GET", "/accounts").json["accounts"]), 1)

    def test_P25_a_write_wants_the_form_token_and_the_origin(self):
        b = self.signed_in()
        page = b.get("/settings/security/key")
        form = {"type": "ec:P-256"}
        path = "/settings/security/key"
        self.assertEqual(b.post(path, form).status, 403)
        self.assertEqual(b.post(path, dict(form, csrf="x" * 43)).status, 403)
        a = b.go("POST", path, "type=ec%3AP-256&csrf=" + b.csrf(page), {
            "Content-Type": "application/x-www-form-urlencoded", "Origin": "https://evil.example"})
        self.assertEqual(a.status, 403)
        self.assertEqual(b.post(path, form, page).status, 200)

    def test_P25_GET_changes_nothing(self):
        before = self.house.api("GET", "/status").json["audit"]["sequence"]
        b = self.signed_in()
        during = self.house.api("GET", "/status").json["audit"]["sequence"]
        for path in ("/components", "/settings", "/settings/accounts", "/settings/security/key",
                     "/settings/security/csr", "/settings/security/certificate", "/activity", "/account"):
            self.assertEqual(b.get(path).status, 200, path)
        self.assertEqual(self.house.api("GET", "/status").json["audit"]["sequence"], during)
        self.assertGreater(during, before)

    def test_P24_sign_out_ends_the_session_at_once(self):
        b = self.signed_in()
        kept = dict(b.cookies)
        b.post("/sign-out", {}, b.get("/components"))
        b.cookies = kept
        self.assertNotIn("<h1>Components", b.get("/components").text)

    def test_P24_P27_disabling_an_account_ends_its_sessions(self):
        self.house.admin("second")
        b = self.signed_in("second")
        self.assertEqual(self.house.api("POST", "/accounts/second/disable").status, 200)
        self.assertNotIn("<h1>Components", b.get("/components").text)
        self.assertGreaterEqual(Browser(self.house).sign_in("second").status, 400)

    def test_V53_the_last_enabled_Super_Admin_stays(self):
        with House() as house:
            house.admin("only")
            for method, path in (("POST", "/accounts/only/disable"), ("DELETE", "/accounts/only")):
                a = house.api(method, path)
                self.assertEqual(a.status, 409, a.text)

    def test_P23_guessing_is_bounded_and_the_owner_gets_in_from_elsewhere(self):
        with House() as house:
            house.admin("root")
            house.api("PUT", "/password-policy", {"max_failures": 3, "expiry_days": 90,
                                                  "inactivity_days": 90, "complexity": False})
            for _ in range(3):
                self.assertEqual(Browser(house).sign_in("root", "wrong").status, 401)
            locked = Browser(house).sign_in("root", PASSWORD)
            self.assertGreaterEqual(locked.status, 400, "the right password, while locked")
            found = house.api("GET", "/audit?text=sign-in").json["events"]
            self.assertTrue(found)
            # another source: the Unix socket belongs to the owner's host
            self.assertEqual(house.api("GET", "/status").status, 200)

    def test_tokens_work_until_revoked(self):
        made = self.house.api("POST", "/tokens", {}).json
        self.assertRegex(made["token"], r"^[A-Za-z0-9_-]+$")
        head = {"Authorization": "Bearer " + made["token"]}
        self.assertEqual(self.house.request("GET", "/api/v1/status", headers=head).status, 200)
        self.assertEqual(self.house.api("DELETE", "/tokens/" + made["id"]).status // 100, 2)
        a = self.house.request("GET", "/api/v1/status", headers=head)
        self.assertEqual(a.status, 401)
        self.assertEqual(a.headers["Content-Type"], "application/problem+json")

    def test_the_API_without_a_token_says_401(self):
        self.assertEqual(self.house.request("GET", "/api/v1/status").status, 401)

    def test_P28_refusals_are_in_the_audit(self):
        self.house.api("POST", "/accounts", {"name": "x y", "email": "no", "password": "short"})
        found = self.house.api("GET", "/audit?text=account.create").json["events"]
        self.assertTrue(any(e["outcome"] != "done" for e in found), found)

    def test_V49_P28_P30_a_refused_sign_in_is_on_record_with_its_account_and_no_other_text(self):
        with House() as house:
            house.admin("root")
            house.api("PUT", "/password-policy", {"max_failures": 1, "expiry_days": 90,
                                                  "inactivity_days": 90, "complexity": False})
            for name in ("Root", "root", "a-Password-in-the-wrong-field"):
                Browser(house).sign_in(name, "wrong")
            found = [e for e in house.api("GET", "/audit").json["events"]
                     if e["action"] == "session.sign-in"]
            self.assertEqual([(e["outcome"], e["object"]) for e in found], [
                ("sign-in.wrong", ""), ("sign-in.locked", "root"), ("sign-in.wrong", "root")])

    def test_P30_no_password_is_in_audit_or_log(self):
        self.house.admin("secretive", "Sehr-Geheim-und-lang-99!!")
        text = self.house.api("GET", "/audit/export").text + self.house.errors()
        self.assertNotIn("Sehr-Geheim", text)

    def test_P30_the_set_up_link_is_in_no_audit_while_it_still_works(self):
        with House() as house:
            b, path = Browser(house), house.setup_path()
            form = {"name": "owner", "email": "nothing", "password": PASSWORD}
            self.assertEqual(b.post(path, form, b.get(path)).status, 400)
            found = [e for e in house.api("GET", "/audit").json["events"] if e["action"] == "setup"]
            self.assertEqual([(e["outcome"], e["object"]) for e in found], [("account.email", "")])
            self.assertEqual(b.post(path, dict(form, email="owner@example.com"), b.get(path)).status, 200)

    def test_P29_a_changed_export_is_found_offline(self):
        import os
        import tempfile
        from house import BUILD
        self.house.admin("auditme")
        data = self.house.api("GET", "/audit/export").text
        lines = data.splitlines()
        self.assertGreater(len(lines), 4)

        def verify(text):
            with tempfile.NamedTemporaryFile("w", suffix=".ndjson") as f:
                f.write(text)
                f.flush()
                return subprocess.run([os.path.join(BUILD, "certwright"), "audit", "verify", f.name],
                                      capture_output=True, text=True).returncode
        self.assertEqual(verify(data), 0)
        self.assertEqual(verify("\n".join(lines[:2] + lines[3:]) + "\n"), 5, "removed")
        self.assertEqual(verify("\n".join([lines[1], lines[0]] + lines[2:]) + "\n"), 5, "reordered")
        changed = re.sub(r'"action":"([a-z])', r'"action":"x\1', lines[1], count=1)
        self.assertNotEqual(changed, lines[1])
        self.assertEqual(verify("\n".join([lines[0], changed] + lines[2:]) + "\n"), 5, "edited")
        self.assertEqual(verify("not an export"), 6)

    def test_headers_of_every_answer(self):
        for path in ("/super", "/static/portal.css", "/nothing-here", "/healthz"):
            a = self.house.request("GET", path)
            self.assertEqual(a.headers["X-Content-Type-Options"], "nosniff", path)
        csp = self.house.request("GET", "/super").headers["Content-Security-Policy"]
        for part in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"):
            self.assertIn(part, csp)
        for word in ("unsafe-inline", "unsafe-eval"):
            self.assertNotIn(word, csp)

    def test_odd_paths_and_messages_are_refused(self):
        for path in ("//super", "/x/../super", "/super%2f", "/super%00", "/super;a=b", "/%2e%2e/super"):
            self.assertIn(self.house.request("GET", path).status, (400, 404), path)
        for headers in ({"Transfer-Encoding": "gzip"}, {"Content-Length": "+5"}):
            a = self.house.request("POST", "/sign-in", b"abcde", headers)
            self.assertEqual(a.status, 400, headers)

    def test_P31_bodies_are_limited(self):
        a = self.house.api("POST", "/csr/check", {"csr": "A" * 200000})
        self.assertIn(a.status, (400, 413), a.text[:200])
        deep = "[" * 100 + "]" * 100
        a = self.house.request("POST", "/api/v1/identities", deep, {"Content-Type": "application/json"},
                               unix=True)
        self.assertEqual(a.status, 400)

    def test_P14_an_answer_with_a_secret_is_not_kept_for_an_idempotency_key(self):
        def create():
            return self.house.request("POST", "/api/v1/tokens", json_body={}, unix=True,
                                      headers={"Idempotency-Key": "token-once"})
        made = create()
        self.assertEqual(made.status // 100, 2, made.text)
        again = create()
        self.assertEqual((again.status, again.json["id"]), (409, "idempotency.secret"))
        stored = b""
        for name in ("certwright.db", "certwright.db-wal"):
            with open(os.path.join(self.house.data, name), "rb") as f:
                stored += f.read()
        self.assertNotIn(made.json["token"].encode(), stored)
        self.assertIn(made.json["id"].encode(), stored)

    def test_M25_an_idempotency_key_is_done_once_whatever_comes_between(self):
        import concurrent.futures
        import sqlite3

        def make(key="at once"):
            return self.house.api("POST", "/identities/portal/requests", FIELDS,
                                  headers={"Idempotency-Key": key})
        self.house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            got = list(pool.map(lambda _: make(), range(16)))
        done = [a for a in got if a.status == 201]
        self.assertEqual(len({a.text for a in done}), 1, "one request was made")
        for a in got:
            if a.status != 201:
                self.assertEqual((a.status, a.json["id"]), (409, "idempotency.claimed"))
        self.assertEqual(make().text, done[0].text, "and a moment later all get its answer")
        listed = "/identities/portal/requests"
        self.assertEqual(len(self.house.api("GET", listed).json["requests"]), 1)
        # a crash between the effect and its answer: it is said, not done again
        with sqlite3.connect(self.house.data + "/certwright.db", timeout=20) as db:
            db.execute("UPDATE idempotency SET status = 0, body = '' WHERE key = 'at once'")
        db.close()
        again = make()
        self.assertEqual((again.status, again.json["id"]), (409, "idempotency.claimed"), again.text)
        self.assertEqual(len(self.house.api("GET", listed).json["requests"]), 1)
        # one that was refused may be sent again
        bad = dict(FIELDS, country="UK")
        for body, status in ((bad, 400), (bad, 400)):
            a = self.house.api("POST", listed, body, headers={"Idempotency-Key": "refused"})
            self.assertEqual(a.status, status)
        a = make("x" * 129)
        self.assertEqual((a.status, a.json["id"]), (400, "idempotency.key"), a.text)

    def test_idempotency_the_same_key_gives_the_same_answer_once(self):
        head = {"Idempotency-Key": "k-1"}
        one = self.house.api("POST", "/identities", {"name": "idem"}, headers=head)
        two = self.house.api("POST", "/identities", {"name": "idem"}, headers=head)
        self.assertEqual((one.status, one.json), (two.status, two.json))
        other = self.house.api("POST", "/identities", {"name": "else"}, headers=head)
        self.assertEqual(other.status, 409, other.text)


if __name__ == "__main__":
    tap.main()
