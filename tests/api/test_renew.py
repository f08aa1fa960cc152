"""Certificates of our own authorities are renewed before they end. The clock is
moved, which only test builds let happen; each test has a house of its own."""

import datetime
import os
import sqlite3
import time
import unittest

import tap
from ca import CA, openssl
from case import Case
from house import FIELDS, SEAMS, TOP, House
from tenant import Tenant

DAY = 86400


class Renew(Case):
    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def setUp(self):
        if not SEAMS:
            self.skipTest("the clock is moved in test builds only")
        self.house = House(options=["--renew-spread", "0"])
        self.addCleanup(self.house.close)
        self.house.admin("root")
        self.assertEqual(self.house.api("POST", "/cas", {"name": "house"}).status, 201)

    def served_by_house(self, identity, days=30, api=None, **more):
        """An identity with a certificate of our own authority."""
        api = api or self.house.api
        name = "%s.example.com" % identity
        if identity != "portal":
            self.assertEqual(api("POST", "/identities", {"name": identity}).status, 201)
        api("POST", "/identities/%s/keys" % identity, {"type": more.pop("type", "ec:P-256")})
        r = api("POST", "/identities/%s/requests" % identity,
                {**FIELDS, "common_name": name, **more})
        self.assertEqual(r.status, 201, r.text)
        s = api("POST", "/authorities/house/requests", {"csr": r.json["pem"], "days": days})
        self.assertEqual(s.status, 201, s.text)
        a = api("POST", "/identities/%s/certificates" % identity, {"request": s.json["id"]})
        self.assertEqual(a.status, 201, a.text)
        return self.active(identity, api)

    def active(self, identity, api=None):
        all = (api or self.house.api)("GET", "/identities/%s/certificates" % identity).json
        return [c for c in all["certificates"] if c["state"] == "active"][0]

    def renewal(self, identity, api=None):
        a = (api or self.house.api)("GET", "/renewals/" + identity)
        self.assertEqual(a.status, 200, a.text)
        return a.json

    def until(self, identity, what, api=None):
        """Waits until `what` is so of its renewal."""
        end = time.monotonic() + 30
        while not what(r := self.renewal(identity, api)):
            self.assertLess(time.monotonic(), end, r)
            time.sleep(0.05)
        return r

    def renewed(self, identity, old, api=None):
        self.until(identity, lambda r: r["renewed"], api)
        new = self.active(identity, api)
        self.assertNotEqual(new["sha256"], old["sha256"])
        return new

    def settled(self, identity):
        """So long that whatever would be done by itself were done."""
        time.sleep(1)
        return self.renewal(identity)

    def set(self, identity, **how):
        a = self.house.api("PUT", "/renewals/" + identity, how)
        self.assertEqual(a.status, 200, a.text)
        return a.json

    def attention(self):
        return {a["id"]: a for a in self.house.api("GET", "/components").json["attention"]}

    # -- when -----------------------------------------------------------------
    def test_M15_renewed_by_itself_at_two_thirds_of_its_life_with_a_new_key(self):
        old = self.served_by_house("portal")
        r = self.renewal("portal")
        self.assertEqual((r["state"], r["by_itself"], r["new_key"]), ("waiting", True, True))
        self.assertRegex(r["next"], "^renewed by itself on ")
        self.house.at(19 * DAY)
        self.assertEqual(self.settled("portal")["renewed"], None)
        self.assertEqual(self.active("portal")["sha256"], old["sha256"])
        self.house.at(20 * DAY + 60)
        new = self.renewed("portal", old)
        self.assertEqual((new["subject"], new["names"]), (old["subject"], old["names"]))
        self.assertNotEqual(new["key"], old["key"])
        served = openssl("x509", "-inform", "DER", "-noout", "-fingerprint", "-sha256",
                         stdin=self.house.served()).decode()
        self.assertIn(new["sha256"], served.lower().replace(":", ""))
        done = {(e["action"], e["actor"]) for e in self.events("")}
        for action in ("key.generate", "csr.regenerate", "certificate.issue", "certificate.install"):
            self.assertIn((action, "system"), done)
        self.assertEqual(self.renewal("portal")["state"], "waiting")

    def test_at_half_of_a_life_under_ten_days(self):
        old = self.served_by_house("portal", days=6)
        self.house.at(3 * DAY - 600)
        self.assertEqual(self.settled("portal")["renewed"], None)
        self.house.at(3 * DAY + 60)
        self.renewed("portal", old)

    def test_earlier_where_it_is_set_so(self):
        old = self.served_by_house("portal")
        self.set("portal", days_left="25")
        self.house.at(5 * DAY + 60)
        self.renewed("portal", old)

    def test_P36_nothing_is_tried_while_the_clock_is_doubted(self):
        old = self.served_by_house("portal", days=40)
        self.house.at(35 * DAY)
        self.assertIn("clock", self.attention())
        r = self.settled("portal")
        self.assertEqual((r["tries"], r["renewed"]), (0, None))
        self.assertEqual(self.house.api("POST", "/clock/confirm").status, 200)
        self.house.api("POST", "/renewals/portal/now")
        self.renewed("portal", old)

    # -- how ------------------------------------------------------------------
    def test_M15_the_key_is_kept_where_it_is_set_so(self):
        old = self.served_by_house("portal", type="rsa:2048")
        self.set("portal", new_key="no")
        self.house.at(20 * DAY + 60)
        new = self.renewed("portal", old)
        self.assertEqual(new["key"], old["key"])
        one = self.house.api("GET", "/identities/portal/requests").json["requests"][0]
        self.assertIn("set so for renewals", str(one))

    def test_a_new_key_is_of_the_same_type(self):
        old = self.served_by_house("portal", type="rsa:2048")
        self.house.at(20 * DAY + 60)
        new = self.renewed("portal", old)
        keys = {k["id"]: k["type"] for k in
                self.house.api("GET", "/identities/portal/keys").json["keys"]}
        self.assertEqual(keys[new["key"]], "rsa:2048")

    def test_M14_it_is_installed_within_its_hours(self):
        old = self.served_by_house("portal")
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=6)
        self.set("portal", hours=soon.strftime("%H:%M-") + (
            soon + datetime.timedelta(hours=2)).strftime("%H:%M"))
        self.house.at(20 * DAY + 60)
        r = self.until("portal", lambda r: r["state"] == "ready")
        self.assertRegex(r["next"], "^the next certificate is here; installed ")
        self.assertEqual(self.active("portal")["sha256"], old["sha256"])
        issued = self.house.api("GET", "/issued").json["issued"]
        self.house.at(20 * DAY + 7 * 3600)
        self.renewed("portal", old)
        self.assertEqual(len(self.house.api("GET", "/issued").json["issued"]), len(issued))

    def test_M14_for_its_hours_nothing_is_left_to_end(self):
        old = self.served_by_house("portal", days=1)
        past = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=11)
        self.set("portal", hours=past.strftime("%H:%M-") + (
            past + datetime.timedelta(hours=1)).strftime("%H:%M"))
        self.house.at(13 * 3600)
        self.renewed("portal", old)

    def test_switched_off_it_waits_for_a_person(self):
        old = self.served_by_house("portal")
        self.set("portal", by_itself="no")
        self.house.at(21 * DAY)
        r = self.settled("portal")
        self.assertEqual((r["next_at"], r["renewed"]), (None, None))
        self.assertIn("switched off", r["next"])
        self.assertIn("ends-soon", self.attention())
        self.assertEqual(self.house.api("POST", "/renewals/portal/now").status, 202)
        self.renewed("portal", old)
        self.assertFalse(self.renewal("portal")["by_itself"])

    def test_what_takes_care_of_itself_needs_nobody(self):
        old = self.served_by_house("portal")
        self.house.at(20 * DAY + 60)
        self.renewed("portal", old)
        self.assertNotIn("ends-soon", self.attention())
        self.assertNotIn("renewal-failed", self.attention())

    def test_after_a_rollback_it_waits_for_a_person(self):
        old = self.served_by_house("portal")
        self.house.at(20 * DAY + 60)
        self.renewed("portal", old)
        a = self.house.api("POST", "/identities/portal/rollback", {"reason": "it did not work"})
        self.assertEqual(a.status, 200, a.text)
        r = self.settled("portal")
        self.assertEqual((r["state"], r["next_at"]), ("paused", None))
        self.assertEqual(self.active("portal")["sha256"], old["sha256"])
        self.assertIn("ends-soon", self.attention())
        self.set("portal", by_itself="yes")
        self.until("portal", lambda r: r["state"] == "waiting" and
                   self.active("portal")["sha256"] != old["sha256"])

    # -- what cannot be -------------------------------------------------------
    def test_a_refusal_is_said_and_tried_again(self):
        old = self.served_by_house("portal")
        card = self.house.api("GET", "/cas/house/policy").json["card"]
        allow = card["profiles"][0]["keys"]["allow"]
        card["profiles"][0]["keys"]["allow"] = ["rsa:3072"]
        self.assertEqual(self.house.api("POST", "/cas/house/policy", card).status, 200)
        self.house.at(20 * DAY + 60)
        r = self.until("portal", lambda r: r["state"] == "failed")
        self.assertEqual(r["tries"], 1)
        self.assertTrue(r["message"].startswith("house refuses it: key: "), r)
        self.assertIn("the renewal failed once; tried again in ", r["next"])
        one = self.attention()["renewal-failed"]
        self.assertIn("The renewal of portal failed 1 time", one["message"])
        self.assertEqual(len(self.events("renewal.failed")), 1)
        card["profiles"][0]["keys"]["allow"] = allow
        self.assertEqual(self.house.api("POST", "/cas/house/policy", card).status, 200)
        self.assertEqual(self.house.api("POST", "/renewals/portal/now").status, 202)
        self.renewed("portal", old)
        r = self.renewal("portal")
        self.assertEqual((r["tries"], r["message"]), (0, None))
        self.assertNotIn("renewal-failed", self.attention())

    def test_what_waits_for_an_approval_goes_on_once_it_is_there(self):
        old = self.served_by_house("portal")
        card = self.house.api("GET", "/cas/house/policy").json["card"]
        card["profiles"][0]["approval"] = {"persons": 1, "reason": "people look at it first",
                                           "reference": "our own", "checked": "2026-11-26"}
        self.assertEqual(self.house.api("POST", "/cas/house/policy", card).status, 200)
        self.house.at(20 * DAY + 60)
        r = self.until("portal", lambda r: r["state"] == "held")
        self.assertEqual(r["next"], "its renewal waits for an approval")
        one = [s for s in self.house.api("GET", "/submissions").json["submissions"]
               if s["state"] == "held"]
        self.assertEqual(len(one), 1)
        a = self.house.api("POST", "/submissions/%s/approve" % one[0]["id"])
        self.assertEqual(a.status, 201, a.text)
        self.renewed("portal", old)

    def test_what_is_rejected_failed(self):
        self.served_by_house("portal")
        card = self.house.api("GET", "/cas/house/policy").json["card"]
        card["profiles"][0]["approval"] = {"persons": 1, "reason": "people look at it first",
                                           "reference": "our own", "checked": "2026-11-26"}
        self.assertEqual(self.house.api("POST", "/cas/house/policy", card).status, 200)
        self.house.at(20 * DAY + 60)
        self.until("portal", lambda r: r["state"] == "held")
        one = [s for s in self.house.api("GET", "/submissions").json["submissions"]
               if s["state"] == "held"][0]
        a = self.house.api("POST", "/submissions/%s/reject" % one["id"], {"reason": "not any more"})
        self.assertEqual(a.status, 200, a.text)
        r = self.until("portal", lambda r: r["state"] == "failed")
        self.assertEqual(r["message"], "its request was rejected: not any more")

    def ready(self, identity):
        """A certificate whose next one is here, and waits for its hours."""
        old = self.served_by_house(identity)
        soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=6)
        self.set(identity, hours=soon.strftime("%H:%M-") + (
            soon + datetime.timedelta(hours=2)).strftime("%H:%M"))
        self.house.at(20 * DAY + 60)
        self.until(identity, lambda r: r["state"] == "ready")
        made = self.house.api("GET", "/issued").json["issued"][0]
        self.assertNotEqual(made["serial"], old["serial"])
        return old, made

    def anew(self, identity, old, made):
        """The one that waited is not what comes."""
        self.house.at(20 * DAY + 7 * 3600)
        self.until(identity, lambda r: r["state"] == "failed")
        self.assertEqual(self.house.api("POST", "/renewals/%s/now" % identity).status, 202)
        self.until(identity, lambda r: r["state"] == "waiting" and r["renewed"])
        self.assertNotIn(self.active(identity)["serial"], (old["serial"], made["serial"]))

    def test_P37_whose_key_was_destroyed_while_it_waited_is_made_anew(self):
        old, made = self.ready("portal")
        key = self.house.api("GET", "/identities/portal/keys").json["keys"][0]
        self.assertEqual(key["state"], "ready")
        a = self.house.api("DELETE", "/keys/" + key["id"])
        self.assertEqual(a.status, 200, a.text)
        self.anew("portal", old, made)

    def test_P6_what_was_revoked_while_it_waited_is_not_installed(self):
        old, made = self.ready("portal")
        self.assertEqual(self.house.api("POST", "/issued/revoke", {"serial": made["serial"]}).status, 200)
        self.anew("portal", old, made)

    def test_what_others_issued_is_renewed_by_hand(self):
        ca = CA()
        self.addCleanup(ca.close)
        self.house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        r = self.house.regenerate().json
        a = self.house.install(ca.sign(r["pem"]) + ca.inter)
        self.assertEqual(a.status, 201, a.text)
        r = self.renewal("portal")
        self.assertEqual((r["state"], r["next_at"]), ("manual", None))
        self.refused(self.house.api("POST", "/renewals/portal/now"), 409, "renewal.by-hand")

    def test_what_was_revoked_is_not_renewed(self):
        old = self.served_by_house("portal")
        a = self.house.api("POST", "/issued/revoke", {"serial": old["serial"]})
        self.assertEqual(a.status, 200, a.text)
        self.house.at(20 * DAY + 60)
        r = self.until("portal", lambda r: r["state"] == "manual")
        self.assertEqual(r["renewed"], None)

    def test_wrong_settings_stand_at_their_field(self):
        self.served_by_house("portal")
        for how, refusal, field in (({"hours": "25:00-01:00"}, "renewal.hours", "hours"),
                                    ({"hours": "22:00"}, "renewal.hours", "hours"),
                                    ({"hours": "22:00-22:00"}, "renewal.hours", "hours"),
                                    ({"days_left": "-1"}, "renewal.days", "days_left"),
                                    ({"days_left": "many"}, "renewal.days", "days_left")):
            self.refused(self.house.api("PUT", "/renewals/portal", how), 400, refusal, field)
        page = self.signed_in().get("/certificates/renewals/portal")
        browser = self.signed_in()
        wrong = browser.post("/certificates/renewals/portal", {"hours": "all"},
                             browser.get("/certificates/renewals/portal"))
        self.assertIn("Renew now", page.text)
        saved = browser.post("/certificates/renewals/portal", {"hours": "22:00-04:00"},
                             browser.get("/certificates/renewals/portal"))
        self.assertEqual((saved.status, saved.path), (200, "/certificates/renewals/portal"))
        self.assertIn('value="22:00-04:00"', saved.text)
        self.assertIn("no part of a day", self.wrong(wrong, "hours"))

    def test_all_that_an_authority_issued_is_renewed_on_request(self):
        acme = Tenant(self.house, "acme")
        old = {None: self.served_by_house("portal"),
               "acme": self.served_by_house("shop", api=acme.api, common_name="a.acme.example")}
        self.served_by_house("off")
        self.set("off", by_itself="no")
        self.house.api("POST", "/cas", {"name": "other"})
        self.assertEqual(self.house.api("POST", "/cas/other/renew").json["renewals"], 0)
        for within in (721, 9999):
            self.refused(self.house.api("POST", "/cas/house/renew", {"within": within}), 400,
                         "renewal.within", "within")
        a = self.house.api("POST", "/cas/house/renew", {"within": 720})
        self.assertEqual((a.status, a.json["renewals"]), (202, 2))
        self.assertRegex(self.renewal("portal")["next"], "^renewed by itself on ")
        a = self.house.api("POST", "/cas/house/renew")
        self.assertEqual((a.status, a.json["renewals"]), (202, 2))
        self.renewed("portal", old[None])
        self.renewed("shop", old["acme"], acme.api)
        self.assertEqual(self.settled("off")["renewed"], None)
        self.assertEqual(acme.api("POST", "/cas/house/renew").status, 403)

    # -- whose ----------------------------------------------------------------
    def test_a_tenants_is_renewed_in_its_tenant_whatever_its_quota(self):
        acme = Tenant(self.house, "acme")
        a = self.house.api("PUT", "/tenants/acme", {"max_requests": 1})
        self.assertEqual(a.status, 200, a.text)
        old = self.served_by_house("shop", api=acme.api, common_name="shop.acme.example")
        self.house.at(20 * DAY + 60)
        new = self.renewed("shop", old, acme.api)
        self.assertEqual(new["names"], old["names"])
        self.assertEqual(self.house.api("GET", "/renewals").json["renewals"], [])
        self.assertEqual(self.house.api("GET", "/renewals/shop").status, 404)

    def test_of_a_deleted_tenant_nothing_is_renewed(self):
        acme = Tenant(self.house, "acme")
        self.served_by_house("shop", api=acme.api, common_name="shop.acme.example")
        self.house.api("POST", "/tenants/acme/delete", {"confirm": "acme"})
        old = self.served_by_house("portal")
        self.house.at(20 * DAY + 60)
        self.renewed("portal", old)
        time.sleep(1)
        self.assertEqual(self.events("renewal.failed"), [])

    def test_an_old_database_is_taken_along(self):
        """A version without renewals left no rows: they come with the update."""
        old = self.served_by_house("portal")
        self.house.stop()
        db = sqlite3.connect(self.house.data + "/certwright.db")
        db.execute("DELETE FROM renewal")
        with open(os.path.join(TOP, "sql/0026_renewal.sql"), encoding="utf-8") as f:
            db.execute(f.read().split(";")[-2])
        db.commit()
        db.close()
        self.house.at(20 * DAY + 60)
        self.renewed("portal", old)


if __name__ == "__main__":
    tap.main()
