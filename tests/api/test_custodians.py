"""Custodians: from two on a key leaves, and they change, with two of them only;
against the real daemon."""

import os
import sqlite3

import tap
from ca import openssl
from case import Case
from house import SEAMS, Browser
from person import Person

PASSPHRASE = "correct horse battery"


class Base(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice, cls.bob, cls.carol = (Person(cls.house, n) for n in ("alice", "bob", "carol"))
        cls.dave = Person(cls.house, "dave", codes=False)

    def setUp(self):
        if SEAMS:  # codes that nobody used yet
            self.house.at(int(self.house.env.get("CERTWRIGHT_TEST_CLOCK_OFFSET", 0)) + 120)

    def key(self, name, exportable=True):
        self.identity(name)
        a = self.house.api("POST", "/identities/%s/keys" % name, {"type": "ec:P-256", "exportable": exportable})
        return a.json["id"]

    def export(self, who, key, **more):
        return who.api("POST", "/keys/%s/export" % key, dict({"passphrase": PASSPHRASE}, **more))

    def approve(self, who, key, code=None):
        return who.api("POST", "/keys/%s/approve" % key, {"code": code or who.code()})

    def asked(self, who, key, **more):
        a = self.export(who, key, code=who.code(), **more)
        self.assertEqual((a.status, a.json["waiting"], a.json["pem"], a.json["pkcs12"]), (202, True, None, None),
                         a.text)
        return a.json

    def two(self):
        """Alice and Bob are custodians."""
        have = {c["name"] for c in self.custodians()["custodians"]}
        for who in [n for n in ("alice", "bob") if n not in have]:
            a = self.house.api("POST", "/accounts/%s/custodian" % who)
            self.assertEqual((a.status, a.json["waiting"]), (200, False), a.text)

    def custodians(self):
        return self.house.api("GET", "/custodians").json

    def acts(self, about):
        return [(e["action"], e["outcome"], e["actor"]) for e in reversed(self.events(about))]


class Export(Base):
    def test_P15_M34_a_key_leaves_only_with_two_custodians(self):
        key = self.key("two")
        self.assertEqual(self.export(self.dave, key).status, 200, "nobody is a custodian yet")
        self.house.api("POST", "/accounts/alice/custodian")
        self.assertEqual(self.export(self.dave, key).status, 200, "one custodian binds nobody")
        self.two()
        local = self.house.api("POST", "/keys/%s/export" % key, {"passphrase": PASSPHRASE})
        self.refused(local, 409, "account.none")
        self.refused(self.export(self.alice, key), 400, "approval.code", "code")
        self.refused(self.export(self.alice, key, code="123"), 403, "code.wrong", "code")
        self.refused(self.export(self.carol, key, code="000000"), 403, "custodian.none")
        self.refused(self.approve(self.bob, key, "000000"), 404, "approval.none")
        self.asked(self.alice, key)
        self.assertEqual(self.export(self.alice, key).status, 202, "it still waits")
        self.refused(self.export(self.bob, key, code="000000"), 409, "approval.other")
        self.refused(self.approve(self.alice, key, "000000"), 403, "approval.own")
        self.refused(self.approve(self.carol, key, "000000"), 403, "custodian.none")
        self.assertEqual([(w["act"], w["about"], w["asked_by"], w["approved"])
                          for w in self.custodians()["waiting"]], [("export", key, "alice", False)])
        a = self.approve(self.bob, key)
        self.assertEqual((a.status, a.json["asked_by"], a.json["format"]), (200, "alice", "pkcs8"), a.text)
        self.assertTrue(self.custodians()["waiting"][0]["approved"])
        self.refused(self.export(self.bob, key), 409, "approval.other")
        a = self.export(self.alice, key)
        self.assertEqual((a.status, a.json["waiting"]), (200, False), a.text)
        openssl("pkey", "-passin", "pass:" + PASSPHRASE, "-pubout", stdin=a.json["pem"].encode())
        self.refused(self.export(self.alice, key), 400, "approval.code", "code")
        self.assertEqual(self.custodians()["waiting"], [])
        acts = self.acts(key)
        for act in (("key.export.ask", "done", "alice"), ("key.export.approve", "approval.own", "alice"),
                    ("key.export.approve", "custodian.none", "carol"), ("key.export.approve", "done", "bob"),
                    ("key.export", "approval.other", "bob"), ("key.export", "done", "alice")):
            self.assertIn(act, acts)
        detail = [e["detail"] for e in self.events(key) if (e["action"], e["outcome"]) == ("key.export", "done")][0]
        self.assertEqual(detail["approved_by"], ["alice", "bob"])

    def test_P15_what_was_asked_for_is_what_leaves(self):
        self.two()
        key = self.key("asked")
        self.asked(self.alice, key, format="pkcs12")
        self.refused(self.export(self.alice, key), 400, "key.export.format", "format")
        self.assertEqual(self.approve(self.bob, key).json["format"], "pkcs12")
        self.refused(self.export(self.alice, key, passphrase="", format="pkcs12"), 400, "field.required",
                     "passphrase")
        self.refused(self.export(self.alice, key, passphrase="short", format="pkcs12"), 400,
                     "key.export.passphrase", "passphrase")
        a = self.export(self.alice, key, format="pkcs12")
        self.assertEqual((a.status, a.json["format"]), (200, "pkcs12"), a.text)

    def test_P15_an_approval_is_for_one_key(self):
        self.two()
        one, other = self.key("one"), self.key("other")
        self.asked(self.alice, one)
        self.assertEqual(self.approve(self.bob, one).status, 200)
        self.refused(self.export(self.alice, other), 400, "approval.code", "code")
        fixed = self.key("fixed", exportable=False)
        self.refused(self.export(self.alice, fixed), 403, "key.not-exportable")

    def test_P15_a_code_is_taken_once_and_a_restart_ends_what_waits(self):
        self.two()
        key = self.key("once")
        self.asked(self.alice, key)
        self.refused(self.export(self.alice, key, code=self.alice.used()), 403, "totp.used", "code")
        self.house.restart()
        self.refused(self.approve(self.bob, key, "000000"), 404, "approval.none")
        self.refused(self.export(self.alice, key), 400, "approval.code", "code")
        # the keeper forgot the step, the database did not
        self.refused(self.export(self.alice, key, code=self.alice.used()), 403, "totp.used", "code")
        for _ in range(5):
            a = self.export(self.bob, key, code="000000")
        self.assertIn(a.json["id"], ("code.wrong", "code.limit"))
        self.refused(self.export(self.bob, key, code="000000"), 429, "code.limit", "code")
        self.house.restart()


class Changes(Base):
    def act(self, who, name, remove=False, code=True):
        return who.api("POST", "/accounts/%s/custodian%s" % (name, "/remove" if remove else ""),
                       {"code": who.code()} if code else {})

    def test_P15_from_two_on_each_change_takes_two(self):
        self.refused(self.house.api("POST", "/accounts/dave/custodian"), 409, "totp.none")
        self.refused(self.house.api("POST", "/accounts/dave/custodian/remove"), 403, "custodian.none")
        self.two()
        self.refused(self.house.api("POST", "/accounts/alice/custodian"), 409, "custodian.already")
        self.refused(self.house.api("POST", "/accounts/carol/custodian"), 409, "account.none")
        self.refused(self.act(self.alice, "carol", code=False), 400, "approval.code", "code")
        a = self.act(self.alice, "carol")
        self.assertEqual((a.status, a.json["waiting"]), (202, True), a.text)
        self.assertEqual(self.act(self.alice, "carol", code=False).status, 202)
        self.refused(self.act(self.bob, "carol", code=False), 400, "approval.code", "code")
        a = self.act(self.bob, "carol")
        self.assertEqual((a.status, a.json["waiting"]), (200, False), a.text)
        self.assertEqual([c["name"] for c in self.custodians()["custodians"]], ["alice", "bob", "carol"])
        self.assertEqual(self.acts("carol")[-2:], [("custodian.add.approve", "done", "bob"),
                                                   ("custodian.add", "done", "bob")])
        # who goes may say so himself, with another one
        self.assertEqual(self.act(self.carol, "carol", remove=True).status, 202)
        self.assertEqual(self.act(self.alice, "carol", remove=True).status, 200)
        self.house.restart()
        self.assertEqual([c["name"] for c in self.custodians()["custodians"]], ["alice", "bob"])

    def test_P15_the_codes_of_a_custodian_stay(self):
        self.two()
        self.refused(self.house.api("POST", "/accounts/alice/reset-totp"), 409, "custodian.stays")
        self.refused(self.house.api("DELETE", "/accounts/alice"), 409, "custodian.stays")
        a = self.alice.api("POST", "/account/totp/off", {"totp_password": "whatever"})
        self.refused(a, 409, "custodian.stays")
        self.refused(self.alice.api("POST", "/account/totp"), 409, "totp.on")
        self.assertTrue(self.alice.api("GET", "/account").json["totp"])

    def test_P15_a_seed_put_into_the_database_is_not_the_one(self):
        self.two()
        key = self.key("swapped")
        with sqlite3.connect(os.path.join(self.house.data, "certwright.db")) as db:
            kept = db.execute("SELECT totp FROM account WHERE name = 'bob'").fetchone()[0]
            other = db.execute("SELECT totp FROM account WHERE name = 'carol'").fetchone()[0]
            db.execute("UPDATE account SET totp = ? WHERE name = 'bob'", (other,))
        self.refused(self.export(self.bob, key, code="000000"), 403, "custodian.seed")
        with sqlite3.connect(os.path.join(self.house.data, "certwright.db")) as db:
            db.execute("UPDATE account SET totp = ? WHERE name = 'bob'", (kept,))

    def test_V4_a_custodian_signs_in_with_codes_as_before(self):
        self.two()
        b = Browser(self.house)
        page = b.sign_in("alice")
        code = self.alice.code()
        page = b.post("/sign-in/code", {"code": code}, page)
        self.assertEqual((page.status, page.path), (200, "/components"), page.text)
        # and that code approves nothing any more
        key = self.key("signed-in")
        self.refused(self.export(self.alice, key, code=code), 403, "totp.used", "code")


if __name__ == "__main__":
    tap.main()
