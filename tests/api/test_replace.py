"""A key that others have is replaced, and what is presented is good at every moment."""

import re
import threading
import unittest

import tap
from ca import CA, openssl
from case import Case
from house import FIELDS, House


class Replace(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = CA()
        a = cls.house.api("POST", "/cas", {"name": "house"})
        assert a.status == 201, a.text

    @classmethod
    def tearDownClass(cls):
        cls.ca.close()
        super().tearDownClass()

    def replace(self, identity="portal", status=202, **body):
        a = self.house.api("POST", "/identities/%s/replacement" % identity, body)
        self.assertEqual(a.status, status, a.text)
        return a.json

    def shown(self, identity="portal"):
        return self.house.api("GET", "/identities/%s/replacement" % identity).json

    def issued(self, serial):
        return self.house.api("GET", "/issued/" + serial).json

    def served_by_house(self, identity, **fields):
        """An identity with a certificate of our own authority."""
        if identity != "portal":
            self.house.api("POST", "/identities", {"name": identity})
        self.house.api("POST", "/identities/%s/keys" % identity, {"type": "ec:P-256"})
        r = self.house.regenerate(identity, **fields).json
        s = self.house.api("POST", "/authorities/house/requests", {"csr": r["pem"]}).json
        a = self.house.api("POST", "/identities/%s/certificates" % identity, {"request": s["id"]})
        self.assertEqual(a.status, 201, a.text)
        return s

    def served_by_others(self, identity):
        self.identity(identity, "ec:P-256")
        r = self.house.regenerate(identity, common_name=identity + ".example.com").json
        self.house.api("POST", "/authorities/private/requests", {"csr": r["pem"]})
        a = self.house.install(self.ca.sign(r["pem"]) + self.ca.inter, identity=identity)
        self.assertEqual(a.status, 201, a.text)
        return a.json

    def test_M37_all_in_one_act_with_our_own_authority(self):
        old = self.served_by_house("portal")
        before, stop, seen = self.house.served(), threading.Event(), []

        def watch():
            while not stop.is_set():
                seen.append(self.house.served())

        t = threading.Thread(target=watch)
        t.start()
        r = self.replace(note="laptop stolen", status=200)
        stop.set()
        t.join()
        self.assertEqual((r["state"], r["step"], r["waits_for"], r["note"]), ("done", "done", None, "laptop stolen"))
        after = self.house.served()
        self.assertNotEqual(after, before)
        self.assertLessEqual(set(seen), {before, after}, "each handshake had the one or the other")
        self.assertEqual([(c["serial"], c["here"], c["revoked"]) for c in r["certificates"]],
                         [(old["serial"], True, True)])
        one = self.issued(old["serial"])
        self.assertEqual((one["state"], one["reason"]), ("revoked", "keyCompromise"))
        key = self.house.api("GET", "/keys/" + r["new_key"]).json
        self.assertEqual((key["state"], key["type"]), ("active", "ec:P-256"))
        acts = [e["action"] for e in reversed(self.events("")) if e["outcome"] == "done"]
        self.assertEqual(acts[len(acts) - 1 - acts[::-1].index("key.replace") - 1:],
                         ["key.generate", "key.replace", "key.compromised", "csr.regenerate", "certificate.issue",
                          "certificate.install", "certificate.revoke", "key.replaced"], "never revoked before installed")

    def test_M37_the_old_key_is_refused_on_every_path(self):
        self.served_by_house("refused", common_name="refused.example.com")
        old = self.house.api("GET", "/identities/refused/key").json
        pem = self.house.api("GET", "/identities/refused/request").json["pem"]
        r = self.replace("refused", note="leaked")
        self.assertEqual(r["old_key"], old["id"])
        a = self.house.api("POST", "/authorities/house/requests", {"csr": pem})
        self.assertEqual(a.status, 422, a.text)
        self.assertIn("compromised", a.text)
        r = self.replace("refused", in_use=True, status=200)
        a = self.house.api("POST", "/identities/refused/rollback", {})
        self.assertEqual(a.json["id"], "key.compromised", a.text)

    def test_M37_what_another_server_presents_is_not_revoked_before_it_is_said(self):
        old = self.served_by_house("shop", common_name="shop.example.com")
        r = self.replace("shop")
        self.assertEqual((r["step"], r["waits_for"]), ("revoke", "the server of shop to present the new certificate"))
        self.assertEqual(self.issued(old["serial"])["state"], "issued")
        self.assertEqual(self.replace("shop")["step"], "revoke", "asked again it still waits")
        r = self.replace("shop", in_use=True, status=200)
        self.assertEqual((r["state"], self.issued(old["serial"])["state"]), ("done", "revoked"))

    def test_M37_an_authority_that_is_asked_by_hand(self):
        self.served_by_others("mail")
        r = self.replace("mail", note="found in a backup")
        self.assertEqual((r["step"], r["waits_for"][:14]), ("answer", "the answer of "))
        self.assertEqual(self.replace("mail")["submission"], r["submission"], "it is sent once")
        csr = self.house.api("GET", "/requests/" + r["request"]).json["pem"]
        self.assertEqual(self.house.install(self.ca.sign(csr) + self.ca.inter, identity="mail").status, 201)
        r = self.replace("mail", in_use=True)
        self.assertEqual((r["step"], [c["revoked"] for c in r["certificates"]]), ("revoke", [False]))
        self.assertRegex(r["waits_for"], "Example TLS CA 1.* to be asked to revoke .* once the server of mail presents")
        r = self.replace("mail", in_use=True, told=True, status=200)
        self.assertEqual((r["state"], r["told_by"], [c["revoked"] for c in r["certificates"]]),
                         ("done", "local", [True]))
        self.assertTrue([e for e in self.events("key.replaced") if e["detail"].get("told_by") == "local"])

    def test_M37_a_crash_after_any_step_goes_on(self):
        old = self.served_by_house("crash", common_name="crash.example.com")
        self.house.api("POST", "/cas/house/policy", {})
        r = self.replace("crash", authority="public-dv")
        self.assertEqual(r["step"], "answer")
        self.house.stop(9)
        self.house.start()
        self.assertEqual(self.shown("crash"), r)
        self.house.api("POST", "/submissions/%s/withdraw" % r["submission"])
        self.assertEqual(self.shown("crash")["step"], "send")
        r = self.replace("crash", authority="house", in_use=True, status=200)
        self.assertEqual((r["state"], self.issued(old["serial"])["reason"]), ("done", "keyCompromise"))

    def test_nothing_is_lost_when_a_step_is_refused(self):
        self.served_by_house("stays", common_name="stays.example.com")
        a = self.house.api("POST", "/identities/stays/replacement", {"authority": "nowhere"})
        self.assertEqual(a.status, 404, a.text)
        r = self.shown("stays")
        self.assertEqual((r["state"], r["step"]), ("open", "send"))
        first = r["new_key"]
        self.assertEqual(self.replace("stays", authority="house")["new_key"], first)

    def test_what_cannot_be_replaced(self):
        self.identity("bare")
        self.refused(self.house.api("POST", "/identities/bare/replacement", {}), 409, "replace.nothing")
        self.refused(self.house.api("GET", "/identities/bare/replacement"), 404, "not-found")
        self.identity("other", "ec:P-256")
        key = self.house.api("GET", "/identities/other/key").json["id"]
        self.refused(self.house.api("POST", "/identities/bare/replacement", {"key": key}), 404, "not-found", "key")
        self.refused(self.house.api("POST", "/identities/other/replacement", {"note": "a\nb"}), 400, "text.control", "note")

    def test_two_at_once_begin_one(self):
        self.served_by_house("twice", common_name="twice.example.com")
        got = []
        threads = [threading.Thread(target=lambda: got.append(
            self.house.api("POST", "/identities/twice/replacement", {"authority": "public-dv"}))) for _ in range(4)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        begun = [e for e in self.events("key.replace") if e["object"] == "twice" and e["action"] == "key.replace" and
                 e["outcome"] == "done"]
        self.assertEqual(len(begun), 1, [a.text for a in got])

    def test_the_guide_step_by_step_without_scripts(self):
        old = self.served_by_house("guide", common_name="guide.example.com")
        b, at = self.signed_in(), "/settings/security/replace?identity=guide"
        page = b.go("GET", at)
        self.assertIn("Replace it at once", page.text)
        wrong = b.post(at, {"note": "x"}, page)
        self.assertIn("say that you understand", self.wrong(wrong, "understood").lower())
        page = b.post(at, {"note": "leaked", "understood": "true"}, page)
        for button, more in (("Make the request", {}), ("Send it", {"choice": "house:server", "days": "30"}),
                             ("Install", {})):
            self.assertRegex(page.text, r'<button type="submit">%s</button>' % button)
            self.assertEqual(page.text.count('aria-current="step"'), 1)
            self.assertEqual(self.issued(old["serial"])["state"], "issued")
            page = b.post(at, more, page)
        self.assertIn(">Revoke</button>", page.text)
        wrong = b.post(at, {}, page)
        self.assertIn("presents the new certificate", wrong.text)
        page = b.post(at, {"in_use": "true"}, page)
        self.assertIn("The key of guide was replaced", page.text)
        self.assertEqual(self.issued(old["serial"])["reason"], "keyCompromise")

    def test_command_line(self):
        old = self.served_by_house("line", common_name="line.example.com")
        r = self.house.cli("key", "replace", "--identity", "line", "--note", "leaked", "--type", "ec:P-384")
        self.assertEqual(r.returncode, 4, r.stderr)
        self.assertIn("the server of line to present the new certificate", r.stdout)
        self.assertIn(old["serial"], r.stdout)
        self.assertEqual(self.house.cli("key", "replace", "--identity", "line", "--show").returncode, 4)
        r = self.house.cli("key", "replace", "--identity", "line", "--in-use", "--json")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(self.house.api("GET", "/identities/line/key").json["type"], "ec:P-384")


if __name__ == "__main__":
    tap.main()
