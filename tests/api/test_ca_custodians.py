"""Acts of a CA take two custodians, once there are two: a root's key leaves and
comes back, a CA's key is imported, an authority retires (P15)."""

import hashlib
import unittest

import tap
from ca import CA
from house import SEAMS, Browser
from person import Person
from test_ca import CaCase

PASSPHRASE = "a ceremony in the vault"


class Acts(CaCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alice, cls.bob = (Person(cls.house, n) for n in ("alice", "bob"))
        for who in (cls.alice, cls.bob):
            a = cls.house.api("POST", "/accounts/%s/custodian" % who.name)
            assert a.status == 200, a.text

    def setUp(self):
        if SEAMS:  # codes that nobody used yet
            self.house.at(int(self.house.env.get("CERTWRIGHT_TEST_CLOCK_OFFSET", 0)) + 120)

    def make(self, name):
        self.assertEqual(self.house.api("POST", "/cas", {"name": name}).status, 201)

    def two(self, path, act, name, body, done=200):
        """Asked by Alice, approved by Bob, done by Alice; what goes wrong between."""
        alone = self.alice.api("POST", path, body)
        self.refused(alone, 400, "approval.code", "code")
        asked = self.alice.api("POST", path, dict(body, code=self.alice.code()))
        self.assertEqual((asked.status, asked.json["waiting"]), (202, True), asked.text)
        waits = [w for w in self.house.api("GET", "/custodians").json["waiting"] if w["about"] == name]
        self.assertEqual([(w["wish"], w["asked_by"], w["approved"]) for w in waits], [(act, "alice", False)])
        again = self.alice.api("POST", path, body)
        self.assertEqual((again.status, again.json["waiting"]), (202, True))
        self.refused(self.alice.api("POST", "/cas/%s/approve" % name, {"act": act, "code": self.alice.code()}),
                     403, "approval.own")
        a = self.bob.api("POST", "/cas/%s/approve" % name, {"act": act, "code": self.bob.code()})
        self.assertEqual((a.status, a.json["asked_by"], a.json["act"]), (200, "alice", act), a.text)
        a = self.alice.api("POST", path, body)
        self.assertEqual(a.status, done, a.text)
        self.assertFalse(a.json["waiting"])
        self.assertEqual([(e["action"], e["actor"]) for e in reversed(self.events("ca.%s." % act))
                          if e["object"] == name], [("ca.%s.ask" % act, "alice"), ("ca.%s.approve" % act, "bob")])
        self.refused(self.bob.api("POST", "/cas/%s/approve" % name, {"act": act, "code": self.bob.code()}),
                     404, "approval.none")
        return a.json

    def test_P15_the_roots_key_leaves_and_comes_back_by_two(self):
        self.make("vault")
        pem = self.two("/cas/vault/offline", "offline", "vault", {"passphrase": PASSPHRASE})["pem"]
        self.assertIn("ENCRYPTED PRIVATE KEY", pem)
        a = self.alice.api("POST", "/cas/vault/offline", {"sha256": hashlib.sha256(pem.encode()).hexdigest()})
        self.assertEqual(a.status, 200, a.text)
        self.refused(self.house.api("POST", "/cas/vault/online", {"key": pem, "key_passphrase": PASSPHRASE}),
                     409, "account.none")
        back = self.two("/cas/vault/online", "online", "vault", {"key": pem, "key_passphrase": PASSPHRASE})
        self.assertEqual({c["state"] for c in back["certificates"]}, {"active"})
        self.assertEqual(self.house.api("POST", "/cas/vault/rollover", {}).status, 200)

    def test_P15_another_key_than_that_of_the_certificate_does_not_come_in(self):
        ours, other = CA("Ours"), CA("Other")
        self.addCleanup(ours.close)
        self.addCleanup(other.close)
        answer = (ours.inter + ours.root).decode()
        key, wrong = (open(c.inter_key).read() for c in (ours, other))
        body = {"name": "came", "answer": answer}
        a = self.alice.api("POST", "/cas/import", dict(body, key=key, code=self.alice.code()))
        self.assertEqual(a.status, 202, a.text)
        a = self.bob.api("POST", "/cas/came/approve", {"act": "import", "code": self.bob.code()})
        self.assertEqual(a.status, 200, a.text)
        self.refused(self.alice.api("POST", "/cas/import", dict(body, key=wrong)), 403, "custodian.approval")
        a = self.alice.api("POST", "/cas/import", dict(body, key=key))
        self.assertEqual((a.status, a.json["waiting"]), (201, False), a.text)
        self.assertEqual(self.submit(authority="came").status, 201)

    def test_P15_an_authority_retires_by_two(self):
        self.make("old")
        self.two("/cas/old/retire", "retire", "old", {})
        self.assertEqual(self.submit(authority="old").status, 404)

    def browser(self, who):
        b = Browser(self.house)
        page = b.post("/sign-in/code", {"code": who.code()}, b.sign_in(who.name))
        self.assertEqual(page.path, "/components", page.text)
        return b

    def test_P15_in_the_portal_one_asks_and_another_approves(self):
        self.make("shown")
        page = "/settings/security/ca/shown"
        alice, bob = self.browser(self.alice), self.browser(self.bob)
        shown = alice.get(page)
        self.assertIn("It takes two custodians", shown.text)
        self.assertIn("of yours", self.wrong(alice.post(page + "/retire", {}, shown), "code"))
        after = alice.post(page + "/retire", {"code": self.alice.code()}, shown)
        self.assertIn("alice asked to retire it until", after.text)
        self.assertNotIn(page + "/approve", after.text)
        theirs = bob.get(page)
        self.assertIn(page + "/approve", theirs.text)
        after = bob.post(page + "/approve", {"act": "retire", "code": self.bob.code()}, theirs)
        self.assertIn("It is approved: alice can do it now", after.text)
        self.assertIn("Retired", alice.post(page + "/retire", {}, alice.get(page)).text)

    def test_P15_what_was_asked_for_one_authority_is_not_for_another(self):
        self.make("one")
        self.make("other")
        a = self.alice.api("POST", "/cas/one/retire", {"code": self.alice.code()})
        self.assertEqual(a.status, 202)
        for name, act in (("other", "retire"), ("one", "offline")):
            self.refused(self.bob.api("POST", "/cas/%s/approve" % name, {"act": act, "code": self.bob.code()}),
                         404, "approval.none")
        self.refused(self.bob.api("POST", "/cas/one/retire", {}), 409, "approval.other")
        self.assertEqual(self.submit(authority="one").status, 201)


if __name__ == "__main__":
    tap.main()
