"""Authorities: cards, and what each would make of a request."""

import json
import os
import shutil
import tempfile

import tap
from ca import openssl
from case import Case
from house import House

CARDS = ["adcs-webserver", "letsencrypt", "private", "public-dv", "public-ov"]
PAGE = "/settings/security/csr"


class Base(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.house.api("POST", "/identities/portal/keys", {"type": "ec:P-256"})
        cls.pem = cls.house.regenerate().json["pem"]

    def preview(self, authority="letsencrypt", **more):
        return self.house.api("POST", "/csr/preview", dict(more, csr=self.pem, authority=authority))

    def by_item(self, sheet):
        return {d["item"]: d for d in sheet["dispositions"]}


class Cards(Base):
    def test_the_authorities_of_the_product_are_listed(self):
        a = self.house.api("GET", "/authorities")
        self.assertEqual(a.status, 200, a.text)
        self.assertEqual([x["name"] for x in a.json["authorities"]], CARDS)
        self.assertEqual({x["origin"] for x in a.json["authorities"]}, {"product"})

    def test_each_fact_of_a_card_has_its_source_and_its_day(self):
        for name in CARDS:
            a = self.house.api("GET", "/authorities/" + name)
            self.assertEqual(a.status, 200, a.text)
            for p in a.json["profiles"]:
                for f in p["grants"] + p["adds"] + [p["keys"], p["life"]]:
                    self.assertTrue(f["reason"] and f["reference"], f)
                    self.assertRegex(f["checked"], r"^\d{4}-\d\d-\d\d$")

    def test_V35_an_authority_that_is_ordered_from_says_which_format_to_choose(self):
        for name in CARDS:
            order = self.house.api("GET", "/authorities/" + name).json.get("order")
            self.assertEqual(order is None, name == "private", "ours asks nobody")
            if order:
                self.assertTrue(order["format"] and order["reason"] and order["reference"], order)
        r = self.house.cli("authority", "show", "public-ov")
        self.assertRegex(r.stdout, r"When ordering: +server type Apache")

    def test_public_authorities_show_the_rules_that_bind_them_and_will(self):
        rules = self.house.api("GET", "/authorities/public-dv").json["rules"]
        self.assertTrue(all(r["set_by"] and r["reference"] and r["sentence"] for r in rules))
        life = [(r["from"], r["in_force"]) for r in rules if r["rule"] == "public.life"]
        self.assertIn(("2029-03-15", False), life)
        self.assertEqual(self.house.api("GET", "/authorities/private").json["rules"], [])

    def test_an_unknown_authority_is_not_found(self):
        a = self.house.api("GET", "/authorities/nobody")
        self.assertEqual((a.status, a.json["id"]), (404, "authority.unknown"), a.text)

    def test_a_card_is_checked_and_not_kept(self):
        with open(os.path.join(os.path.dirname(__file__), "../../share/authorities/private.json")) as f:
            card = json.load(f)
        card["id"] = "ours"
        a = self.house.api("POST", "/authorities/check", card)
        self.assertEqual((a.status, a.json["name"]), (200, "ours"), a.text)
        self.assertEqual(self.house.api("GET", "/authorities/ours").status, 404)
        card["profiles"][0]["keys"]["allow"] = ["rot13"]
        a = self.house.api("POST", "/authorities/check", card)
        self.assertEqual((a.status, a.json["id"]), (400, "authority.card"), a.text)
        self.assertIn("server keys", a.json["detail"])

    def test_a_site_adds_its_cards_and_a_wrong_one_is_passed_over_by_name(self):
        base = tempfile.mkdtemp(prefix="cw-cards-")
        self.addCleanup(shutil.rmtree, base)
        os.chmod(base, 0o755)
        data = os.path.join(base, "data")
        os.makedirs(data + "/authorities", mode=0o755)
        source = os.path.join(os.path.dirname(__file__), "../../share/authorities/private.json")
        with open(source) as f:
            card = json.load(f)
        for name, change in (("ours", {"id": "ours"}), ("letsencrypt", {"id": "letsencrypt"}),
                             ("wrong", {"validation": "perhaps"})):
            with open("%s/authorities/%s.json" % (data, name), "w") as f:
                json.dump(dict(card, **change), f)
        with House(data=data) as house:
            listed = {a["name"]: a["origin"] for a in house.api("GET", "/authorities").json["authorities"]}
            self.assertEqual(listed["ours"], "site")
            self.assertEqual(listed["letsencrypt"], "site", "the site's own takes its place")
            self.assertEqual(listed["private"], "product")
            self.assertIn("authorities/wrong.json is passed over: the card is wrong at validation",
                          house.errors())


class Previews(Base):
    def test_M1_asked_this_CA_and_why(self):
        a = self.preview(days="365")
        self.assertEqual((a.status, a.json["verdict"]), (200, "amend"), a.text)
        self.assertEqual((a.json["authority"], a.json["profile"]), ("letsencrypt", "classic"))
        got = self.by_item(a.json)
        self.assertEqual(got["subject.OU"]["outcome"], "dropped")
        self.assertEqual(got["subject.OU"]["set_by"], "CA/Browser Forum")
        self.assertEqual((got["validity.days"]["asked"], got["validity.days"]["granted"]), ("365", "90"))
        for d in a.json["dispositions"]:
            self.assertEqual(set(d), {"item", "asked", "granted", "outcome", "weight", "rule", "reason",
                                      "reference", "set_by"})
            self.assertIsNone(d["weight"])
            if d["outcome"] != "granted":
                self.assertTrue(d["rule"] and d["reason"] and d["reference"] and d["set_by"], d)

    def test_V18_a_private_authority_grants_all(self):
        a = self.preview("private")
        self.assertEqual(a.json["verdict"], "issue")
        self.assertEqual({d["outcome"] for d in a.json["dispositions"] if d["asked"]}, {"granted"})

    def test_M10_the_life_by_date(self):
        for day, days in (("2026-03-14", "365"), ("2026-03-15", "200"), ("2027-03-15", "100"),
                          ("2029-03-15", "47")):
            a = self.preview("public-ov", days="365", date=day)
            self.assertEqual(self.by_item(a.json)["validity.days"]["granted"], days, day)
            self.assertEqual(a.json["date"], day)

    def test_the_CSR_alone_may_be_the_body(self):
        der = openssl("req", "-outform", "DER", stdin=self.pem.encode())
        for body in (self.pem.encode(), der):
            a = self.house.request("POST", "/api/v1/csr/preview?authority=private&days=30", body,
                                   {"Content-Type": "application/pkcs10"}, unix=True)
            self.assertEqual((a.status, a.json["verdict"]), (200, "issue"), a.text)
            self.assertEqual(self.by_item(a.json)["validity.days"]["asked"], "30")

    def test_the_same_CSR_and_day_give_the_same_bytes(self):
        self.assertEqual(self.preview(date="2026-12-01").text, self.preview(date="2026-12-01").text)

    def test_it_changes_nothing(self):
        def state():
            return [self.house.api("GET", p).text for p in (
                "/identities/portal/requests", "/identities/portal", "/audit")]
        before = state()
        self.preview()
        self.assertEqual(state(), before)

    def test_what_cannot_be_previewed_says_why_at_its_field(self):
        for sent, status, refusal, field in (
                ({"authority": "nobody"}, 404, "authority.unknown", "authority"),
                ({"profile": "nothing"}, 404, "authority.profile.unknown", "profile"),
                ({"days": "0"}, 400, "preview.days", "days"),
                ({"days": "soon"}, 400, "field.number", "days"),
                ({"days": "99999999"}, 400, "preview.days", "days"),
                ({"date": "2026-02-30"}, 400, "preview.date", "date"),
                ({"date": "tomorrow"}, 400, "preview.date", "date")):
            a = self.preview(**dict({"authority": "letsencrypt"}, **sent))
            self.assertEqual((a.status, a.json["id"], a.json["field"]), (status, refusal, field), a.text)
        a = self.house.api("POST", "/csr/preview", {"csr": self.pem})
        self.assertEqual((a.status, a.json["field"]), (400, "authority"), a.text)
        a = self.house.api("POST", "/csr/preview", {"csr": "nothing", "authority": "private"})
        self.assertEqual((a.status, a.json["id"]), (400, "csr.none"), a.text)


class Portal(Base):
    def test_V12_the_page_says_for_each_field_what_becomes_of_it(self):
        page = self.signed_in().get(PAGE + "?authority=letsencrypt%3Aclassic&days=365")
        self.assertEqual(page.status, 200)
        self.assertIn("This CA leaves it out: no organization unit since 1 Sep 2022", page.text)
        self.assertIn("This CA takes it over.", page.text)
        self.assertIn("What Let&#39;s Encrypt will make of it", page.text.replace("&#x27;", "&#39;"))
        self.assertIn("It will be issued, but not as asked.", page.text)
        self.assertIn("90 days", page.text)

    def test_without_a_request_the_fields_still_say_it(self):
        self.house.api("POST", "/identities", {"name": "fresh"})
        page = self.signed_in().get(PAGE + "?identity=fresh&authority=public-ov%3Aserver")
        self.assertIn("This CA leaves it out: no organization unit since 1 Sep 2022", page.text)
        self.assertNotIn("will make of it</h2>", page.text)

    def test_the_cards_are_pages(self):
        b = self.signed_in()
        self.assertIn("/settings/security/authorities/adcs-webserver",
                      b.get("/settings/security/authorities").text)
        page = b.get("/settings/security/authorities/letsencrypt")
        self.assertIn("Profile shortlived", page.text)
        self.assertIn("At most 47 days since 15 Mar 2029.", page.text)


class CommandLine(Base):
    def cli(self, *args, **more):
        return self.house.cli(*args, **more)

    def test_exit_codes_say_the_verdict(self):
        p521 = openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-521", "-nodes",
                       "-keyout", "/dev/null", "-subj", "/CN=a.example.com").decode()
        for args, stdin, code in ((("--authority", "private"), None, 0),
                                  (("--authority", "letsencrypt"), None, 3),
                                  (("-", "--authority", "letsencrypt"), p521, 5),
                                  (("--authority", "nobody"), None, 8),
                                  (("--authority", "private", "--date", "soon"), None, 6), ((), None, 2)):
            r = self.cli("csr", "preview", *args, stdin=stdin)
            self.assertEqual(r.returncode, code, (args, r.stdout, r.stderr))

    def test_json_is_the_envelope(self):
        r = self.cli("csr", "preview", "--authority", "public-dv", "--days", "365", "--date", "2029-03-15",
                     json_out=True)
        sheet = json.loads(r.stdout)
        self.assertEqual((r.returncode, sheet["verdict"]), (3, "amend"), r.stderr)
        self.assertEqual(self.by_item(sheet)["validity.days"]["granted"], "47")

    def test_authorities_are_listed_shown_and_checked(self):
        self.assertIn("letsencrypt", self.cli("authority", "list").stdout)
        r = self.cli("authority", "show", "letsencrypt")
        self.assertIn("shortlived", r.stdout)
        self.assertIn("subject.*", r.stdout)
        card = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../share/authorities/public-dv.json")
        self.assertEqual(self.cli("authority", "check", card).returncode, 0)
        r = self.cli("authority", "check", "-", stdin="{}")
        self.assertEqual(r.returncode, 6, r.stdout)
        self.assertIn("the card is wrong at the top", r.stderr)


if __name__ == "__main__":
    tap.main()
