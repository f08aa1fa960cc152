"""A requester's link: the sheet of one request, for who was given it."""

import glob
import html
import os
import re
import unittest

import tap
from ca import openssl
from case import Case
from house import SEAMS
from test_ca import CaCase


class Links:
    def make(self, submission, **more):
        a = self.house.api("POST", "/submissions/%s/link" % submission, more)
        self.assertEqual(a.status, 201, a.text)
        return a.json

    def path(self, link):
        return "/sheets/" + link["url"].split("/sheets/")[1]

    def open(self, link, more="", **headers):
        return self.house.request("GET", self.path(link) + more, headers=headers)

    def held(self):
        """A request that nobody has decided yet, and its id."""
        a = self.house.api("POST", "/authorities/public-ov/requests", {
            "csr": openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                           "/dev/null", "-subj", "/CN=mail.example.com").decode(), "note": "order 4711 for Ms. Kay"})
        self.assertEqual(a.status, 202, a.text)
        return a.json["id"]


class Link(Links, CaCase):
    def test_it_shows_the_sheet_of_that_request_and_nothing_of_the_house(self):
        mine, other = self.issue(), self.issue()
        link = self.make(mine["id"])
        self.assertRegex(link["url"], r"^https://[^/]+/sheets/[A-Za-z0-9_-]{43}$")
        a = self.open(link)
        self.assertEqual(a.status, 200, a.text)
        text = html.unescape(a.text)
        for word in ("www.example.com", "What became of each wish", mine["serial"], "granted",
                     "Download the certificate"):
            self.assertIn(word, text)
        for word in (other["serial"], other["id"], mine["id"], "local", "<form", "<script", "/requests"):
            self.assertNotIn(word, text)
        self.assertRegex(a.text, r'href="/static/portal\.css\?\w+"', "which version of it")
        self.assertEqual(set(re.findall(r'(?:href|src|action)="([^"#?]*)', a.text)),
                         {"/static/portal.css", "/static/icon.svg", "/static/icons.svg", self.path(link) + "/certificate"})
        pem = self.open(link, "/certificate")
        self.assertEqual((pem.status, pem.headers["Content-Disposition"]),
                         (200, 'attachment; filename="www.example.com.pem"'))
        self.assertTrue(pem.text.startswith(mine["certificate"]))
        self.assertEqual(pem.text.count("BEGIN CERTIFICATE"), 2, "with its issuer")

    def test_while_it_waits_no_note_and_no_person_is_told(self):
        id_ = self.held()
        link = self.make(id_)
        text = html.unescape(self.open(link).text)
        self.assertIn("Waits for its answer", text)
        for word in ("4711", "Kay", "local"):
            self.assertNotIn(word, text)
        self.assertEqual(self.open(link, "/certificate").status, 404)
        self.house.api("POST", "/submissions/%s/withdraw" % id_)
        self.assertIn("Withdrawn</span> on", self.open(link).text)

    def test_headers_keep_it_out_of_caches_indexes_and_other_sites(self):
        link = self.make(self.issue()["id"])
        for a in (self.open(link), self.open(link, "/certificate"), self.open({"url": "/sheets/" + "A" * 43})):
            self.assertEqual(a.headers["Referrer-Policy"], "no-referrer")
            self.assertIn("noindex", a.headers["X-Robots-Tag"])
            self.assertEqual(a.headers["Cache-Control"], "no-store")
            self.assertIsNone(a.headers["Set-Cookie"])
            self.assertNotIn("script-src", a.headers["Content-Security-Policy"])
            self.assertTrue(a.headers["Content-Security-Policy"].startswith("default-src 'none'"))

    def test_who_is_signed_in_sees_what_everybody_sees(self):
        link = self.make(self.issue()["id"])
        b = self.signed_in()
        page = b.go("GET", self.path(link))
        now = r"as it was on [^.]*"
        self.assertEqual(re.sub(now, "", page.text), re.sub(now, "", self.open(link).text))
        wrong = b.go("GET", "/sheets/" + "A" * 43)
        self.assertEqual(wrong.text, self.open({"url": "/sheets/" + "A" * 43}).text)

    def test_wrong_replaced_and_withdrawn_links_answer_alike(self):
        id_ = self.issue()["id"]
        first = self.make(id_)
        second = self.make(id_)
        alike = [self.open({"url": "/sheets/" + t}) for t in ("x", "A" * 43, "A" * 500, "%C3%A4")]
        alike.append(self.open(first))
        self.assertEqual(self.open(second).status, 200)
        a = self.house.api("POST", "/submissions/%s/link/withdraw" % id_)
        self.assertEqual((a.status, a.json), (200, {"id": id_}), a.text)
        alike += [self.open(second), self.open(second, "/certificate")]
        for a in alike:
            self.assertEqual((a.status, a.text), (404, alike[0].text))
            self.assertEqual([h for h in a.headers.items() if h[0] != "Date"],
                             [h for h in alike[0].headers.items() if h[0] != "Date"])
        self.assertIn("This link leads nowhere any more.", alike[0].text)
        self.refused(self.house.api("POST", "/submissions/%s/link/withdraw" % id_), 404, "not-found")

    def test_days_are_1_to_90(self):
        id_ = self.issue()["id"]
        for days in (0, -1, 91, "x", "1e9"):
            a = self.house.api("POST", "/submissions/%s/link" % id_, {"days": days})
            self.assertEqual((a.status, a.json["field"]), (400, "days"), a.text)
        self.refused(self.house.api("POST", "/submissions/%s/link" % id_, {"days": 91}), 400, "link.days", "days")
        self.refused(self.house.api("POST", "/submissions/%s/link" % ("0" * 26), {}), 404, "not-found")
        self.assertIsNone(self.house.api("GET", "/submissions/" + id_).json["link"])

    def test_P14_P30_only_its_hash_is_kept_and_no_record_has_it(self):
        id_ = self.issue()["id"]
        tokens = []
        for _ in range(2):
            link = self.make(id_, days=3)
            tokens.append(self.path(link).split("/")[-1])
            self.open(link)
            self.open(link, "/nothing")
            self.house.request("POST", self.path(link), "a=b", {"Origin": self.house.url})
        self.house.api("POST", "/submissions/%s/link/withdraw" % id_)
        self.assertEqual([(e["action"], e["object"], e["outcome"]) for e in self.events(id_)[:3]],
                         [("request.unlink", id_, "done"), ("request.link", id_, "done"),
                          ("request.link", id_, "done")])
        self.assertIn("expires", self.events(id_)[1]["detail"])
        said = self.house.errors() + self.house.api("GET", "/audit?limit=1000").text
        for token in tokens:
            self.assertNotIn(token, said)
            for name in glob.glob(os.path.join(self.house.data, "**"), recursive=True):
                if os.path.isfile(name):
                    with open(name, "rb") as f:
                        self.assertNotIn(token.encode(), f.read(), name)

    def test_an_idempotency_key_does_not_keep_it(self):
        id_ = self.issue()["id"]
        key = {"Idempotency-Key": "link-once"}
        a = self.house.api("POST", "/submissions/%s/link" % id_, {}, headers=key)
        self.assertEqual(a.status, 201, a.text)
        b = self.house.api("POST", "/submissions/%s/link" % id_, {}, headers=key)
        self.assertNotIn("url", b.json, b.text)
        self.assertEqual(self.open(a.json).status, 200, "the one that was made is good")

    def test_who_may_only_read_makes_none(self):
        id_ = self.issue()["id"]
        a = self.house.request("POST", "/api/v1/submissions/%s/link" % id_, json_body={})
        self.assertEqual(a.status, 401, a.text)

    def test_made_shown_once_and_withdrawn_in_the_portal(self):
        id_ = self.issue()["id"]
        b = self.signed_in()
        page = b.go("GET", "/requests/" + id_)
        self.assertIn("Link for the requester", page.text)
        page = b.post("/requests/%s/link" % id_, {"days": "30"}, page)
        url = re.search(r'id="link"[^>]*>(https://[^<]*)<', page.text).group(1)
        self.assertTrue(url.startswith(self.house.url + "/sheets/"), url)
        self.assertEqual(self.open({"url": url}).status, 200)
        page = b.go("GET", "/requests/" + id_)
        self.assertNotIn(url, page.text)
        self.assertIn("good until", page.text)
        wrong = b.post("/requests/%s/link" % id_, {"days": "91"}, page)
        self.assertIn("1 to 90 days", self.wrong(wrong, "days"))
        page = b.post("/requests/%s/link/withdraw" % id_, {}, page)
        self.assertNotIn("good until", page.text)
        self.assertEqual(self.open({"url": url}).status, 404)

    def test_command_line(self):
        id_ = self.issue()["id"]
        r = self.house.cli("request", "link", id_, "--days", "2")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertRegex(r.stdout, r"^https://[^/\s]+/sheets/[A-Za-z0-9_-]{43}\n$")
        self.assertEqual(self.open({"url": r.stdout.strip()}).status, 200)
        r = self.house.cli("request", "link", id_, "--withdraw")
        self.assertEqual((r.returncode, r.stdout), (0, "withdrawn: the link to %s\n" % id_), r.stderr)
        r = self.house.cli("request", "link", id_, "--withdraw")
        self.assertEqual(r.returncode, 8, r.stdout)
        self.assertEqual(self.house.cli("request", "link", id_, "--days", "91").returncode, 6)
        self.assertEqual(self.house.cli("request", "link", id_, "--days", "1", "--withdraw").returncode, 2)


@unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
class LinkEnds(Links, Case):
    def test_it_ends_by_itself(self):
        one, two = self.held(), self.held()
        short, default = self.make(one, days=1), self.make(two)
        self.addCleanup(self.house.at, 0)
        self.house.at(86400 + 60)
        self.assertEqual((self.open(short).status, self.open(default).status), (404, 200))
        self.assertEqual(self.open(short).text, self.open({"url": "/sheets/" + "A" * 43}).text)
        self.assertIsNone(self.house.api("GET", "/submissions/" + one).json["link"])
        self.house.at(14 * 86400 + 60)
        self.assertEqual(self.open(default).status, 404)


if __name__ == "__main__":
    tap.main()
