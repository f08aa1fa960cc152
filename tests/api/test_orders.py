"""An order of a year is several certificates: its number is kept, and Attention
says that the reissue is free."""

import time
import unittest

import tap
from ca import CA
from case import Case
from house import SEAMS

DAY = 86400


def day(days):
    return time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * DAY))


class Orders(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ca = CA()

    @classmethod
    def tearDownClass(cls):
        cls.ca.close()
        super().tearDownClass()

    def request(self, name, make=True):
        if make:
            self.identity(name, "ec:P-256")
        return self.house.regenerate(name, common_name=name + ".example.com").json

    def submit(self, r, authority="public-ov", **more):
        return self.house.api("POST", "/authorities/%s/requests" % authority, dict(more, csr=r["pem"]))

    def one(self, answer):
        self.assertEqual(answer.status, 202, answer.text)
        return self.house.api("GET", "/submissions/" + answer.json["id"]).json

    def test_M12_the_order_is_kept_and_the_sheet_says_how_many_it_takes(self):
        s = self.one(self.submit(self.request("kept"), days=365, order="4711-A", order_until=day(365)))
        self.assertEqual((s["order"], s["order_until"]), ("4711-A", day(365)))
        notes = [n for n in s["sheet"]["notes"] if n.startswith("the order runs until")]
        self.assertEqual(len(notes), 1, s["sheet"]["notes"])
        self.assertIn("it takes 2 certificates, each a reissue that is free", notes[0])
        link = self.house.api("POST", "/submissions/%s/link" % s["id"], {}).json["url"]
        guest = self.house.request("GET", "/sheets/" + link.split("/sheets/")[1]).text
        self.assertIn("The order runs until", guest)
        self.assertNotIn("4711", guest)
        self.assertTrue([e for e in self.events(s["id"]) if e["detail"].get("order") == "4711-A"])

    def test_M12_the_next_request_there_carries_it_on(self):
        r = self.request("carried")
        self.one(self.submit(r, order="4712", order_until=day(300)))
        again = self.request("carried", make=False)
        s = self.one(self.submit(again))
        self.assertEqual((s["order"], s["order_until"]), ("4712", day(300)))
        self.assertIsNone(self.one(self.submit(again, "public-dv"))["order"], "another authority")
        self.assertIsNone(self.one(self.submit(self.request("stranger")))["order"], "another identity")
        s = self.one(self.submit(again, order="4713", order_until=day(100)))
        self.assertEqual(s["order"], "4713")
        self.assertIsNone(self.one(self.submit(again, order=""))["order"], "none is asked for")

    @unittest.skipUnless(SEAMS, "the clock is moved in test builds only")
    def test_M12_when_it_is_due_the_free_reissue_is_reminded_of(self):
        r = self.request("due")
        self.submit(r, "private", order="4714", order_until=day(365))
        self.assertEqual(self.house.install(self.ca.sign(r["pem"]) + self.ca.inter, identity="due").status, 201)
        self.addCleanup(self.house.at, 0)

        def said(days):
            self.house.at(days * DAY)
            return " ".join(a["message"] for a in self.house.api("GET", "/components").json["attention"]
                            if a["identity"] == "due")

        self.assertNotIn("4714", said(1))
        due = said(80)
        self.assertIn("Order 4714 with", due)
        self.assertIn("the reissue is free.", due)
        self.assertIn("4714", said(100), "expired")
        self.assertNotIn("4714", said(367), "the order has ended, too")

    def test_what_is_no_order_is_refused_at_its_field(self):
        r = self.request("wrong")
        for more, refusal, field in (({"order": "1", "order_until": "soon"}, "order.date", "order_until"),
                                     ({"order": "1", "order_until": day(-2)}, "order.date", "order_until"),
                                     ({"order_until": day(9)}, "field.required", "order"),
                                     ({"order": "a\nb"}, "text.control", "order")):
            self.refused(self.submit(r, **more), 400, refusal, field)
        a = self.submit(r, order="x" * 65)
        self.assertEqual((a.status, a.json["field"]), (400, "order"), a.text)
        self.assertEqual(self.one(self.submit(r, order="only a number"))["order_until"], None)

    def test_in_the_portal_the_order_that_runs_stands_in_the_form(self):
        r = self.request("page")
        b, at = self.signed_in(), "/settings/security/csr?identity=page&authority=public-ov:server"
        page = b.go("GET", at)
        self.assertIn('name="order" value=""', page.text)
        page = b.post("/settings/security/csr/send?identity=page", {
            "choice": "public-ov:server", "request": r["id"], "order": "4715", "order_until": day(200)}, page)
        self.assertIn("Order 4715, until " + day(200), page.text)
        self.assertIn("Order 4715, until " + day(200), b.go("GET", "/requests").text)
        page = b.go("GET", at)
        self.assertIn('name="order" value="4715"', page.text)
        self.assertIn('name="order_until" value="%s"' % day(200), page.text)

    def test_command_line(self):
        self.request("line")
        a = self.house.cli("request", "submit", "--identity", "line", "--authority", "public-ov", "--order", "4716",
                           "--order-until", day(300))
        self.assertEqual(a.returncode, 4, a.stderr)
        self.assertIn("the order runs until", a.stdout.lower())
        a = self.house.cli("request", "submit", "--identity", "line", "--authority", "public-ov", "--order-until", "x",
                           "--order", "1")
        self.assertEqual(a.returncode, 6, a.stdout)
        self.assertIn("--order-until", a.stderr)


if __name__ == "__main__":
    tap.main()
