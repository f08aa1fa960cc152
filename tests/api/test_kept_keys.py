"""A key that is kept on purpose: a person says why, and it is on record."""

import html
import json

import tap
from ca import CA
from case import Case
from house import TOP

WHY = "DANE record 3 1 1 & clients that pin it"
APPROVAL = {"persons": 1, "reason": "people look at it first", "reference": "our own", "checked": "2026-11-26"}


class KeptKeys(Case):
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

    def kept(self, name, **fields):
        """A request from the key of a certificate that was installed."""
        self.identity(name, "ec:P-256")
        r = self.house.regenerate(name, common_name=name + ".example.com").json
        self.assertEqual((r["keeps_key"], r["key_note"]), (False, None))
        self.assertEqual(self.house.install(self.ca.sign(r["pem"]) + self.ca.inter, identity=name).status, 201)
        a = self.house.regenerate(name, common_name=name + ".example.com", **fields)
        self.assertEqual(a.status, 201, a.text)
        return a.json

    def submit(self, r, authority="house", **more):
        return self.house.api("POST", "/authorities/%s/requests" % authority, dict(more, csr=r["pem"]))

    def test_M16_a_kept_key_is_sent_only_with_its_reason(self):
        r = self.kept("kept")
        self.assertEqual((r["keeps_key"], r["key_note"]), (True, None))
        for authority in ("house", "private"):
            self.refused(self.submit(r, authority), 400, "key.kept", "keep_key")
            self.refused(self.submit(r, authority, keep_key=""), 400, "key.kept", "keep_key")
        self.assertEqual(self.house.api("GET", "/submissions").text.count(r["id"]), 0, "nothing was kept or signed")
        self.assertEqual(self.submit(r, keep_key=WHY).status, 201)
        self.assertEqual(self.submit(r, "private").status, 202, "said once it is said")

    def test_M16_the_reason_stands_on_request_sheet_and_audit(self):
        r = self.kept("early", keep_key=WHY)
        self.assertEqual(r["key_note"], WHY)
        for authority, action in (("house", "certificate.issue"), ("public-ov", "request.submit")):
            a = self.submit(r, authority)
            self.assertIn(a.status, (201, 202), a.text)
            self.assertIn("the key of the certificate before it is kept on purpose: " + WHY, a.json["notes"])
            one = self.house.api("GET", "/submissions/" + a.json["id"]).json
            self.assertIn("the key of the certificate before it is kept on purpose: " + WHY, one["sheet"]["notes"])
            self.assertEqual([e["detail"].get("keeps_key") for e in self.events(a.json["id"]) if e["action"] == action],
                             [WHY])
            link = self.house.api("POST", "/submissions/%s/link" % a.json["id"], {}).json["url"]
            page = self.house.request("GET", "/sheets/" + link.split("/sheets/")[1])
            self.assertIn("kept on purpose: " + WHY, html.unescape(page.text))
        self.assertEqual([e["detail"].get("keeps_key") for e in self.events("csr.regenerate")
                          if e["object"] == "early"], [WHY, None])

    def test_M16_a_later_reason_is_kept_with_the_request(self):
        r = self.kept("later")
        self.submit(r, keep_key=WHY)
        self.assertEqual(self.house.api("GET", "/requests/" + r["id"]).json["key_note"], WHY)

    def test_M16_a_held_request_keeps_its_reason(self):
        with open(TOP + "/share/authorities/private.json", encoding="utf-8") as f:
            card = json.load(f)
        held = dict(card, profiles=[dict(card["profiles"][0], approval=APPROVAL)] + card["profiles"][1:])
        a = self.house.api("POST", "/cas/house/policy", held)
        self.assertEqual(a.status, 200, a.text)
        self.addCleanup(self.house.api, "POST", "/cas/house/policy", card)
        a = self.submit(self.kept("held"), keep_key=WHY)
        self.assertEqual((a.status, a.json["verdict"]), (202, "hold"), a.text)
        a = self.house.api("POST", "/submissions/%s/approve" % a.json["id"], {})
        self.assertEqual(a.status, 201, a.text)
        self.assertIn("kept on purpose: " + WHY, " ".join(a.json["notes"]))

    def test_a_new_key_needs_none_and_an_older_request_was_no_renewal(self):
        self.kept("rotate")
        first = self.house.api("GET", "/identities/rotate/requests").json["requests"][-1]
        pem = self.house.api("GET", "/requests/" + first["id"]).json["pem"]
        self.assertEqual(self.submit({"pem": pem}).status, 201, "it was made when the key was new")
        self.house.api("POST", "/identities/rotate/keys", {"type": "ec:P-256"})
        r = self.house.regenerate("rotate", keep_key="not true").json
        self.assertEqual((r["keeps_key"], r["key_note"]), (False, None))
        self.assertEqual(self.submit(r).status, 201)

    def test_the_reason_is_clean_text_and_short(self):
        r = self.kept("clean")
        for why in ("x" * 201, "a\u202eb", "a\nb"):
            a = self.submit(r, keep_key=why)
            self.assertEqual((a.status, a.json["field"]), (400, "keep_key"), a.text)
            a = self.house.regenerate("clean", keep_key=why)
            self.assertEqual((a.status, a.json["field"]), (400, "keep_key"), a.text)

    def test_each_of_a_batch_says_it_for_itself(self):
        r = self.kept("batch")
        one = {"authority": "house", "csr": r["pem"]}
        a = self.house.api("POST", "/submissions", {"requests": [one, dict(one, keep_key=WHY)]})
        self.assertEqual([e["status"] for e in a.json["results"]], [400, 201], a.text)

    def test_in_the_portal_it_is_asked_where_the_request_is_sent(self):
        r = self.kept("page")
        b = self.signed_in()
        page = b.go("GET", "/settings/security/csr?identity=page&request=%s&authority=house:server" % r["id"])
        self.assertEqual(page.text.count('name="keep_key"'), 2)
        self.assertIn("nobody said why yet", page.text)
        send = {"choice": "house:server", "request": r["id"]}
        wrong = b.post("/settings/security/csr/send?identity=page", send, page)
        self.assertIn("nobody said why", self.wrong(wrong, "keep_key"))
        page = b.post("/settings/security/csr/send?identity=page", dict(send, keep_key=WHY), page)
        self.assertIn("kept on purpose: " + html.escape(WHY), page.text)

    def test_command_line(self):
        r = self.kept("line")
        a = self.house.cli("request", "submit", "--identity", "line", "--authority", "house")
        self.assertEqual(a.returncode, 6, a.stdout)
        self.assertIn("--keep-key", a.stderr)
        a = self.house.cli("request", "submit", "--identity", "line", "--authority", "house", "--keep-key", WHY)
        self.assertIn(a.returncode, (0, 3), a.stderr)
        a = self.house.cli("csr", "regenerate", "--identity", "line", "--keep-key", "pinned")
        self.assertIn("pinned", a.stdout)
        self.assertNotEqual(r["id"], "")


if __name__ == "__main__":
    tap.main()
